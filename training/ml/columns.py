"""Which column of a table feeds which feature: recognising a layout, and the plan by which its rows are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.ml.errors import NoSignalColumns, TableError, join_words
from training.ml.read_table import canonical_name
from training.ml.schema import (
    CONTEXT_NAMES,
    FEATURES,
    LAYOUTS,
    NUMERIC_NAMES,
    PLACE_NAMES,
    REQUIRED_NAMES,
    Combine,
    Layout,
    Mission,
    Source,
    source_columns,
    source_of,
)

LAYOUTS_OF_MISSION: Final[Mapping[Mission, tuple[str, ...]]] = MappingProxyType(
    {
        Mission.KEPLER: ("koi", "own"),
        Mission.TESS: ("toi", "exofop", "own"),
        Mission.K2: ("k2", "own"),
        Mission.OTHER: ("own",),
    }
)


class AmbiguousTable(TableError):
    """The columns fit two layouts whose units differ."""

    code = "ambiguous_table"

    def __init__(self, titles: Sequence[str]) -> None:
        super().__init__(
            f"The columns of this table fit {join_words(titles)} equally well, and their units differ; "
            "choose the mission."
        )


class WrongMission(TableError):
    """The mission that was chosen is not the one whose table this is; reading on would mistake the units."""

    code = "wrong_mission"

    def __init__(self, title: str, mission: Mission) -> None:
        super().__init__(
            f"The columns of this table are those of {title}, not of a {mission} table; "
            "choose that mission, or map its columns."
        )


@dataclass(frozen=True)
class FeatureColumns:
    """Where this table keeps one feature: the schema's source, with the columns as this table spells them.

    ``limits`` are the archive's "…lim" columns; where they are not 0 the value is an upper or lower limit.
    ``unit`` names a conversion that is more than a factor ("mmag").
    """

    feature: str
    columns: tuple[str, ...]
    factor: float = 1.0
    combine: Combine = Combine.ONE
    limits: tuple[str, ...] = ()
    unit: str = ""

    def convert(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """``values`` in our unit. A magnitude difference m is a loss of light of 1 − 10^(−0.4 m)."""
        if self.unit == "mmag":
            loss: NDArray[np.float64] = -np.expm1(-0.4e-3 * np.log(10) * values)
            return loss * 1e6
        return values if self.factor == 1.0 else values * self.factor


@dataclass(frozen=True)
class Plan:
    """How to read the rows of one table. Columns that the table lacks are None."""

    layout: Layout
    features: tuple[FeatureColumns, ...]
    signal: str | None
    star: str | None
    ra: str | None
    dec: str | None
    disposition: str | None
    mission: Mission | None = None  # of all rows
    mission_column: str | None = None
    band_column: str | None = None
    default_flag: str | None = None
    discovery_method: str | None = None
    publication_date: str | None = None

    @property
    def combines_rows(self) -> bool:
        """K2 lists an object once per publication; the other tables have one row per signal."""
        return self.layout.key == "k2" and self.signal is not None

    @property
    def number_columns(self) -> tuple[str, ...]:
        columns = [c for f in self.features for c in (*f.columns, *f.limits)]
        columns += [c for c in (self.default_flag,) if c]
        return tuple(dict.fromkeys(columns))

    @property
    def feature_names(self) -> tuple[str, ...]:
        return tuple(f.feature for f in self.features)

    @property
    def absent_features(self) -> tuple[str, ...]:
        """Numeric features that no column of this table feeds, those computed from others left aside."""
        computed = {*CONTEXT_NAMES, *PLACE_NAMES}
        return tuple(name for name in NUMERIC_NAMES if name not in computed and name not in self.feature_names)


def recognise(columns: Sequence[str], mission: Mission | None = None) -> Plan:
    """The plan for a table with these columns.

    Errors: NoSignalColumns where nothing says where the signals are; AmbiguousTable where two layouts fit equally;
    WrongMission where the columns are those of another mission than the one given.
    """
    keys = LAYOUTS_OF_MISSION[mission] if mission else tuple(LAYOUTS)
    plans = {key: plan_for_layout(columns, layout, mission) for key, layout in LAYOUTS.items()}
    usable = [plan for key, plan in plans.items() if key in keys and _is_usable(plan)]
    likely = max(filter(_is_usable, plans.values()), key=_evidence, default=None)
    best = max(usable, key=_evidence, default=None)
    if mission and likely and (best is None or _evidence(likely) > _evidence(best)):
        raise WrongMission(likely.layout.title, mission)
    if best is None:
        raise _no_signal_columns(keys, mission)
    rivals = [plan for plan in usable if _evidence(plan) == _evidence(best) and plan.mission != best.mission]
    if rivals:
        raise AmbiguousTable([plan.layout.title for plan in (best, *rivals)])
    if best.mission is None and best.mission_column is None:
        raise NoSignalColumns(["mission"], columns, best.layout.title)
    return best


def plan_for_layout(columns: Sequence[str], layout: Layout, mission: Mission | None = None) -> Plan:
    """The plan that ``layout`` makes for these columns, however few of them it knows."""
    find = _Finder(columns, layout.key)
    known = (
        _feature_columns(feature.name, source, find, layout.key)
        for feature in FEATURES
        if not feature.is_categorical and (source := source_of(feature, layout.key)) is not None
    )
    k2 = layout.key == "k2"
    return Plan(
        layout=layout,
        features=tuple(f for f in known if f is not None),
        signal=find(layout.signal_column),
        star=find(layout.star_column),
        ra=find(layout.ra_column),
        dec=find(layout.dec_column),
        disposition=find(layout.disposition_column),
        mission=layout.mission or mission,
        mission_column=find("mission") if layout.mission is None else None,
        band_column=find("magnitude_band") if layout.key == "own" else None,
        default_flag=find("default_flag") if k2 else None,
        discovery_method=find("discoverymethod") if k2 else None,
        publication_date=find("pl_pubdate") if k2 else None,
    )


def recognised_names() -> frozenset[str]:
    """Canonical form of every column name that some layout knows; it tells a header from a line of prose."""
    names: list[str] = ["mission"]
    for key, layout in LAYOUTS.items():
        names += [layout.signal_column, layout.star_column, layout.disposition_column, *source_columns(key)]
    return frozenset(map(canonical_name, names))


class _Finder:
    """Finds a column by name: as written, else in any case; for ExoFOP also whatever the punctuation and wording.

    Elsewhere "Period (days)" is not "period_days": a table that is half recognised would lose its other columns unseen.
    """

    def __init__(self, columns: Sequence[str], layout: str) -> None:
        self._columns = columns
        self._plain: Callable[[str], str] = canonical_name if layout == "exofop" else str.lower
        self._by_plain = {self._plain(column): column for column in reversed(columns)}

    def __call__(self, name: str) -> str | None:
        return name if name in self._columns else self._by_plain.get(self._plain(name))


def _feature_columns(name: str, source: Source, find: _Finder, layout: str) -> FeatureColumns | None:
    found = tuple(column for c in source.columns if (column := find(c)) is not None)
    enough = bool(found) if source.combine is Combine.MEAN_ABS else len(found) == len(source.columns)
    if not enough:
        return None
    limits = tuple(limit for c in source.columns if layout in ("toi", "k2") and (limit := find(f"{_stem(c)}lim")))
    return FeatureColumns(name, found, source.factor, source.combine, tuple(dict.fromkeys(limits)))


def _stem(column: str) -> str:
    return column.removesuffix("err1").removesuffix("err2")


def _is_usable(plan: Plan) -> bool:
    required = set(REQUIRED_NAMES) & set(plan.feature_names)
    # ExoFOP's words are common ones ("Period (days)"), so one alone says little; and its list names the TIC ID.
    return len(required) >= 2 and plan.star is not None if plan.layout.key == "exofop" else bool(required)


def _evidence(plan: Plan) -> int:
    """How much speaks for a layout: its identifiers are its own, while TOI and K2 share many feature columns."""
    identifiers = (plan.signal, plan.star, plan.disposition, plan.mission_column)
    return len(plan.features) + 3 * sum(column is not None for column in identifiers)


def _no_signal_columns(keys: Iterable[str], mission: Mission | None) -> NoSignalColumns:
    key = next(iter(keys)) if mission else "koi"
    wanted: list[str] = []
    for name in REQUIRED_NAMES:
        feature = next(f for f in FEATURES if f.name == name)
        source = source_of(feature, key)
        wanted += source.columns if source else ()
    if mission is None:
        wanted = [f"{w} (Kepler)" for w in wanted[:1]] + ["pl_orbper (TESS, K2)", "orbital_period (template)"]
    return NoSignalColumns(wanted, wanted=f"a table of {mission} signals" if mission else "")
