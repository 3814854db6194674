"""The button by which a page of the catalogue is watched."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from predictions.catalogue.models import Signal, Star
from predictions.watching.models import Watch
from predictions.watching.services import list_query

register = template.Library()


@register.inclusion_tag("predictions/watching/button.html", takes_context=True)
def watch_button(
    context: Context, signal: Signal | None = None, star: Star | None = None
) -> dict[str, Any]:
    """Of a signal, a star, or else of the list that the address asks for; nothing for who is not
    signed in."""
    request = context["request"]
    if not request.user.is_authenticated:
        return {}
    shown = {"here": request.get_full_path(), "csrf_token": context.get("csrf_token")}
    of = signal or star
    if of is None:
        return shown | {"kind": "list", "query": list_query(request.GET.urlencode())}
    mine = Watch.objects.filter(owner=request.user, signal=signal, star=star)
    kind, watch = "signal" if signal else "star", mine.only("pk").first()
    return shown | {"kind": kind, "slug": of.slug, "watch": watch}
