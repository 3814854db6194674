"""From names on any page to the pages of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.template import Context

from predictions.catalogue.finding import signals_named
from predictions.catalogue.models import Signal
from training.accounts.public import is_open

register = template.Library()


@register.simple_tag(takes_context=True)
def with_signals(context: Context, named: Iterable[Any]) -> list[tuple[Any, Signal | None]]:
    """Each of what has a ``name``, with the catalogue's signal of that name; without one for who
    may not open its page."""
    rows, request = list(named), context.get("request")
    may_read = request and (request.user.is_authenticated or is_open(request.method))
    found = signals_named([row.name for row in rows]) if may_read else {}
    return [(row, found.get(row.name)) for row in rows]
