"""The words that stand on each page that shows signals of a simulated catalogue."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from predictions.catalogue.models import CatalogueTable

register = template.Library()


@register.inclusion_tag("predictions/catalogue/simulated.html", takes_context=True)
def simulated_notice(context: Context, made_up: bool | None = None) -> dict[str, Any]:
    """``made_up``: whether what the page shows is; asked of the catalogue where it is not given."""
    if made_up is None:
        made_up = CatalogueTable.objects.simulated().exists()
    return {"is_simulated": made_up, "user": context.get("user")}
