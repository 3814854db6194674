"""What the classifier has seen: usual ranges per mission and a model of how quantities go together.

It keeps quantiles, means and covariances, never a row of the training tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from training.ml.contradictions import contradictions
from training.ml.features import SKEWED, Columns, radius_from_depth
from training.ml.libraries import pandas as pd
from training.ml.numbers import number, quantity
from training.ml.schema import FEATURE_BY_NAME, FEATURES, NUMERIC_NAMES, Mission
from training.ml.signal_rows import Floats, Harmonised, rows_of
from training.ml.sky.same_period import WITHIN_ARCSEC
from training.ml.tables.doubting.doubt_rules import (
    DEPTH_UNIT_WORDS,
    depth_units,
    in_days,
    in_other_unit,
)

TAILS: Final = (0.0005, 0.9995)
MIN_VALUES: Final = 50
CORE: Final = (
    "orbital_period",
    "transit_duration",
    "transit_depth",
    "planet_radius",
    "stellar_teff",
    "stellar_logg",
    "stellar_radius",
)
"""Quantities whose combination is judged: nearly every table has them."""
FARTHEST_SHARE: Final = 0.999
UNFAMILIAR: Final = (
    "These values are each possible, but together they are unlike nearly all signals that the"
    " classifier was trained on: read the answer with care."
)


@dataclass
class Cloud:
    """A Gaussian in (mostly logarithmic) core quantities, with the distance that all but a
    thousandth stay within."""

    mean: Floats
    scale: Floats
    precision: Floats
    farthest: float

    @classmethod
    def fit(cls, core: Floats) -> Cloud:
        mean, scale = np.nanmedian(core, axis=0), np.nanstd(core, axis=0)
        scale = np.where(scale > 0, scale, 1.0)
        # A few absurd values would widen the cloud for all.
        standard = np.clip(np.nan_to_num((core - mean) / scale), -8, 8)
        from sklearn.covariance import LedoitWolf  # needed to train, not to answer

        cloud = cls(mean, scale, LedoitWolf(assume_centered=True).fit(standard).precision_, np.inf)
        cloud.farthest = float(np.quantile(cloud.distance(core), FARTHEST_SHARE))
        return cloud

    def distance(self, core: Floats) -> Floats:
        """Mahalanobis distance of shape (n,) among the given quantities.

        A missing one counts as what the given ones make of it: its median would contradict an
        unusual neighbour.
        """
        standard = (core - self.mean) / self.scale
        gaps = np.isnan(standard)
        # Rows with the same gaps are solved together.
        for gap in np.unique(gaps, axis=0) if len(gaps) > 1 else gaps:
            if gap.any():
                rows = (gaps == gap).all(axis=1)
                expected = -np.linalg.solve(
                    self.precision[gap][:, gap], self.precision[gap][:, ~gap]
                )
                standard[np.ix_(rows, gap)] = standard[np.ix_(rows, ~gap)] @ expected.T
        distance: Floats = np.sqrt(np.einsum("ni,ij,nj->n", standard, self.precision, standard))
        return distance


@dataclass
class Familiarity:
    ranges: dict[str, dict[str, tuple[float, float]]] = field(default_factory=dict)
    clouds: dict[str, Cloud] = field(default_factory=dict)

    @classmethod
    def fit(cls, frame: pd.DataFrame) -> Familiarity:
        familiarity = cls()
        # “Other” stands for missions still to come, which are compared with everything.
        for mission in [*sorted(set(frame["mission"])), Mission.OTHER]:
            own = frame if mission == Mission.OTHER else frame[frame["mission"] == mission]
            familiarity.ranges[mission] = _usual_ranges(own)
            familiarity.clouds[mission] = Cloud.fit(_core(rows_of(own).columns))
        return familiarity

    def warnings(self, signals: Harmonised, seen: frozenset[str]) -> list[list[str]]:
        """Sentences per row, in a fixed order; empty where a signal looks like what the classifier
        was trained on."""
        table = rows_of(signals)
        found = self.unfamiliar(table, seen)
        for row, sentences in enumerate(doubts(table)):
            found[row] += sentences
        _warn_of_neighbours(found, table.columns)
        return found

    def unfamiliar(self, signals: Harmonised, seen: frozenset[str]) -> list[list[str]]:
        """Of these sentences the ones about what the classifier has not seen the like of."""
        table = rows_of(signals)
        found: list[list[str]] = [[] for _ in range(len(table))]
        missions, core = table["mission"], _core(table.columns)
        for mission in dict.fromkeys(missions):
            rows = np.flatnonzero(missions == mission)
            if mission not in seen:
                _add(
                    found,
                    rows,
                    f"The classifier was never trained on a signal of the mission “{mission}”: "
                    "its answer is carried over from other missions. Its prediction set is the"
                    " widest of all missions, because nothing has measured how well that works.",
                )
            reference = mission if mission in self.ranges else str(Mission.OTHER)
            self._warn_of_ranges(found, rows, table.numbers, reference)
            cloud = self.clouds[reference]
            _add(found, rows[cloud.distance(core[rows]) > cloud.farthest], UNFAMILIAR)
        return found

    def _warn_of_ranges(
        self, found: list[list[str]], rows: npt.NDArray[np.intp], numbers: Floats, mission: str
    ) -> None:
        """``numbers`` holds every signal, shape (n, len(NUMERIC_NAMES)); ``rows`` those of this
        mission."""
        lows, highs = _bounds(self.ranges[mission])
        own = numbers[rows]
        for row, position in np.argwhere((own < lows) | (own > highs)):
            feature = FEATURE_BY_NAME[NUMERIC_NAMES[position]]
            found[rows[row]].append(
                f"{feature.label} {quantity(own[row, position], feature.unit)} is outside of what"
                f" the classifier saw ({number(lows[position])} to"
                f" {quantity(highs[position], feature.unit)} for {_of(mission)})."
            )


def doubts(signals: Harmonised) -> list[list[str]]:
    """Sentences per row about values that contradict each other, in a fixed order: what any table
    can be told, whichever classifier answers it."""
    table = rows_of(signals)
    found: list[list[str]] = [[] for _ in range(len(table))]
    _warn_of_units_and_radius(found, table.columns)
    for row, sentences in enumerate(contradictions(table)):
        found[row] += sentences
    return found


def _bounds(ranges: dict[str, tuple[float, float]]) -> tuple[Floats, Floats]:
    """The usual ranges as arrays in the order of NUMERIC_NAMES; NaN, beyond which nothing lies,
    where there is none."""
    pairs = np.array([ranges.get(name, (np.nan, np.nan)) for name in NUMERIC_NAMES])
    return pairs[:, 0], pairs[:, 1]


def _usual_ranges(frame: pd.DataFrame) -> dict[str, tuple[float, float]]:
    ranges = {}
    for feature in FEATURES:
        if not feature.is_categorical and frame[feature.name].count() >= MIN_VALUES:
            low, high = frame[feature.name].quantile(TAILS)
            ranges[feature.name] = (float(low), float(high))
    return ranges


def _core(columns: Columns) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        core = [np.log10(columns[name]) if name in SKEWED else columns[name] for name in CORE]
    return np.column_stack([np.where(np.isfinite(column), column, np.nan) for column in core])


def _warn_of_units_and_radius(found: list[list[str]], columns: Columns) -> None:
    """A depth or duration in the wrong unit, or a radius that contradicts depth and star by more
    than a factor of two."""
    with np.errstate(all="ignore"):
        expected = radius_from_depth(columns)
        factor = columns["planet_radius"] / expected
    depth, radius = columns["transit_depth"], columns["planet_radius"]
    kinds = depth_units(columns)
    for at in np.flatnonzero(kinds != ""):
        unit = DEPTH_UNIT_WORDS[kinds[at]]
        meant = in_other_unit(kinds[at], depth[at : at + 1])[0]
        found[at].append(
            f"Transit depth {quantity(depth[at], 'ppm')} looks like {unit}; usual depths are 20 to"
            f" 100,000 ppm. If so, enter {quantity(meant, 'ppm')}."
        )
    duration = columns["transit_duration"]
    for at in np.flatnonzero(in_days(columns)):
        found[at].append(
            f"Transit duration {quantity(duration[at], 'hours')} is far too short for its period;"
            f" it may be days. If so, enter {quantity(24 * duration[at], 'hours')}."
        )
    # Where the depth is in doubt already, so is the radius that follows from it.
    for at in np.flatnonzero((kinds == "") & ((factor > 2) | (factor < 0.5))):
        found[at].append(
            f"Planet radius {quantity(radius[at], 'Earth radii')} contradicts depth and star, which"
            f" give {quantity(expected[at], 'Earth radii')}; usually the two agree within a factor"
            " of 2."
        )


def _warn_of_neighbours(found: list[list[str]], columns: Columns) -> None:
    """One ephemeris on two stars, where the table or the classifier knows of another one."""
    separation = columns["neighbour_separation"]
    near = (columns["neighbour_count"] >= 1) & (separation <= WITHIN_ARCSEC)
    for at in np.flatnonzero(near):
        found[at].append(
            f"A signal of another star {quantity(separation[at], 'arcsec')} away has this period"
            " (or twice or half of it) at the same time: the light of one eclipsing binary may fall"
            " on both, so look at both stars before you trust either signal."
        )


def _add(found: list[list[str]], rows: npt.NDArray[np.intp], sentence: str) -> None:
    for row in rows:
        found[row].append(sentence)


def _of(mission: str) -> str:
    return "all missions" if mission == Mission.OTHER else mission
