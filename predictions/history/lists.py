"""One's own predictions: what the address asks for, and the same rows as a CSV file."""

from __future__ import annotations

import csv
import uuid
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from django import forms
from django.contrib.auth.models import User
from django.db.models import Subquery

from predictions.answers import ANSWER_COLUMNS, joined
from predictions.history.shelf import shelf_of
from predictions.signals.models import (
    DISPOSITION_CHOICES,
    MISSION_CHOICES,
    Prediction,
    PredictionQuerySet,
)
from predictions.spreadsheets import neutral
from training.ml.schema import FEATURE_NAMES
from training.models import ModelVersion

SORTS: Final[Mapping[str, tuple[str, str]]] = {
    # name in the address: (heading, column)
    "identifier": ("Signal", "identifier"),
    "mission": ("Mission", "mission"),
    "disposition": ("Disposition", "disposition"),
    "p_confirmed": ("P(CONFIRMED)", "p_confirmed"),
    "planet_score": ("Planet score", "planet_score"),
    "created": ("When", "created_at"),
}
FILTERS: Final = ("disposition", "mission", "version", "label")
DEFAULT_SORT: Final = "-created"
MAX_FOUND: Final = 5_000
"""Predictions that a search shows: more is no search, and would be read from all over the disk."""
_DESCENDING: Final = ("created", "p_confirmed", "planet_score")
_CSV_COLUMNS: Final = (
    *("id", "created_at", "identifier", "note", "labels", "mission", "disposition"),
    *(name for name in ANSWER_COLUMNS if name != "predicted_disposition"),
)


class HistoryForm(forms.Form):
    """What the address asks for. Whatever makes no sense there is as if it were not given."""

    q = forms.CharField(required=False, label="Search", max_length=200)
    disposition = forms.ChoiceField(required=False, choices=[("", "all"), *DISPOSITION_CHOICES])
    mission = forms.ChoiceField(required=False, choices=[("", "all"), *MISSION_CHOICES])
    version = forms.ChoiceField(required=False, label="Model version")
    label = forms.ChoiceField(required=False, label="Label")
    sort = forms.ChoiceField(
        required=False, choices=[(f"{sign}{name}", name) for name in SORTS for sign in ("", "-")]
    )

    def __init__(self, data: Any, user: User) -> None:
        super().__init__(data)
        self.own = Prediction.objects.owned_by(user)
        self.shelf = shelf_of(user)
        for name, found in (("version", self.shelf.versions), ("label", self.shelf.labels)):
            chosen: Any = self.fields[name]
            chosen.choices = [("", "all"), *((text, text) for text in found)]
        self.fields["q"].widget.attrs.update(type="search", placeholder="identifier or note")
        self.is_valid()

    @property
    def is_filtered(self) -> bool:
        return any(self.cleaned_data.get(name) for name in ("q", *FILTERS))

    @property
    def sort_name(self) -> str:
        return self.cleaned_data.get("sort") or DEFAULT_SORT

    @property
    def words(self) -> str:
        words: str = self.cleaned_data.get("q") or ""
        return words

    @cached_property
    def _keys(self) -> list[uuid.UUID]:
        return self.own.search_keys(self.words, MAX_FOUND + 1)

    @property
    def is_cut(self) -> bool:
        """Whether more was found than is shown."""
        return bool(self.words.split()) and len(self._keys) > MAX_FOUND

    @property
    def most_found(self) -> int:
        return MAX_FOUND

    def shown(self) -> PredictionQuerySet:
        """What the page shows: of a search at most ``MAX_FOUND``."""
        return self._chosen(
            self.own.filter(pk__in=self._keys[:MAX_FOUND]) if self.words.split() else self.own
        )

    def found(self) -> PredictionQuerySet:
        """All of it, for a file."""
        return self._chosen(self.own.search(self.words))

    def _chosen(self, found: PredictionQuerySet) -> PredictionQuerySet:
        wanted = self.cleaned_data
        filters = {name: wanted[name] for name in ("disposition", "mission") if wanted.get(name)}
        if name := wanted.get("version"):
            filters["version"] = Subquery(ModelVersion.objects.filter(name=name).values("pk")[:1])
        if name := wanted.get("label"):
            filters["labels__name"] = name  # all labels of one's predictions are one's own
        found = found.filter(**filters)
        sign, name = (
            ("-", self.sort_name[1:]) if self.sort_name.startswith("-") else ("", self.sort_name)
        )
        return found.order_by(f"{sign}{SORTS[name][1]}", f"{sign}pk")

    def headings(self) -> list[dict[str, str]]:
        """Each column with what a click on its heading sorts by: the other way round where it is
        sorted already."""
        current = self.sort_name
        # What is sorted already turns round; otherwise texts start at A, dates and figures at the
        # largest.
        turned = {
            name: f"-{name}" if current == name or name in _DESCENDING else name for name in SORTS
        }
        if current.startswith("-"):
            turned[current[1:]] = current[1:]
        return [
            {
                "name": name,
                "text": heading,
                "sort": turned[name],
                "order": {name: "ascending", f"-{name}": "descending"}.get(current, ""),
                "is_number": "number" if name in ("p_confirmed", "planet_score") else "",
            }
            for name, (heading, _) in SORTS.items()
        ]


class _Line:
    """A file whose `write` gives back what it got, for csv."""

    def write(self, text: str) -> str:
        return text


def csv_lines(predictions: PredictionQuerySet) -> Iterator[str]:
    """One line per prediction, inputs last; cells that a spreadsheet would run as a formula are
    neutralised."""
    writer = csv.writer(_Line())
    yield writer.writerow([*_CSV_COLUMNS, *FEATURE_NAMES])
    labelled = predictions.with_version().prefetch_related("labels")
    for prediction in labelled.iterator(chunk_size=2000):
        yield writer.writerow([neutral(cell) for cell in _cells(prediction)])


def _yes_or_no(flag: bool | None) -> str | None:
    """As a batch writes it; empty for an answer from before this was known."""
    return None if flag is None else str(flag).lower()


def _cells(prediction: Prediction) -> list[str]:
    answer = prediction.answer
    shared = [
        prediction.pk,
        prediction.created_at.isoformat(timespec="seconds"),
        prediction.identifier,
        prediction.note,
        joined([label.name for label in prediction.labels.all()]),
        prediction.mission,
        prediction.disposition,
        prediction.p_confirmed,
        prediction.p_candidate,
        prediction.p_false_positive,
        prediction.planet_score,
        joined(answer["prediction_set"]),
        answer.get("open_score"),
        joined(answer.get("planet_set", ())),
        *(_yes_or_no(answer.get(name)) for name in ("learnt_from", "out_of_fold")),
        joined(answer["missing"]),
        joined(answer["warnings"]),
        prediction.version.name,
    ]
    values = [prediction.inputs.get(name) for name in FEATURE_NAMES]
    return ["" if cell is None else str(cell) for cell in (*shared, *values)]
