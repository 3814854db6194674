"""Tables with other column names: which of their columns feed which feature, in which unit, and guesses at that."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.ml.columns import FeatureColumns, Plan
from training.ml.errors import InvalidMapping, shorten
from training.ml.read_table import canonical_name
from training.ml.schema import (
    FEATURE_BY_NAME,
    FEATURES,
    LAYOUTS,
    REQUIRED_NAMES,
    Combine,
    Disposition,
    Feature,
    Layout,
    Mission,
    parse_mission,
    source_of,
)
from training.ml.units import UNITS, Unit, unit_named

ROLES: Final = ("signal", "star", "ra", "dec", "disposition", "mission_column")
"""What a column may be besides a feature."""

_SURE: Final = 0.95
_LIKELY: Final = 0.55
_SAMPLE_IN_RANGE: Final = 0.5

_ROLE_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "signal": ("identifier", "signal", "name", "planet", "planet name", "object", "candidate", "id"),
    "star": ("star", "star id", "host", "target", "target id", "kic", "tic", "epic", "star name"),
    "ra": ("ra", "right ascension", "ra deg", "raj2000"),
    "dec": ("dec", "declination", "dec deg", "dej2000", "de"),
    "disposition": ("disposition", "status", "class", "label", "disp", "verdict"),
    "mission_column": ("mission", "survey"),
}
_FEATURE_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "orbital_period": ("period", "per", "p", "porb", "pl_per"),
    "transit_duration": ("duration", "dur", "t14", "tdur", "tdur14"),
    "transit_depth": ("depth", "delta", "dep"),
    "impact_parameter": ("impact", "b"),
    "radius_ratio": ("ror", "rprs", "rp_rs", "k", "radius ratio", "rplanet over rstar"),
    "scaled_semi_major_axis": ("ars", "a_rs", "a over r", "dor"),
    "inclination": ("inc", "incl", "inclination"),
    "transit_snr": ("snr", "s/n", "sn", "signal to noise", "model snr"),
    "planet_radius": ("rp", "rpl", "r_p", "rplanet", "planet rad", "radius planet", "prad"),
    "insolation": ("insol", "flux", "seff"),
    "equilibrium_temperature": ("teq", "t_eq", "eqt", "equilibrium temp"),
    "semi_major_axis": ("a", "sma", "axis"),
    "stellar_teff": ("teff", "t_eff", "star temp", "tstar", "steff", "st temp"),
    "stellar_logg": ("logg", "log g", "slogg", "gravity"),
    "stellar_radius": ("rs", "rstar", "r_star", "star rad", "star radius", "srad", "rad star"),
    "stellar_mass": ("ms", "mstar", "m_star", "star mass", "smass"),
    "stellar_metallicity": ("feh", "fe/h", "met", "metallicity", "smet"),
    "stellar_density": ("rho", "rhostar", "density", "rho_star"),
    "stellar_magnitude": ("mag", "kepmag", "tmag", "magnitude", "gmag", "kmag"),
    "stellar_distance": ("dist", "distance"),
    "proper_motion": ("pm", "proper motion"),
}


@dataclass(frozen=True)
class ColumnMapping:
    """How a table names our features: ``features`` maps a schema name to (column, unit name).

    A column whose name ends in err1 stands for its err2 too, as in the archive's tables. ``dispositions`` translates
    the table's own codes; ours and the TFOPWG's are known anyway. ``confidence`` (0 to 1, by schema name or role) is
    there for guesses only.
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

    def plan(self, columns: Sequence[str]) -> Plan:
        """How to read a table with these columns; ``InvalidMapping`` names everything that does not fit."""
        if wrong := self.faults(columns):
            raise InvalidMapping(wrong)
        return Plan(
            layout=self._layout(),
            features=tuple(_mapped(name, *given, columns) for name, given in self.features.items()),
            signal=self.signal, star=self.star, ra=self.ra, dec=self.dec, disposition=self.disposition,
            mission=self.mission, mission_column=self.mission_column,
        )  # fmt: skip

    def faults(self, columns: Sequence[str]) -> list[str]:
        """Sentences about what is wrong with this mapping for a table with these columns."""
        faults = []
        if not any(name in self.features for name in REQUIRED_NAMES):
            labels = [FEATURE_BY_NAME[name].label.lower() for name in REQUIRED_NAMES]
            faults.append(f"Say which column holds the {labels[0]}, the {labels[1]} or the {labels[2]}.")
        if self.mission is None and self.mission_column is None:
            faults.append("Choose the mission, or the column that names it.")
        for name, (column, unit) in self.features.items():
            faults += _feature_faults(name, column, unit, columns)
        for role in ROLES:
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
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> ColumnMapping:
        """The mapping that ``as_json`` gave; ``InvalidMapping`` where a feature or a code is not ours."""
        try:
            return cls(
                mission=parse_mission(stored["mission"]) if stored.get("mission") else None,
                features={str(name): (str(column), str(unit)) for name, (column, unit) in stored["features"].items()},
                dispositions={str(c): Disposition(d) for c, d in (stored.get("dispositions") or {}).items()},
                signal=stored.get("signal"), star=stored.get("star"), ra=stored.get("ra"), dec=stored.get("dec"),
                disposition=stored.get("disposition"), mission_column=stored.get("mission_column"),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidMapping(["This mapping is not complete; map the columns again."]) from error

    def _layout(self) -> Layout:
        own = LAYOUTS["own"]
        return replace(
            own,
            key="mapped",
            title="a table with its columns mapped",
            mission=self.mission if not self.mission_column else None,
            dispositions={**own.dispositions, "REFUTED": Disposition.FALSE_POSITIVE, **self.dispositions},
        )


def header_fingerprint(columns: Sequence[str]) -> str:
    """SHA-256 of a header, whatever the order of its columns: a saved mapping is offered for the same one."""
    return hashlib.sha256("\n".join(sorted(columns)).encode()).hexdigest()


def mapping_of_plan(plan: Plan) -> ColumnMapping:
    """The mapping that shows what a recognised table is read as; sources that combine columns show their first."""
    features = {
        f.feature: (f.columns[0], unit.name)
        for f in plan.features
        if (unit := next((u for u in UNITS[f.feature] if u.factor == f.factor), None)) is not None
    }
    return ColumnMapping(
        mission=plan.mission, features=features, signal=plan.signal, star=plan.star, ra=plan.ra, dec=plan.dec,
        disposition=plan.disposition, mission_column=plan.mission_column,
        confidence=dict.fromkeys(features, 1.0),
    )  # fmt: skip


def guess_mapping(columns: Sequence[str], sample: pd.DataFrame, mission: Mission | None = None) -> ColumnMapping:
    """A mapping by likeness of names and by the values in ``sample`` (raw text, dtype str), with its confidence.

    A guess is for a person to confirm; nothing reads a table by it unasked. Each column is used once.
    """
    scored = sorted(
        (
            (score, target, column)
            for column in columns
            for target, score in _scores(column, _numbers(sample, column)).items()
            if score >= _LIKELY
        ),
        key=lambda found: (-found[0], columns.index(found[2])),
    )
    chosen: dict[str, tuple[str, float]] = {}
    for score, target, column in scored:
        if target not in chosen and column not in (used for used, _ in chosen.values()):
            chosen[target] = (column, score)
    features = {
        name: (chosen[name][0], _guess_unit(name, chosen[name][0], _numbers(sample, chosen[name][0])).name)
        for name in FEATURE_BY_NAME if name in chosen
    }  # fmt: skip
    roles: dict[str, Any] = {role: chosen[role][0] for role in ROLES if role in chosen}
    confidence = {target: round(score, 2) for target, (_, score) in chosen.items()}
    guess = ColumnMapping(mission or _guess_mission(columns), features, confidence=confidence)
    return replace(guess, **roles)


# --- one mapped feature --------------------------------------------------------------------------------------------


def _mapped(name: str, column: str, unit_name: str, columns: Sequence[str]) -> FeatureColumns:
    unit = unit_named(name, unit_name) or UNITS[name][0]
    is_error = name.endswith("_error")
    sides: tuple[str, ...] = (column,)
    if is_error and column.endswith("err1") and f"{column[:-1]}2" in columns:
        sides = (column, f"{column[:-1]}2")
    is_curve = unit.is_magnitude and not is_error
    return FeatureColumns(
        name, sides, unit.factor, Combine.MEAN_ABS if is_error else Combine.ONE, unit="mmag" if is_curve else ""
    )


def _feature_faults(name: str, column: str, unit: str, columns: Sequence[str]) -> list[str]:
    if name not in UNITS:
        return [f"“{shorten(name)}” is not an input that a column can feed."]
    faults = [] if column in columns else [_absent(column)]
    if unit_named(name, unit) is None:
        units = ", ".join(known.name or "no unit" for known in UNITS[name])
        faults.append(f"“{shorten(unit)}” is not a unit of {FEATURE_BY_NAME[name].label.lower()}; choose {units}.")
    return faults


def _absent(column: str) -> str:
    return f"This table has no column “{shorten(column)}”."


# --- guesses -------------------------------------------------------------------------------------------------------


def _scores(column: str, numbers: NDArray[np.float64]) -> dict[str, float]:
    """How well ``column`` fits each feature and role, 0 to 1."""
    words = _words(column)
    is_error = _says_error(column)
    scores = {}
    for feature in FEATURES:
        if feature.is_categorical or feature.name.endswith("_error") != is_error:
            continue
        likeness = max((_likeness(words, alias) for alias in _ALIASES[feature.name]), default=0.0)
        scores[feature.name] = likeness * _fit(feature, column, numbers)
    if not is_error:
        for role, names in _ROLE_ALIASES.items():
            scores[role] = max(_likeness(words, alias) for alias in names)
    return scores


def _likeness(words: str, alias: str) -> float:
    if words == alias:
        return 1.0
    if len(alias) < 3 or len(words) < 3:
        return 0.0
    ratio = SequenceMatcher(None, words, alias).ratio()
    contained = 0.5 + 0.4 * len(alias) / len(words) if len(alias) >= 4 and alias in words else 0.0
    return _SURE * max(ratio if ratio >= 0.75 else 0.0, contained)


def _fit(feature: Feature, column: str, numbers: NDArray[np.float64]) -> float:
    """1 where the sample fits the range in some unit, less where it does not, 0 where it is no numbers at all."""
    if not len(numbers):
        return 0.9
    if np.isnan(numbers).all():
        return 0.0
    unit = _guess_unit(feature.name, column, numbers)
    known = np.abs(numbers[~np.isnan(numbers)]) if feature.name.endswith("_error") else numbers[~np.isnan(numbers)]
    inside = np.mean((known >= feature.low / unit.factor) & (known <= feature.high / unit.factor))
    return 1.0 if inside >= _SAMPLE_IN_RANGE else 0.5


def _guess_unit(name: str, column: str, numbers: NDArray[np.float64]) -> Unit:
    """The unit that the column's name says, that the archive has, or that the values fit; ours when nothing speaks."""
    units = UNITS[name]
    said = [piece for piece in re.split(r"[^a-z0-9]+", column.lower().replace("%", " percent ")) if piece][1:]
    joined = "".join(said)
    for unit in units:
        if any(word in said or (len(word) > 2 and joined.endswith(word)) for word in unit.words):
            return unit
    factor = _ARCHIVE_FACTORS.get((name, canonical_name(column)))
    if factor is not None:
        return next((unit for unit in units if unit.factor == factor), units[0])
    known = np.abs(numbers[np.isfinite(numbers)])
    if not len(known) or name.endswith("_error"):
        return units[0]
    middle = float(np.median(known))
    return next((unit for unit in units if unit.usual and unit.usual[0] <= middle <= unit.usual[1]), units[0])


def _guess_mission(columns: Sequence[str]) -> Mission | None:
    """The mission whose catalogue or band the header names."""
    names = {canonical_name(column) for column in columns}
    hints = {
        Mission.KEPLER: {"kic", "kepid", "koi", "kepmag", "kepoiname"},
        Mission.TESS: {"tic", "ticid", "tid", "toi", "tmag"},
        Mission.K2: {"epic", "epicid", "epichostname"},
    }
    found = [mission for mission, words in hints.items() if names & words]
    return found[0] if len(found) == 1 else None


def _numbers(sample: pd.DataFrame, column: str) -> NDArray[np.float64]:
    """The non-empty cells of a column as numbers, NaN for text."""
    if column not in sample:
        return np.empty(0)
    cells = sample[column].str.strip()
    return np.asarray(pd.to_numeric(cells[cells != ""], errors="coerce"), dtype=np.float64)


def _words(column: str) -> str:
    """A column's name without the words for its unit and its uncertainty."""
    text = re.sub(r"[\[(].*?[\])]", " ", column)
    text = re.sub(r"(?i)[_\s-]*(?:err(?:or)?[_\s]?[12]?|uncertainty|sigma|unc|upper|lower|plus|minus)\b", " ", text)
    text = re.sub(r"(?i)^(?:e|sig|sigma|d)_", " ", text)
    pieces = [piece for piece in re.split(r"[^A-Za-z0-9/]+", text.lower()) if piece]
    return canonical_name("".join(piece for i, piece in enumerate(pieces) if i == 0 or piece not in _UNIT_WORDS))


def _says_error(column: str) -> bool:
    pattern = r"(?i)(?:^e_)|(?:^sig(?:ma)?_)|err(?:or)?[_\s]?[12]?\b|uncertainty|_unc\b|\bsigma\b"
    return re.search(pattern, column) is not None


def _aliases(feature: Feature) -> tuple[str, ...]:
    """Every name by which a feature is known: ours, our label, the archive's columns, and the field's short forms."""
    base = feature.name.removesuffix("_error")
    quantity = FEATURE_BY_NAME.get(base, feature)
    names = [base, base.replace("stellar_", "star_"), quantity.label, *_FEATURE_WORDS.get(base, ())]
    for layout in LAYOUTS:
        source = source_of(quantity, layout)
        if source is not None and source.combine in (Combine.ONE, Combine.MEAN_ABS):
            names += [_words(column) for column in source.columns]
    return tuple(dict.fromkeys(canonical_name(name) for name in names))


def _role_aliases(role: str, names: Sequence[str]) -> tuple[str, ...]:
    of_layouts = [str(getattr(layout, f"{role}_column", "")) for layout in LAYOUTS.values()]
    return tuple(dict.fromkeys(canonical_name(name) for name in (*names, *of_layouts) if name))


def _archive_factors() -> Iterable[tuple[tuple[str, str], float]]:
    for feature in FEATURES:
        for source in feature.sources.values():
            for column in source.columns:
                # TOI and K2 share pl_trandep in two units: only the values can tell.
                if column != "pl_trandep":
                    yield (feature.name, canonical_name(column)), source.factor


_UNIT_WORDS: Final = frozenset(
    word for units in UNITS.values() for unit in units for word in unit.words if len(word) > 1
)
_ALIASES: Final = {feature.name: _aliases(feature) for feature in FEATURES if not feature.is_categorical}
_ROLE_ALIASES: Final = {role: _role_aliases(role, names) for role, names in _ROLE_NAMES.items()}
_ARCHIVE_FACTORS: Final = dict(_archive_factors())
