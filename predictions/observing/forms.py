"""For which place and night, and which signals."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django import forms
from django.http import QueryDict

from predictions.observing.observatories import OBSERVATORIES
from training.ml.sky.night import Place

TWILIGHTS: Final = (
    ("-12", "−12° (bright stars)"),
    ("-15", "−15°"),
    ("-18", "−18° (faint stars)"),
)
SORTS: Final = (
    ("-open_score", "open score"),
    ("mid", "time"),
    ("magnitude", "brightness"),
    ("-depth", "depth"),
    ("-altitude", "altitude"),
)
_HERE: Final = "Choose an observatory, or give latitude and longitude."


def _number(label: str, low: float, high: float) -> forms.FloatField:
    """In its field's own words where it is out of range, so that one can mend it."""
    said = f"{label} is between {low:g} and {high:g}."
    return forms.FloatField(
        label=label,
        required=False,
        min_value=low,
        max_value=high,
        error_messages={"min_value": said, "max_value": said, "invalid": f"{said} Give a number."},
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )


class NightForm(forms.Form):
    """Read from the address; what is not given has a usual value."""

    observatory = forms.ChoiceField(
        required=False,
        choices=[
            ("", "coordinates"),
            *sorted(((key, name) for key, (name, _) in OBSERVATORIES.items()), key=lambda o: o[1]),
        ],
    )
    latitude = _number("Latitude [° north]", -90, 90)
    longitude = _number("Longitude [° east]", -180, 360)
    day = forms.DateField(
        label="Evening of",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "Give the day as in 2026-12-01."},
    )
    twilight = forms.ChoiceField(label="Sun below", required=False, choices=TWILIGHTS)
    lowest = _number("Altitude from [°]", 0, 89)
    share = _number("Observable from [%]", 0, 100)
    magnitude = _number("Magnitude up to", -2, 30)
    score = _number("Open score from", 0, 1)
    error = _number("Uncertain by up to [h]", 0, 1000)
    sort = forms.ChoiceField(label="Best first by", required=False, choices=SORTS)

    USUAL: Final = {
        "observatory": "la-silla",
        "twilight": "-15",
        "lowest": "30",
        "share": "50",
        "score": "0.5",
        "error": "1",
        "sort": "-open_score",
    }

    def __init__(self, data: QueryDict, today: date) -> None:
        usual = dict(self.USUAL)
        if data.get("latitude") or data.get("longitude"):
            del usual["observatory"]
        filled = data.copy()
        for name, value in {**usual, "day": today.isoformat()}.items():
            if name not in filled:
                filled[name] = value
        super().__init__(filled)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        missing = [name for name in ("latitude", "longitude") if given.get(name) is None]
        if not given.get("observatory") and missing and not self.errors:
            raise forms.ValidationError(_HERE)
        day = given.get("day")
        if day and not 1950 <= day.year <= 2100:
            self.add_error("day", "Ephemerides and the Moon are good from 1950 to 2100.")
        return given

    @property
    def place(self) -> Place:
        chosen = self.cleaned_data["observatory"]
        if chosen:
            return OBSERVATORIES[chosen][1]
        return Place(self.cleaned_data["latitude"], self.cleaned_data["longitude"])

    @property
    def place_name(self) -> str:
        chosen = self.cleaned_data["observatory"]
        if chosen:
            return OBSERVATORIES[chosen][0]
        return f"{self.place.latitude:g}°, {self.place.longitude:g}°"
