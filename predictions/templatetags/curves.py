"""What a page of the catalogue tells of light curves that its reader has searched."""

from __future__ import annotations

from typing import Any, Final

from django import template
from django.template import Context

from predictions.catalogue.models import Star
from predictions.curves.models import CurveSearch
from predictions.curves.pages import SignalPage, signals_of

register = template.Library()
_SHOWN: Final = 10


@register.inclusion_tag("predictions/curves/of_star.html", takes_context=True)
def own_light(context: Context, star: Star | None) -> dict[str, Any]:
    """What one has measured in light curves of this star, the newest first."""
    request = context["request"]
    if star is None or not request.user.is_authenticated:
        return {}
    names = star.names.values("name")
    searches = CurveSearch.objects.owned_by(request.user).filter(
        name__in=names, status=CurveSearch.Status.SUCCEEDED
    )
    found: list[SignalPage] = []
    for search in searches.select_related("model_version").defer("plots", "glanced")[:_SHOWN]:
        found += signals_of(search)
    return {"measured": found}
