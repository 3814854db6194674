"""What kind of table has these columns: recognising a layout, and the plan that it makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Final

from training.ml.errors import DuplicateColumns, NoSignalColumns, TableError, join_words
from training.ml.schema import (
    FEATURES,
    LAYOUTS,
    NUMERIC_NAMES,
    REQUIRED_NAMES,
    Combine,
    Layout,
    Mission,
    Source,
    source_columns,
    source_of,
)
from training.ml.tables import units
from training.ml.tables.columns import FeatureColumns, Plan
from training.ml.tables.layouts.all import KNOWN_TABLES
from training.ml.tables.layouts.known import From, KnownTable, Names
from training.ml.tables.reading.stated import without_unit
from training.ml.tables.reading.text_header import canonical_name

LAYOUTS_OF_MISSION: Final[Mapping[Mission, tuple[str, ...]]] = MappingProxyType(
    {
        Mission.KEPLER: ("koi", "own"),
        Mission.TESS: ("toi", "exofop", "own"),
        Mission.K2: ("k2", "own"),
        Mission.OTHER: ("own",),
    }
)


_K2_NAMES: Final = ("k2_name", "epic_hostname", "epic_candname", "k2_campaigns", "k2_campaign")


class AmbiguousTable(TableError):
    """The columns fit two layouts whose units differ."""

    code = "ambiguous_table"

    def __init__(self, titles: Sequence[str]) -> None:
        super().__init__(
            f"The columns of this table fit {join_words(titles)} equally well, and their units"
            " differ; choose the mission."
        )


class WrongMission(TableError):
    """The mission that was chosen is not the one whose table this is; reading on would mistake the
    units."""

    code = "wrong_mission"

    def __init__(self, title: str, mission: Mission) -> None:
        super().__init__(
            f"The columns of this table are those of {title}, not of a {mission} table; "
            "choose that mission, or map its columns."
        )


class MissionNeeded(TableError):
    """The table is understood, but nothing says which mission its signals are from."""

    code = "mission_needed"

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        super().__init__(
            f"The columns of this table are those of {plan.layout.title}, and nothing in it says"
            " which mission its signals are from; choose the mission, or map the column that names"
            " it."
        )


def recognise(columns: Sequence[str], mission: Mission | None = None) -> Plan:
    """The plan for a table with these columns.

    Errors: NoSignalColumns where nothing says where the signals are; AmbiguousTable where two
    layouts fit equally; WrongMission where the columns are those of another mission than the one
    given; MissionNeeded where neither the table nor the caller names one.
    """
    plans = _usable_plans(columns, mission)
    keys = LAYOUTS_OF_MISSION[mission] if mission else tuple(LAYOUTS)
    fitting = [plan for plan in plans if plan.layout.key in keys or plan.layout.key not in LAYOUTS]
    if mission:
        fitting = [plan for plan in fitting if plan.layout.mission in (None, mission)]
    likely = max(filter(_names_its_mission, plans), key=_evidence, default=None)
    best = max(fitting, key=_evidence, default=None)
    likelier = likely and (best is None or _evidence(likely) > _evidence(best))
    if mission and likely and likelier and likely.layout.mission not in (None, mission):
        raise WrongMission(likely.layout.title, mission)
    if best is None:
        raise _no_signal_columns(keys, mission)
    _check_rivals(best, fitting)
    _check_cases(best, columns)
    if mission is None and not (_names_its_mission(best) or best.mission or best.mission_column):
        if best.layout.key == "own":
            raise NoSignalColumns(["mission"], columns, best.layout.title)
        raise MissionNeeded(best)
    return best


def _check_cases(plan: Plan, columns: Sequence[str]) -> None:
    """Two columns whose names differ by case alone: nobody knows which one counts."""
    used = {column.lower() for source in plan.features for column in source.columns}
    twice = Counter(column.lower() for column in columns)
    again = [column for column in columns if column.lower() in used and twice[column.lower()] > 1]
    if again:
        raise DuplicateColumns(again)


def _usable_plans(columns: Sequence[str], mission: Mission | None) -> list[Plan]:
    plans = [
        plan
        for layout in LAYOUTS.values()
        if _is_usable(plan := plan_for_layout(columns, layout, mission))
    ]
    names = {plan.layout.key for plan in plans if _names_its_mission(plan)}
    for known in KNOWN_TABLES:
        # The K2 table has all columns of the archive's table of planets.
        if not (known.layout.key == "ps" and "k2" in names):
            found = plan_for_known(columns, known, mission)
            plans += [found] if found else []
    if mission is None and any(plan.layout.key == "ps" for plan in plans):
        # What has no column of its own is no table of one mission.
        plans = [p for p in plans if p.layout.key not in ("toi", "k2") or _names_its_mission(p)]
    return plans


def _check_rivals(best: Plan, plans: Sequence[Plan]) -> None:
    rivals = [
        plan
        for plan in plans
        if _evidence(plan) == _evidence(best)
        and plan.layout.mission != best.layout.mission
        and None not in (plan.layout.mission, best.layout.mission)
    ]
    if rivals:
        raise AmbiguousTable([plan.layout.title for plan in (best, *rivals)])


def _names_its_mission(plan: Plan) -> bool:
    """Whether the table has a column that only this mission's tables have; names and periods of
    planets are in tables of all missions."""
    if plan.layout.key == "k2":
        return plan.disposition is not None or plan.k2_name
    if plan.layout.key == "toi":
        own = (plan.signal, plan.star, plan.disposition)
        return any(own) or "transit_duration" in plan.feature_names
    return plan.layout.mission is not None


def plan_for_layout(columns: Sequence[str], layout: Layout, mission: Mission | None = None) -> Plan:
    """The plan that ``layout`` makes for these columns, however few of them it knows."""
    find = _Finder(columns, layout.key)
    known = (
        _feature_columns(feature.name, source, find)
        for feature in FEATURES
        if not feature.is_categorical and (source := source_of(feature, layout.key)) is not None
    )
    k2 = layout.key == "k2"
    signal = find(layout.signal_column)
    return Plan(
        layout=layout,
        features=tuple(f for f in known if f is not None),
        signal=signal,
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
        epoch=find(layout.epoch_column) if layout.epoch_column else None,
        combines_rows=k2 and signal is not None,
        k2_name=k2 and any(map(find, _K2_NAMES)),
    )


def plan_for_known(
    columns: Sequence[str], known: KnownTable, mission: Mission | None = None
) -> Plan | None:
    """The plan that a known table makes for these columns; None where they are another's."""
    find = _Finder(columns, known.layout.key, loose=known.loose)
    if not all(_first(find, names) for names in known.marks):
        return None
    features = tuple(
        found
        for name in NUMERIC_NAMES
        if (found := _placed(name, known.places.get(name, ()), find)) is not None
    )
    of_all = known.layout.mission or mission or _mission_by_column(known, find)
    # What a person says of the whole table counts more than who discovered a planet.
    mission_column = None if mission else _first(find, known.mission)
    plan = Plan(
        layout=replace(known.layout, mission=None if mission_column else of_all),
        features=features,
        signal=(signal := _first(find, known.signal)),
        star=_first(find, known.star),
        ra=_first(find, known.ra),
        dec=_first(find, known.dec),
        disposition=_first(find, known.disposition),
        mission=of_all,
        mission_column=mission_column,
        discovery_method=_first(find, known.method),
        transit_flag=_first(find, known.transit_flag),
        signal_suffix=None if signal else _first(find, known.suffix),
        epoch=_first(find, known.epoch),
        band=_band(known, features),
        default_flag=(default := find("default_flag") if known.layout.key == "ps" else None),
        publication_date=find("pl_pubdate") if default else None,
        combines_rows=default is not None and signal is not None,
    )
    return plan if _is_usable(plan) else None


def _first(find: _Finder, names: Names) -> str | None:
    return next((column for name in names if (column := find(name)) is not None), None)


def _mission_by_column(known: KnownTable, find: _Finder) -> Mission | None:
    return next((of for name, of in known.missions.items() if find(name) is not None), None)


def _band(known: KnownTable, features: Sequence[FeatureColumns]) -> str | None:
    """The band of the column that holds the magnitude, where its name says one."""
    column = next((f.columns[0] for f in features if f.feature == "stellar_magnitude"), "")
    bands = {canonical_name(name): band for name, band in known.bands.items()}
    return bands.get(canonical_name(column)) or None


def _placed(name: str, places: Sequence[From], find: _Finder) -> FeatureColumns | None:
    for place in places:
        found = tuple(column for c in place.columns if (column := find(c)) is not None)
        if len(found) == len(place.columns):
            unit = units.unit_named(name, place.unit) if place.unit else None
            unit = unit or units.UNITS[name][0]
            conversion = "" if name.endswith("_error") else unit.conversion
            limits = tuple(lim for c in place.columns if (lim := find(f"{_stem(c)}lim")))
            return FeatureColumns(
                name, found, unit.factor, place.combine, tuple(dict.fromkeys(limits)), conversion
            )
    return None


@cache
def recognised_names() -> frozenset[str]:
    """Canonical form of every column name that some layout knows; it tells a header from a line of
    prose."""
    names: list[str] = ["mission"]
    for key, layout in LAYOUTS.items():
        names += [
            layout.signal_column,
            layout.star_column,
            layout.disposition_column,
            *source_columns(key),
        ]
    for known in KNOWN_TABLES:
        groups = (known.signal, known.star, known.disposition, *known.marks)
        names += [name for group in groups for name in group]
        names += [c for places in known.places.values() for p in places for c in p.columns]
    return frozenset(map(canonical_name, names))


class _Finder:
    """Finds a column by name: as written, else in any case, else with its unit in brackets behind
    it; for ExoFOP also whatever the punctuation and wording.

    Elsewhere "Period (days)" is not "period_days": a table that is half recognised would lose its
    other columns unseen.
    """

    def __init__(self, columns: Sequence[str], layout: str, *, loose: bool = False) -> None:
        self._columns = columns
        loose = loose or layout == "exofop"
        self._plain: Callable[[str], str] = canonical_name if loose else str.lower
        bare = {self._plain(without_unit(column)): column for column in reversed(columns)}
        self._by_plain = bare | {self._plain(column): column for column in reversed(columns)}

    def __call__(self, name: str) -> str | None:
        return name if name in self._columns else self._by_plain.get(self._plain(name))


def _feature_columns(name: str, source: Source, find: _Finder) -> FeatureColumns | None:
    found = tuple(column for c in source.columns if (column := find(c)) is not None)
    enough = (
        bool(found) if source.combine is Combine.MEAN_ABS else len(found) == len(source.columns)
    )
    if not enough:
        return None
    limits = tuple(limit for c in source.columns if (limit := find(f"{_stem(c)}lim")))
    return FeatureColumns(name, found, source.factor, source.combine, tuple(dict.fromkeys(limits)))


def _stem(column: str) -> str:
    return column.removesuffix("err1").removesuffix("err2")


def _is_usable(plan: Plan) -> bool:
    required = set(REQUIRED_NAMES) & set(plan.feature_names)
    # ExoFOP's words are common ones ("Period (days)"), so one alone says little; and its list names
    # the TIC ID.
    return (
        len(required) >= 2 and plan.star is not None
        if plan.layout.key == "exofop"
        else bool(required)
    )


def _evidence(plan: Plan) -> int:
    """How much speaks for a layout: its identifiers are its own, while TOI and K2 share many
    feature columns."""
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
        wanted = [f"{w} (Kepler)" for w in wanted[:1]] + [
            "pl_orbper (TESS, K2)",
            "orbital_period (template)",
        ]
    return NoSignalColumns(wanted, wanted=f"a table of {mission} signals" if mission else "")
