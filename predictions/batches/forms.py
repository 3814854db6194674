"""What people send about batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms

from predictions.batches.outcome import SORTS, RowFilter
from predictions.signals.contributions import MAX_CONTRIBUTIONS
from predictions.triage.models import RowMark
from predictions.triage.services import NOTED, UNDECIDED
from training.datasets.forms import TableForm
from training.ml.schema import DISPOSITIONS
from training.ml.tables.reading.content import EXTENSIONS, FORMATS_READ, PACKED_READ

_DISPOSITIONS: Final = [
    (str(number), str(disposition)) for number, disposition in enumerate(DISPOSITIONS)
]


class BatchUploadForm(TableForm):
    max_bytes_setting = "BATCH_MAX_BYTES"
    file = forms.FileField(
        label="Table",
        help_text=(
            "The archive's own download, ExoFOP's list, our template or answers, or your own"
            f" columns. Read are {FORMATS_READ}, also as {PACKED_READ}."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(EXTENSIONS), "class": "drop"}),
        error_messages={
            "required": "Choose a table first.",
            "empty": "The file is empty. Upload a table with a header line and at least one row.",
        },
    )


class BatchStartForm(forms.Form):
    top_contributions = forms.IntegerField(
        label="Reasons per row",
        required=False,
        min_value=0,
        max_value=MAX_CONTRIBUTIONS,
        initial=0,
        help_text=(
            "How many of the strongest contributions go into the download, 0 to"
            f" {MAX_CONTRIBUTIONS}. Any number above 0 takes about a hundred times longer; the"
            " pages explain single rows either way."
        ),
    )

    @property
    def top(self) -> int:
        return int(self.cleaned_data.get("top_contributions") or 0)


_RANGES: Final = {
    "score": ("planet_score", "Planet score"),
    "period": ("period", "Period [days]"),
    "radius": ("radius", "Radius [Earth radii]"),
}
"""Prefix of two fields: the index's column, and what people call it."""


def _bound(most: float | None = None) -> forms.FloatField:
    """One end of a range, which a plot can fill in as well."""
    widget = forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"})
    return forms.FloatField(required=False, min_value=0, max_value=most, widget=widget)


def _ranges(given: Mapping[str, Any]) -> dict[str, tuple[float | None, float | None]]:
    ends = {
        column: (given.get(f"{field}_from"), given.get(f"{field}_to"))
        for field, (column, _) in _RANGES.items()
    }
    return {name: pair for name, pair in ends.items() if pair != (None, None)}


class RowFilterForm(forms.Form):
    """Part of the address, so that a view of the table can be shared."""

    disposition = forms.TypedChoiceField(
        label="Disposition",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "any"), *_DISPOSITIONS],
    )
    given = forms.TypedChoiceField(
        label="In the table",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "any"), *_DISPOSITIONS],
    )
    set_size = forms.TypedChoiceField(
        label="Prediction set",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            ("", "any"),
            ("1", "one disposition"),
            ("2", "two"),
            ("3", "all three"),
            ("0", "none"),
        ],
    )
    warned = forms.NullBooleanField(
        label="Warnings",
        required=False,  # a select that is “required” lets no browser send the other filters
        widget=forms.Select(choices=[("", "any"), ("true", "with"), ("false", "without")]),
    )
    decision = forms.ChoiceField(
        label="You",
        required=False,
        choices=[
            ("", "any"),
            *RowMark.Decision.choices,
            (UNDECIDED, "undecided"),
            (NOTED, "with a note"),
        ],
    )
    q = forms.CharField(label="Identifier", required=False, max_length=100)
    score_from, score_to = _bound(most=1), _bound(most=1)
    period_from, period_to = _bound(), _bound()
    radius_from, radius_to = _bound(), _bound()
    sort = forms.ChoiceField(
        required=False, choices=[(sort, sort) for sort in SORTS], widget=forms.HiddenInput
    )
    show = forms.ChoiceField(
        required=False,
        choices=[(name, name) for name in ("unusable", "disagreements", "all-disagreements")],
        widget=forms.HiddenInput,
    )

    @property
    def choices(self) -> list[forms.BoundField]:
        """The fields that are no end of a range."""
        ends = {f"{name}_{end}" for name in _RANGES for end in ("from", "to")}
        return [field for field in self.visible_fields() if field.name not in ends]

    @property
    def ranges(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        return [
            (title, self[f"{name}_from"], self[f"{name}_to"])
            for name, (_, title) in _RANGES.items()
        ]

    def row_filter(self) -> RowFilter:
        """What is wrong in an address is left out, as if it were not there."""
        given = self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})
        show = given.get("show") or ""
        sort = given.get("sort") or (
            "row" if show == "unusable" else "-confidence" if show else "-planet_score"
        )
        return RowFilter(
            disposition=given.get("disposition"),
            given=given.get("given"),
            set_size=given.get("set_size"),
            warned=given.get("warned"),
            unusable=show == "unusable",
            disagreements=show in ("disagreements", "all-disagreements"),
            with_trained_on=show == "all-disagreements",
            decision=given.get("decision") or "",
            ranges=_ranges(given),
            sort=sort,
        )

    @property
    def search(self) -> str:
        return str(getattr(self, "cleaned_data", {}).get("q") or "")
