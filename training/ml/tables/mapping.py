"""Which columns of a table feed which feature, in which unit, as a person or a preview says it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from training.ml.errors import InvalidMapping, join_words, shorten
from training.ml.schema import (
    BANDS,
    FEATURE_BY_NAME,
    LAYOUTS,
    REQUIRED_NAMES,
    Combine,
    Disposition,
    Layout,
    Mission,
    parse_mission,
)
from training.ml.tables.columns import FeatureColumns, Plan
from training.ml.tables.layouts.all import ALL_LAYOUTS
from training.ml.tables.reading.stated import Stated
from training.ml.tables.units import UNITS, Unit, unit_named, unit_of

ROLES: Final = ("signal", "star", "ra", "dec", "disposition", "mission_column")
"""What a column may be besides a feature."""

OTHER_ROLES: Final = (
    *("band_column", "signal_suffix", "epoch", "default_flag"),
    *("discovery_method", "transit_flag", "publication_date"),
)
"""What a column of a known table may be, which nobody is asked for."""


@dataclass(frozen=True)
class Detail:
    """What a feature's entry says beyond its first column and its unit.

    ``columns``: all of them, the first included. ``limits``: columns that mark a value as a limit.
    ``units``: of the rows of a mission whose unit differs from the rest.
    """

    columns: tuple[str, ...]
    combine: Combine = Combine.ONE
    limits: tuple[str, ...] = ()
    units: Mapping[Mission, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "columns": list(self.columns),
            "combine": str(self.combine),
            "limits": list(self.limits),
            "units": {str(mission): unit for mission, unit in self.units.items()},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Detail:
        return cls(
            columns=tuple(map(str, stored["columns"])),
            combine=Combine(stored.get("combine") or "one"),
            limits=tuple(map(str, stored.get("limits") or ())),
            units={Mission(m): str(unit) for m, unit in (stored.get("units") or {}).items()},
        )


@dataclass(frozen=True)
class ColumnMapping:
    """How a table names our features: ``features`` maps a schema name to (column, unit name).

    ``details`` say more of a feature that has several columns, limit flags or units; they count as
    long as the feature keeps its first column. Without them a column whose name ends in err1 stands
    for its err2 too, as in the archive's tables.

    ``dispositions`` and ``missions`` translate the table's own words; ours and the usual ones are
    known anyway. ``layout``: the known kind of table whose codes and titles hold. ``band``: of all
    magnitudes. ``several_rows``: an object has one row per publication.
    ``confidence`` (0 to 1, by schema name or role) is there for guesses only.
    """

    mission: Mission | None = None
    features: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    signal: str | None = None
    star: str | None = None
    ra: str | None = None
    dec: str | None = None
    disposition: str | None = None
    mission_column: str | None = None
    dispositions: Mapping[str, Disposition] = field(default_factory=dict)
    confidence: Mapping[str, float] = field(default_factory=dict, compare=False)
    details: Mapping[str, Detail] = field(default_factory=dict)
    missions: Mapping[str, Mission] = field(default_factory=dict)
    layout: str | None = None
    band: str | None = None
    several_rows: bool = False
    epoch_zero: float | None = None
    ra_in_hours: bool = False
    band_column: str | None = None
    signal_suffix: str | None = None
    epoch: str | None = None
    default_flag: str | None = None
    discovery_method: str | None = None
    transit_flag: str | None = None
    publication_date: str | None = None

    def plan(self, columns: Sequence[str]) -> Plan:
        """How to read a table with these columns; ``InvalidMapping`` names everything that does not
        fit."""
        if wrong := self.faults(columns):
            raise InvalidMapping(wrong)
        roles = {role: getattr(self, role) for role in (*ROLES, *OTHER_ROLES)}
        signal = roles.pop("signal")
        return Plan(
            layout=self._layout(),
            features=tuple(self._fed(name, columns) for name in self._order()),
            signal=signal,
            mission=self.mission,
            band=self.band,
            ra_in_hours=self.ra_in_hours,
            mission_words={word.lower(): ours for word, ours in self.missions.items()},
            combines_rows=self.several_rows and signal is not None,
            **roles,
        )

    def detail_of(self, name: str) -> Detail | None:
        """The feature's detail; None where it has none, or was given another column since."""
        detail = self.details.get(name)
        given = self.features.get(name)
        return detail if detail and given and detail.columns[:1] == given[:1] else None

    def completed_by(self, other: ColumnMapping) -> ColumnMapping:
        """This mapping with what ``other`` knows beyond a form's fields: details of the features
        that keep their column, words, and roles that nobody is asked for."""
        details = {
            name: detail
            for name in self.features
            if (detail := self.detail_of(name) or _shared_detail(self, other, name))
        }
        beyond = {
            role: getattr(self, role) or getattr(other, role)
            for role in (*OTHER_ROLES, "band", "layout")
        }
        return replace(
            self,
            details=details,
            dispositions={**other.dispositions, **self.dispositions},
            missions={**other.missions, **self.missions},
            ra_in_hours=self.ra_in_hours or (other.ra_in_hours and self.ra == other.ra),
            several_rows=self.several_rows or (other.several_rows and self.signal == other.signal),
            epoch_zero=other.epoch_zero if self.epoch_zero is None else self.epoch_zero,
            **beyond,
        )

    def faults(self, columns: Sequence[str]) -> list[str]:
        """Sentences about what is wrong with this mapping for a table with these columns."""
        faults = []
        if not any(name in self.features for name in REQUIRED_NAMES):
            labels = [FEATURE_BY_NAME[name].label.lower() for name in REQUIRED_NAMES]
            faults.append(
                f"Say which column holds the {labels[0]}, the {labels[1]} or the {labels[2]}."
            )
        if self.mission is None and self.mission_column is None:
            faults.append("Choose the mission, or the column that names it.")
        if self.band is not None and self.band not in BANDS:
            faults.append(
                f"“{shorten(self.band)}” is not a magnitude band; choose {join_words(BANDS, 'or')}."
            )
        for name, (column, unit) in self.features.items():
            faults += _feature_faults(name, column, unit, columns)
            faults += self._detail_faults(name, columns)
        for role in (*ROLES, *OTHER_ROLES):
            column_of_role = getattr(self, role)
            if column_of_role is not None and column_of_role not in columns:
                faults.append(_absent(column_of_role))
        return faults

    def as_json(self) -> dict[str, Any]:
        """What ``from_json`` reads; fit for a JSON field."""
        return {
            "mission": self.mission and str(self.mission),
            "features": {name: list(given) for name, given in self.features.items()},
            "dispositions": {code: str(ours) for code, ours in self.dispositions.items()},
            **{role: getattr(self, role) for role in ROLES},
            "details": {name: detail.as_json() for name, detail in self.details.items()},
            "missions": {word: str(ours) for word, ours in self.missions.items()},
            "layout": self.layout,
            "band": self.band,
            "several_rows": self.several_rows,
            "epoch_zero": self.epoch_zero,
            "ra_in_hours": self.ra_in_hours,
            **{role: getattr(self, role) for role in OTHER_ROLES},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> ColumnMapping:
        """The mapping that ``as_json`` gave, now or before it knew details; ``InvalidMapping``
        where a feature or a code is not ours."""
        try:
            roles: dict[str, Any] = {
                role: stored.get(role) or None for role in (*ROLES, *OTHER_ROLES)
            }
            return cls(
                mission=parse_mission(stored["mission"]) if stored.get("mission") else None,
                features={
                    str(name): (str(column), str(unit))
                    for name, (column, unit) in stored["features"].items()
                },
                dispositions={
                    str(c): Disposition(d) for c, d in (stored.get("dispositions") or {}).items()
                },
                details={
                    str(name): Detail.from_json(detail)
                    for name, detail in (stored.get("details") or {}).items()
                },
                missions={str(w): Mission(m) for w, m in (stored.get("missions") or {}).items()},
                layout=_known_layout(stored.get("layout")),
                band=stored.get("band") or None,
                several_rows=bool(stored.get("several_rows")),
                epoch_zero=_number(stored.get("epoch_zero")),
                ra_in_hours=bool(stored.get("ra_in_hours")),
                **roles,
            )
        # From a program or an older version JSON has any shape: each way to fail is the same
        # answer.
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidMapping(
                ["This mapping is not complete; map the columns again."]
            ) from error

    def _order(self) -> Sequence[str]:
        """The features in the schema's order, whatever order a JSON parser made of them."""
        return [name for name in FEATURE_BY_NAME if name in self.features]

    def _fed(self, name: str, columns: Sequence[str]) -> FeatureColumns:
        column, unit = self.features[name]
        detail = self.detail_of(name)
        if detail is None:
            return _mapped(name, column, unit, columns)
        chosen = _unit(name, unit)
        return FeatureColumns(
            name,
            detail.columns,
            chosen.factor,
            detail.combine,
            detail.limits,
            _conversion(name, chosen),
            {
                str(mission): (other.factor, _conversion(name, other))
                for mission, text in detail.units.items()
                if (other := _unit(name, text))
            },
        )

    def _detail_faults(self, name: str, columns: Sequence[str]) -> list[str]:
        detail = self.detail_of(name)
        if detail is None or name not in UNITS:
            return []
        wanted = 2 if detail.combine in (Combine.HYPOT, Combine.DIFFERENCE) else 1
        faults = [_absent(c) for c in (*detail.columns[1:], *detail.limits) if c not in columns]
        if len(detail.columns) < wanted:
            label = FEATURE_BY_NAME[name].label.lower()
            faults.append(f"Name both columns of the {label}.")
        return faults + [
            fault
            for unit in detail.units.values()
            for fault in _feature_faults(name, columns[0] if columns else "", unit, columns)
        ]

    def _layout(self) -> Layout:
        words = self.dispositions
        # Where rows name their missions, the table has none of its own.
        mission = self.mission if not self.mission_column else None
        if self.layout is not None:
            known = ALL_LAYOUTS[self.layout]
            zero = known.epoch_zero if self.epoch_zero is None else self.epoch_zero
            codes = {**known.dispositions, **words} if words else known.dispositions
            return replace(known, mission=mission, dispositions=codes, epoch_zero=zero)
        own = LAYOUTS["own"]
        return replace(
            own,
            key="mapped",
            title="a table with its columns mapped",
            mission=mission,
            dispositions={
                **own.dispositions,
                "REFUTED": Disposition.FALSE_POSITIVE,
                **words,
            },
            epoch_zero=self.epoch_zero or 0.0,
        )


def header_fingerprint(columns: Sequence[str]) -> str:
    """SHA-256 of a header, whatever the order of its columns: a saved mapping is offered for the
    same one."""
    return hashlib.sha256("\n".join(sorted(columns)).encode()).hexdigest()


def mapping_of_plan(
    plan: Plan, stated: Mapping[str, Stated] = MappingProxyType({})
) -> ColumnMapping:
    """The mapping that says all that ``plan`` does: reading by it is reading by the plan.

    ``stated``: what the table states of its columns, for units that have no name of ours.
    """
    features = {f.feature: (f.columns[0], _unit_name(f, stated)) for f in plan.features}
    known = ALL_LAYOUTS.get(plan.layout.key)
    return ColumnMapping(
        mission=plan.mission,
        features=features,
        confidence=dict.fromkeys(features, 1.0),
        details={
            f.feature: Detail(f.columns, f.combine, f.limits)
            for f in plan.features
            if len(f.columns) > 1
            or f.limits
            or f.combine is not Combine.ONE
            or f.feature.endswith("_error")
        },
        missions=plan.mission_words,
        layout=known.key if known else None,
        band=plan.band,
        several_rows=plan.combines_rows,
        epoch_zero=plan.layout.epoch_zero,
        ra_in_hours=plan.ra_in_hours,
        **{role: getattr(plan, role) for role in (*ROLES, *OTHER_ROLES)},
    )


def _unit_name(source: FeatureColumns, stated: Mapping[str, Stated]) -> str:
    for unit in UNITS[source.feature]:
        if unit.factor == source.factor and _conversion(source.feature, unit) == source.unit:
            return unit.name
    said = next((stated[c].unit for c in source.columns if c in stated and stated[c].unit), "")
    return said or UNITS[source.feature][0].name


def _shared_detail(mine: ColumnMapping, other: ColumnMapping, name: str) -> Detail | None:
    given, known = mine.features.get(name), other.detail_of(name)
    return known if known and given and known.columns[0] == given[0] else None


# --- one mapped feature ---------------------------------------------------------------------------


def _mapped(name: str, column: str, unit_name: str, columns: Sequence[str]) -> FeatureColumns:
    """A column that somebody chose by hand. An uncertainty's other side goes with it."""
    unit = _unit(name, unit_name)
    is_error = name.endswith("_error")
    sides: tuple[str, ...] = (column,)
    if is_error and column.endswith("err1") and f"{column[:-1]}2" in columns:
        sides = (column, f"{column[:-1]}2")
    return FeatureColumns(
        name,
        sides,
        unit.factor,
        Combine.MEAN_ABS if is_error else Combine.ONE,
        unit=_conversion(name, unit),
    )


def _unit(name: str, text: str) -> Unit:
    return unit_named(name, text) or unit_of(name, text) or UNITS[name][0]


def _conversion(name: str, unit: Unit) -> str:
    """An uncertainty is small enough for a factor."""
    return "" if name.endswith("_error") else unit.conversion


def _feature_faults(name: str, column: str, unit: str, columns: Sequence[str]) -> list[str]:
    if name not in UNITS:
        return [f"“{shorten(name)}” is not an input that a column can feed."]
    faults = [] if column in columns else [_absent(column)]
    if unit_named(name, unit) is None and unit_of(name, unit) is None:
        units = ", ".join(known.name or "no unit" for known in UNITS[name])
        faults.append(
            f"“{shorten(unit)}” is not a unit of {FEATURE_BY_NAME[name].label.lower()}; choose"
            f" {units}."
        )
    return faults


def _absent(column: str) -> str:
    return f"This table has no column “{shorten(column)}”."


def _known_layout(key: Any) -> str | None:
    if key is not None and key not in ALL_LAYOUTS:
        raise ValueError(key)
    return key or None


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
