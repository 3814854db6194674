"""Lists of signals as an address asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Any, Final

from django import forms
from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import F, Q

from predictions.catalogue.models import (
    MISSIONS,
    WARNINGS,
    CatalogueTable,
    DispositionChange,
    Name,
    Signal,
    SignalQuerySet,
)
from predictions.signals.models import DISPOSITION_CHOICES
from training.ml.errors import UserError
from training.ml.sky.typed import read_typed

LISTS: Final[Mapping[str, str]] = {
    "open": "Open candidates",
    "disagreements": "Disagreements with the archive",
    "all": "All signals",
}
RANGES: Final[Mapping[str, tuple[str, str]]] = {
    # Prefix of two fields: the column, and what people call it.
    "period": ("period", "Period [d]"),
    "radius": ("radius", "Radius [R⊕]"),
    "temperature": ("temperature", "Temperature [K]"),
    "magnitude": ("magnitude", "Magnitude"),
    "score": ("planet_score", "Planet score"),
    "open": ("open_score", "Open score"),
}
FEW: Final = 500
"""Up to so many signals of a name are looked up by their keys."""
SORTS: Final[Mapping[str, tuple[str, str, str]]] = {
    # What a list is sorted by, and what its two ends are called, the smaller first.
    "name": ("name", "A to Z", "Z to A"),
    "star": ("star", "A to Z", "Z to A"),
    "disposition": ("archive's disposition", "A to Z", "Z to A"),
    "planet_score": ("planet score", "lowest first", "highest first"),
    "open_score": ("open score", "lowest first", "highest first"),
    "score_tsm": ("open score × TSM", "lowest first", "highest first"),
    "score_esm": ("open score × ESM", "lowest first", "highest first"),
    "tsm": ("TSM", "lowest first", "highest first"),
    "esm": ("ESM", "lowest first", "highest first"),
    "magnitude": ("magnitude", "brightest first", "faintest first"),
    "period": ("period", "shortest first", "longest first"),
    "radius": ("radius", "smallest first", "largest first"),
    "temperature": ("temperature", "coolest first", "hottest first"),
}
VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "score_tsm": ("score_tsm", "tsm"),
    "score_esm": ("score_esm", "esm"),
    "tsm": ("tsm",),
    "esm": ("esm",),
}
"""What has columns of its own where a list is sorted by it."""
HEADINGS: Final[Mapping[str, str]] = {
    "score_tsm": "Open score × TSM",
    "score_esm": "Open score × ESM",
    "tsm": "TSM",
    "esm": "ESM",
}
_FIRST: Final = {"open": "-open_score", "disagreements": "-planet_score", "all": "name"}
"""Open candidates by the score that is calibrated on open signals."""
_COLUMNS: Final = {"star": "star__name"}
_SORT_CHOICES: Final = [
    (f"{sign}{name}", f"{words[0]}, {words[2 if sign else 1]}")
    for name, words in SORTS.items()
    for sign in ("-", "")
]


def _bound() -> forms.FloatField:
    widget = forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"})
    return forms.FloatField(required=False, widget=widget)


class SignalListForm(forms.Form):
    """What the address asks for. Whatever makes no sense there is as if it were not given."""

    q = forms.CharField(required=False, label="Name", max_length=100)
    mission = forms.ChoiceField(required=False, choices=[("", "all"), *MISSIONS])
    disposition = forms.ChoiceField(
        required=False, label="Archive says", choices=[("", "any"), *DISPOSITION_CHOICES]
    )
    warning = forms.ChoiceField(
        required=False,
        label="Warnings",
        choices=[("", "any or none"), ("none", "none"), ("any", "some"), *WARNINGS.items()],
    )
    changed_since = forms.DateField(
        required=False,
        label="Changed since",
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    period_from, period_to = _bound(), _bound()
    radius_from, radius_to = _bound(), _bound()
    temperature_from, temperature_to = _bound(), _bound()
    magnitude_from, magnitude_to = _bound(), _bound()
    score_from, score_to = _bound(), _bound()
    open_from, open_to = _bound(), _bound()
    show = forms.ChoiceField(required=False, choices=[*LISTS.items()])
    sort = forms.ChoiceField(
        required=False, label="Sorted by", choices=[("", "as this list is"), *_SORT_CHOICES]
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["q"].widget.attrs.update(type="search")
        self.is_valid()

    @property
    def list_name(self) -> str:
        return self.cleaned_data.get("show") or "open"

    @property
    def title(self) -> str:
        return LISTS[self.list_name]

    @property
    def sort_name(self) -> str:
        return self.cleaned_data.get("sort") or _FIRST[self.list_name]

    @property
    def choices(self) -> list[forms.BoundField]:
        """The fields that are no end of a range; the disposition where the list leaves it open."""
        of_list = () if self.list_name == "open" else ("disposition",)
        names = ("sort", "q", "mission", *of_list, "warning", "changed_since")
        return [self[name] for name in names]

    @property
    def values(self) -> list[tuple[str, str]]:
        """Names and headings of the columns that a list has because it is sorted by them."""
        names = VALUES.get(self.sort_name.removeprefix("-"), ())
        return [(name, HEADINGS[name]) for name in names]

    @property
    def ranges(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        return [
            (title, self[f"{name}_from"], self[f"{name}_to"]) for name, (_, title) in RANGES.items()
        ]

    @property
    def is_filtered(self) -> bool:
        given = {k: v for k, v in self.cleaned_data.items() if k not in ("show", "sort")}
        return any(value not in (None, "") for value in given.values())

    @property
    def lists(self) -> list[tuple[str, str]]:
        return list(LISTS.items())

    def found(self) -> SignalQuerySet:
        """Without those columns that lists do not show."""
        return self._found(()).order_by(*_order(self.sort_name)).defer("inputs")

    def found_anywhere(self) -> SignalQuerySet:
        """The same on the whole map of periods and radii."""
        return self._found(("period", "radius")).order_by()

    def _found(self, without: tuple[str, ...]) -> SignalQuerySet:
        found = _of_list(self.list_name).filter(self._wanted(without))
        if warning := self.cleaned_data.get("warning"):
            found = found.warned(warning)
        if since := self.cleaned_data.get("changed_since"):
            changed = DispositionChange.objects.filter(table__as_of__gte=since)
            found = found.filter(pk__in=changed.order_by().values("signal"))
        return found

    def _wanted(self, without: tuple[str, ...]) -> Q:
        given = self.cleaned_data
        wanted = Q()
        for name in ("mission", "disposition"):
            if given.get(name):
                wanted &= Q(**{name: given[name]})
        for name, (column, _) in RANGES.items():
            if name in without:
                continue
            for end, lookup in (("from", "gte"), ("to", "lte")):
                if (bound := given.get(f"{name}_{end}")) is not None:
                    wanted &= Q(**{f"{column}__{lookup}": bound})
        return wanted & self._named

    @cached_property
    def _named(self) -> Q:
        return _named(self.cleaned_data.get("q") or "")


def _of_list(name: str) -> SignalQuerySet:
    signals = Signal.objects
    if name == "disagreements":
        return signals.disagreeing()
    return signals.open_candidates() if name == "open" else signals.listed()


def _order(sort: str) -> tuple[Any, ...]:
    """Signals that lack the value come last where the largest come first. The keys run as the
    column does, so that one index gives both."""
    name = sort.removeprefix("-")
    if name == "name":
        return (sort,)
    column = _COLUMNS.get(name, name)
    if sort.startswith("-"):
        return (F(column).desc(nulls_last=True), "-pk")
    # Who wants the brightest wants those of which that is known.
    return (F(column).asc(nulls_last=True), "pk")


def page_of(found: SignalQuerySet, number: str | None, size: int) -> Page[int]:
    """A page of keys: what is skipped is read from an index alone, without rows and stars."""
    return Paginator(found.values_list("pk", flat=True), size).get_page(number)


def signals_of(keys: Iterable[int]) -> list[Signal]:
    """The signals of these keys, in this order, with their stars and the version's name."""
    heavy = ("inputs", "scored_by__metadata", "scored_by__notes")
    wanted = list(keys)
    found = Signal.objects.select_related("star", "scored_by").defer(*heavy).in_bulk(wanted)
    return [found[key] for key in wanted if key in found]


def _named(text: str) -> Q:
    """Any name of the signal or of its star, or the beginning of one."""
    if not text.strip():
        return Q()
    try:
        keys = read_typed(text).keys
    except UserError:
        keys = ()
    if not keys:
        return Q(pk__in=())
    starting = Q()
    for key in keys[:9]:
        # A range, because LIKE uses no index.
        starting |= Q(key=key) | Q(key__gte=key, key__lt=f"{key}\uffff", key__startswith=key)
    names = Name.objects.filter(starting)
    of_signals = names.exclude(signal=None).values_list("signal", flat=True)
    of_stars = Signal.objects.filter(star__in=names.exclude(star=None).values("star"))
    of_stars_keys = of_stars.order_by().values_list("pk", flat=True)
    few = [*of_signals.order_by()[: FEW + 1], *of_stars_keys[: FEW + 1]]
    if len(few) <= FEW:
        return Q(pk__in=few)  # looked up one by one, where two questions would go through all rows
    return Q(pk__in=of_signals.values("signal")) | Q(pk__in=of_stars_keys.values("pk"))


def changes_since(since: date | None, kind: str) -> models.QuerySet[DispositionChange]:
    """The newest first; of every day and kind where none is given."""
    changes = DispositionChange.objects.select_related("table", "signal").defer("signal__inputs")
    if since:
        changes = changes.filter(table__as_of__gte=since)
    if kind in DispositionChange.Kind.values:
        changes = changes.filter(kind=kind)
    return changes.order_by("-table", "pk")


def tables_in_charge() -> list[CatalogueTable]:
    return list(CatalogueTable.objects.current().select_related("dataset").order_by("mission"))
