"""What people say about light curves: files, the star, and how to read what does not say itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat

from predictions.curves.asking import STAR_FACTS, Asked
from predictions.curves.known_stars import NEEDED
from predictions.signals.names import text_problem
from training.datasets.uploads import was_too_large
from training.ml.curves.glance import TIME_UNITS
from training.ml.curves.read import MAX_FILES, Reading
from training.ml.numbers import short_unit
from training.ml.schema import FEATURE_BY_NAME, Mission
from training.ml.sky.place import PLACE_INPUTS

MOST_ZERO: Final = 3e6  # a Julian date of the far future
ZEROS: Final = (
    ("", "not known"),
    ("2457000", "BTJD, as TESS: JD 2,457,000"),
    ("2454833", "BKJD, as Kepler and K2: JD 2,454,833"),
    ("0", "Julian dates in full"),
    ("2400000.5", "MJD: JD 2,400,000.5"),
)
_FEATURES: Final = {
    "teff": FEATURE_BY_NAME["stellar_teff"],
    "radius": FEATURE_BY_NAME["stellar_radius"],
    "logg": FEATURE_BY_NAME["stellar_logg"],
    "metallicity": FEATURE_BY_NAME["stellar_metallicity"],
    "magnitude": FEATURE_BY_NAME["stellar_magnitude"],
}
_PLACES: Final = {feature.name: feature for feature in PLACE_INPUTS if feature.name != "epoch"}


def too_large_sentence() -> str:
    limit = filesizeformat(settings.CURVE_MAX_BYTES)
    return f"These files are larger than {limit} together. Compress them with gzip, or give fewer."


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, as a list."""

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        single = super().clean
        given = data if isinstance(data, (list, tuple)) else [data]
        return [single(one, initial) for one in given or [None]]


class CurveUploadForm(forms.Form):
    file = FilesField(
        label="Light curves of one star",
        help_text=(
            f"1 to {MAX_FILES} files: FITS as MAST gives it (Kepler, TESS, TESS-SPOC, QLP; for K2"
            " the K2SFF, K2SC or EVEREST product), or a table of time and flux as CSV, ECSV or"
            " VOTable; packed or not."
        ),
        widget=FilesInput(attrs={"class": "drop", "multiple": True}),
        error_messages={
            "required": "Choose at least one file first.",
            "empty": "One of the files is empty.",
        },
    )

    def __init__(self, *args: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if was_too_large(request):
            self.fields["file"].error_messages["required"] = too_large_sentence()

    @property
    def uploads(self) -> list[UploadedFile[bytes]]:
        files: list[UploadedFile[bytes]] = self.cleaned_data["file"]
        return files


class NumberField(forms.FloatField):
    """A quantity with its unit, within what is possible."""

    def __init__(self, label: str, unit: str, low: float, high: float, why: str = "") -> None:
        self.unit = short_unit(unit)
        width = "unit-short" if len(self.unit) < 5 else "unit-medium"
        super().__init__(
            label=label,
            required=False,
            help_text=why,
            min_value=low,
            max_value=high,
            widget=forms.TextInput(
                attrs={"inputmode": "decimal", "autocomplete": "off"}
                | ({"class": width} if self.unit else {})
            ),
            error_messages={
                bound: f"{label} must lie between {low:g} and {high:g}{f' {unit}' if unit else ''}."
                for bound in ("min_value", "max_value")
            },
        )


def _quantity(name: str, why: str = "") -> NumberField:
    feature = _FEATURES.get(name) or _PLACES[name]
    return NumberField(feature.label, feature.unit, feature.low, feature.high, why)


class StarForm(forms.Form):
    """The star. What is left empty is taken from the files, where they say it."""

    name = forms.CharField(
        label="Name",
        required=False,
        max_length=100,
        help_text="Such as TIC 307210830. It tells whether the classifier has learnt from it.",
    )
    mission = forms.ChoiceField(
        label="Mission",
        required=False,
        choices=[("", "not known"), *((str(m), str(m)) for m in Mission)],
    )
    teff = _quantity("teff", "Needed for a verdict.")
    radius = _quantity("radius", "Needed for a verdict.")
    logg = _quantity("logg")
    metallicity = _quantity("metallicity")
    magnitude = _quantity("magnitude", "In the band of the mission.")
    ra = _quantity("ra")
    dec = _quantity("dec")

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        if problem := text_problem("identifier", name):
            raise forms.ValidationError(problem)
        return name

    @property
    def mission_chosen(self) -> Mission | None:
        return Mission(self.cleaned_data["mission"]) if self.cleaned_data["mission"] else None

    @property
    def facts(self) -> dict[str, Any]:
        """What was given."""
        given = {name: self.cleaned_data.get(name) for name in STAR_FACTS}
        return {name: value for name, value in given.items() if value not in (None, "")}

    def star_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("name", "mission", *NEEDED)]

    def more_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("logg", "metallicity", "magnitude", "ra", "dec")]


class AskedForm(StarForm):
    """The star, and how its files are read."""

    time_column = forms.CharField(label="Column of the time", required=False, max_length=200)
    flux_column = forms.CharField(label="Column of the flux", required=False, max_length=200)
    time_unit = forms.ChoiceField(
        label="Unit of the time",
        required=False,
        choices=[("", "days, or as the file states"), *((unit, unit) for unit in TIME_UNITS)],
    )
    time_zero = forms.FloatField(
        label="Times count from",
        required=False,
        min_value=0,
        max_value=MOST_ZERO,
        help_text="Without it the search works, and the epoch stays in the file's own time.",
        widget=forms.Select(choices=ZEROS),
    )

    def __init__(self, *args: Any, columns: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if columns:
            choices = [("", "recognise it"), *((name, name) for name in columns)]
            for name in ("time_column", "flux_column"):
                self.fields[name].widget = forms.Select(choices=choices)

    def asked(self, known: Mapping[str, Any] | None = None) -> Asked:
        """``known``: what the catalogue says of the star."""
        given = self.cleaned_data
        reading = Reading(
            time_column=given["time_column"],
            flux_column=given["flux_column"],
            zero=given["time_zero"],
            mission=self.mission_chosen,
            unit=given["time_unit"],
        )
        return Asked(reading, self.facts, known=known or {})

    def reading_fields(self, asks: Any) -> list[forms.BoundField]:
        """Those that the files leave open."""
        wanted = {
            "time_column": asks.get("asks_columns"),
            "flux_column": asks.get("asks_columns"),
            "time_unit": asks.get("asks_unit"),
            "time_zero": asks.get("asks_zero"),
        }
        return [self[name] for name, is_open in wanted.items() if is_open]


class PeriodForm(forms.Form):
    """Another period for a signal that was found, and maybe when it transits."""

    signal = forms.IntegerField(min_value=1, max_value=20, widget=forms.HiddenInput)
    period = NumberField("Period", "days", 0.1, 10_000.0)
    epoch = NumberField(
        "Mid-transit", "BJD", 0, MOST_ZERO, "Empty: where the dip of this period is strongest."
    )

    def __init__(self, *args: Any, has_zero: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_zero:
            self.fields["epoch"].unit = "d"  # type: ignore[attr-defined]
            self.fields["epoch"].help_text = "In the file's own time, or empty."
        self.fields["period"].required = True
        self.fields["period"].error_messages["required"] = "Give a period in days."
