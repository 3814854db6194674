"""Lists of signals as an address asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, cast

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import F, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Concat

from predictions.catalogue.derived.keys import Keys
from predictions.catalogue.derived.models import WARNINGS, RowsQuerySet
from predictions.catalogue.models import (
    MISSIONS,
    CatalogueTable,
    DispositionChange,
    Name,
    Signal,
    SignalQuerySet,
)
from predictions.catalogue.others.models import (
    OtherChange,
    OtherName,
    OtherSignal,
    list_named,
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
ON_MAP: Final = ("period", "radius")
OTHER_LISTS: Final[Mapping[str, str]] = {
    "open": "Undecided by list and archive",
    "all": "All signals of the list",
}
SAME: Final[Mapping[str, str]] = {"no": "new to the missions", "yes": "also a mission's"}
MISSIONS_LIST: Final = ("", "missions")
"""What stands for no other list in an address."""
Pairs = list[tuple[str, str]]
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
_COLUMNS: Final = {"star": "star_name"}
_SORT_CHOICES: Final = [
    (f"{sign}{name}", f"{words[0]}, {words[2 if sign else 1]}")
    for name, words in SORTS.items()
    for sign in ("-", "")
]


def _between(value: float | None, low: float | None, high: float | None) -> bool:
    """Where neither end is given, whatever ``value`` is, and if it is not known."""
    if value is None:
        return low is None and high is None
    return (low is None or low <= value) and (high is None or value <= high)


def _bound() -> forms.FloatField:
    return forms.FloatField(required=False)


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
    list = forms.CharField(required=False, label="List", max_length=40)
    says = forms.ChoiceField(
        required=False, label="The list says", choices=[("", "any"), *DISPOSITION_CHOICES]
    )
    same = forms.ChoiceField(
        required=False, label="Listed by a mission", choices=[("", "or not"), *SAME.items()]
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
        named = self.cleaned_data.get("list") or ""
        self.other = list_named(named) if named not in MISSIONS_LIST else None
        self.unknown = "" if self.other or named in MISSIONS_LIST else named

    @property
    def list_name(self) -> str:
        return self.cleaned_data.get("show") or "open"

    @property
    def title(self) -> str:
        if self.other:
            return f"{self.other}: {OTHER_LISTS.get(self.list_name, LISTS[self.list_name])}"
        return LISTS[self.list_name]

    @property
    def rows(self) -> type[Signal] | type[OtherSignal]:
        """Whose signals the list has: the missions', or another list's. Never both, so that nothing
        is counted twice."""
        return OtherSignal if self.other else Signal

    @property
    def sort_name(self) -> str:
        return self.cleaned_data.get("sort") or _FIRST[self.list_name]

    @property
    def sort_column(self) -> str:
        name = self.sort_name.removeprefix("-")
        return _COLUMNS.get(name, name)

    @property
    def is_sorted_by_text(self) -> bool:
        return self.sort_column in _TEXTS

    @property
    def choices(self) -> Sequence[forms.BoundField]:
        """The fields that are no end of a range; the disposition where the list leaves it open."""
        of_list = () if self.list_name == "open" else ("disposition",)
        of_other = ("says", "same") if self.other else ("mission",)
        names = ("sort", "q", *of_other, *of_list, "warning", "changed_since")
        return [self[name] for name in names]

    @property
    def values(self) -> Pairs:
        """Names and headings of the columns that a list has because it is sorted by them."""
        names = VALUES.get(self.sort_name.removeprefix("-"), ())
        return [(name, HEADINGS[name]) for name in names]

    @property
    def ranges(self) -> Sequence[tuple[str, forms.BoundField, forms.BoundField]]:
        return [
            (title, self[f"{name}_from"], self[f"{name}_to"]) for name, (_, title) in RANGES.items()
        ]

    @property
    def is_filtered(self) -> bool:
        given = {k: v for k, v in self.cleaned_data.items() if k not in ("show", "sort", "list")}
        return any(value not in (None, "") for value in given.values())

    @property
    def lists(self) -> Pairs:
        return [*(OTHER_LISTS if self.other else LISTS).items()]

    @property
    def is_whole(self) -> bool:
        return self.list_name == "all" and not self.is_filtered

    def found(self) -> RowsQuerySet[Any]:
        """Without those columns that lists do not show."""
        return self._found().order_by(*_order(self.sort_name)).defer("inputs")

    def found_anywhere(self) -> RowsQuerySet[Any]:
        """The same on the whole map of periods and radii."""
        return self._found_anywhere().order_by()

    @property
    def region(self) -> Q:
        """What part of the map is asked for."""
        return self._within(ON_MAP)

    def has_in_region(self, period: float | None, radius: float | None) -> bool:
        """What ``region`` asks of a database, of one signal."""
        of_signal = dict(zip(ON_MAP, (period, radius), strict=True))
        return all(_between(of_signal[name], *self._ends(name)) for name in ON_MAP)

    @property
    def is_narrow(self) -> bool:
        """Whether few signals may be left, for which all others are looked through."""
        return self.is_filtered or self.list_name == "disagreements"

    def keys(self, among: Sequence[int] | None = None) -> Keys:
        """Of what is found, in its order. ``among``: of all that fits anywhere on the map, where
        they are known."""
        if self.is_whole:
            return _keys_by_index(self._found(), self.sort_name)
        found = self._found()
        if among is not None:
            found = self.rows.objects.filter(pk__in=among).alias(**_PLAIN).filter(self.region)
        found = found.order_by(*_order(self.sort_name, by_index=False))
        return Keys(found.values_list("pk", flat=True))

    def _found(self) -> RowsQuerySet[Any]:
        return self._found_anywhere().filter(self.region)

    def _found_anywhere(self) -> RowsQuerySet[Any]:
        found: RowsQuerySet[Any] = self._of_list().alias(**_PLAIN).filter(self._wanted)
        if warning := self.cleaned_data.get("warning"):
            found = found.warned(warning)
        if since := self.cleaned_data.get("changed_since"):
            told = OtherChange.objects if self.other else DispositionChange.objects
            changed = told.filter(table__as_of__gte=since)
            found = found.filter(pk__in=changed.order_by().values("signal"))
        return found

    def _of_list(self) -> RowsQuerySet[Any]:
        if self.unknown:
            return Signal.objects.none()
        if self.other is None:
            return _of_list(self.list_name)
        signals = OtherSignal.objects.filter(list=self.other).alias(
            plain_says=_plain("list_says"), plain_same=Coalesce("same_as_id", 0)
        )
        if self.list_name == "disagreements":  # which are with the archive, and the missions'
            return signals.none()
        return signals.open_candidates() if self.list_name == "open" else signals.listed()

    @property
    def _wanted(self) -> Q:
        given, wanted = self.cleaned_data, self._named
        if given.get("disposition"):
            wanted &= Q(disposition=given["disposition"])
        if given.get("mission"):
            wanted &= Q(plain_mission=given["mission"])
        if says := given.get("says"):  # which no list says of what it has not
            wanted &= Q(plain_says=says) if self.other else Q(pk__in=())
        if same := given.get("same"):
            none = Q(plain_same=0)
            wanted &= (none if same == "no" else ~none) if self.other else Q(pk__in=())
        return wanted & self._within([name for name in RANGES if name not in ON_MAP])

    def _within(self, names: Iterable[str]) -> Q:
        """The ranges of these names."""
        wanted = Q()
        for name in names:
            column, _ = RANGES[name]
            for lookup, bound in zip(("gte", "lte"), self._ends(name), strict=True):
                if bound is not None:
                    wanted &= Q(**{f"plain_{column}__{lookup}": bound})
        return wanted

    def _ends(self, name: str) -> tuple[float | None, float | None]:
        """Of the range of this name, where they are given."""
        return self.cleaned_data.get(f"{name}_from"), self.cleaned_data.get(f"{name}_to")

    @cached_property
    def _named(self) -> Q:
        return _named(self.cleaned_data.get("q") or "", self.rows)


def _of_list(name: str) -> SignalQuerySet:
    signals = Signal.objects
    if name == "disagreements":
        return signals.disagreeing()
    return signals.open_candidates() if name == "open" else signals.listed()


def _order(sort: str, *, by_index: bool = True) -> tuple[Any, ...]:
    """Signals that lack the value come last either way: who wants the brightest wants those of
    which that is known. The keys run as the column does, so that one index gives both."""
    name = sort.removeprefix("-")
    column = _COLUMNS.get(name, name)
    value: Any = F(column) if by_index else _plain(column)
    if sort.startswith("-"):
        return (value.desc(nulls_last=True), "-pk")
    return (value.asc(nulls_last=True), "pk")


def _plain(column: str) -> Combinable:
    """The same value as an expression, for which a database has no index of this column alone: it
    takes the one that holds all that lists ask for, where the other would lead to many rows."""
    if column in _TEXTS:
        return Concat(F(column), Value(""))
    return F(column) + 0.0


_TEXTS: Final = ("list_says", "name", "star_name", "disposition", "mission")
_PLAIN: Final = {
    f"plain_{column}": _plain(column)
    for column in ("mission", *(column for column, _ in RANGES.values()))
}


# --- pages ----------------------------------------------------------------------------------------


def _keys_by_index(signals: RowsQuerySet[Any], sort: str) -> Keys:
    """Databases do not agree where an index has what is not known, so it is asked for apart."""
    sign, name = sort[: sort.startswith("-")], sort.removeprefix("-")
    column = _COLUMNS.get(name, name)
    keys = signals.values_list("pk", flat=True)
    known = keys.exclude(**{column: None}).order_by(f"{sign}{column}", f"{sign}pk")
    if column in _TEXTS:
        return Keys(known)
    return Keys(known, keys.filter(**{column: None}).order_by(f"{sign}pk"))


def page_of(keys: Keys | list[int], number: str | None, size: int) -> Page[int]:
    return Paginator(cast(Any, keys), size).get_page(number)


def signals_of(keys: Iterable[int], rows: type[Signal] | type[OtherSignal] = Signal) -> list[Any]:
    """The signals of these keys, in this order, with their stars and the version's name."""
    heavy = ("inputs", "scored_by__metadata", "scored_by__notes")
    wanted, beside = list(keys), ("list", "same_as") if rows is OtherSignal else ()
    found = rows.objects.select_related("star", "scored_by", *beside).defer(*heavy).in_bulk(wanted)
    return [found[key] for key in wanted if key in found]


def _named(text: str, rows: type[Signal] | type[OtherSignal]) -> Q:
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
    own = OtherName.objects.filter(starting) if rows is OtherSignal else names.exclude(signal=None)
    of_signals = own.values_list("signal", flat=True)
    of_stars = rows.objects.filter(star__in=names.exclude(star=None).values("star"))
    of_stars_keys = of_stars.order_by().values_list("pk", flat=True)
    few = [*of_signals.order_by()[: FEW + 1], *of_stars_keys[: FEW + 1]]
    if len(few) <= FEW:
        return Q(pk__in=few)  # looked up one by one, where two questions would go through all rows
    return Q(pk__in=of_signals.values("signal")) | Q(pk__in=of_stars_keys.values("pk"))


def tables_in_charge() -> list[CatalogueTable]:
    return list(CatalogueTable.objects.current().with_dataset().order_by("mission"))
