"""Where the rows of a batch lead to the light that they were measured on."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from predictions.batches.models import Batch


@dataclass(frozen=True)
class RowLight:
    """``vetoes``: how many things in the light speak against a planet."""

    address: str
    vetoes: int


def lights_of(batch: Batch) -> dict[int, RowLight]:
    """By row, where the table was measured on the site and the light is still there."""
    folder = getattr(batch, "curve_folder", None)
    if folder is None:
        return {}
    there = {str(key) for key in folder.searches.values_list("pk", flat=True)}
    return {
        row: RowLight(f"{reverse('curve_detail', args=[search])}?signal={order}", vetoes)
        for row, (search, order, vetoes) in enumerate(folder.rows, 1)
        if search in there
    }
