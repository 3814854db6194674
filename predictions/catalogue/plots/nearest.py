"""Which signal of a list stands nearest to a place of its map."""

from __future__ import annotations

from math import hypot, log10
from typing import Final

from django import forms

from predictions.catalogue.lists import SignalListForm
from predictions.catalogue.models import Signal
from training.figures import rounded_text

REACHES: Final = (0.02, 0.1, 0.5, 10.0)
"""Dex around the place: the map is searched no further than it has to be."""


def _above_zero() -> forms.FloatField:
    return forms.FloatField(required=False, min_value=1e-6, max_value=1e9)


class PlaceForm(forms.Form):
    """What is no place of a map is its middle."""

    period, radius = _above_zero(), _above_zero()

    @property
    def place(self) -> tuple[float, float]:
        self.is_valid()
        given = self.cleaned_data
        return given.get("period") or 10.0, given.get("radius") or 4.0


def nearest_of(form: SignalListForm, period: float, radius: float) -> Signal | None:
    """Of all that fits the list's other filters, by the logarithms of period and radius."""
    found = form.found_anywhere().exclude(map_cell=None)
    x, y = log10(period), log10(radius)
    for reach in REACHES:
        around = found.filter(
            period__range=(10 ** (x - reach), 10 ** (x + reach)),
            radius__range=(10 ** (y - reach), 10 ** (y + reach)),
        )
        apart = [
            (hypot(log10(period_) - x, log10(radius_) - y), pk)
            for pk, period_, radius_ in around.values_list("pk", "period", "radius")
            if period_ and radius_
        ]
        # What is farther than the box is wide may have a nearer one outside it.
        if apart and (min(apart)[0] <= reach or reach == REACHES[-1]):
            return Signal.objects.defer("inputs").get(pk=min(apart)[1])
    return None


def nearest_json(signal: Signal | None) -> dict[str, str]:
    if signal is None:
        return {"words": "No signal of this list has a place on the map.", "address": ""}
    said = signal.disposition or "no disposition"
    values = [(signal.period, "days"), (signal.radius, "Earth radii")]
    numbers = ", ".join(rounded_text(value, unit) for value, unit in values if value)
    return {
        "words": f"{signal.name}: {said}, {numbers}",
        "address": signal.get_absolute_url(),
    }
