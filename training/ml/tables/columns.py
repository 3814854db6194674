"""Which column of a table feeds which feature: the plan by which its rows are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.ml.libraries import special
from training.ml.schema import CONTEXT_NAMES, NUMERIC_NAMES, PLACE_NAMES, Combine, Layout, Mission
from training.ml.tables import units

_HALF_OF_THE_LIGHT: Final = 0.5


@dataclass(frozen=True)
class FeatureColumns:
    """Where this table keeps one feature: the schema's source, with the columns as this table
    spells them.

    ``limits`` are the archive's "…lim" columns; where they are not 0 the value is an upper or lower
    limit. ``unit`` names a conversion that is more than a factor ("mmag"). ``of_mission``: factor
    and conversion for the rows of a mission that has another unit than the rest.
    """

    feature: str
    columns: tuple[str, ...]
    factor: float = 1.0
    combine: Combine = Combine.ONE
    limits: tuple[str, ...] = ()
    unit: str = ""
    of_mission: Mapping[str, tuple[float, str]] = field(default_factory=dict)

    def convert(
        self, values: NDArray[np.float64], missions: Sequence[str] = ()
    ) -> NDArray[np.float64]:
        """``values`` in our unit; ``missions`` of the rows, where ``of_mission`` tells them
        apart."""
        converted = _convert(values, self.factor, self.unit)
        for mission, (factor, unit) in self.of_mission.items():
            here = np.array([name == mission for name in missions], dtype=bool)
            if here.any():
                converted = np.where(here, _convert(values, factor, unit), converted)
        return converted


def _convert(values: NDArray[np.float64], factor: float, unit: str) -> NDArray[np.float64]:
    """A magnitude difference m is a loss of light of 1 − 10^(−0.4 m)."""
    if unit in units.MAGNITUDES:
        loss: NDArray[np.float64] = -np.expm1(-0.4 * units.MAGNITUDES[unit] * np.log(10) * values)
        return loss * 1e6
    if unit == units.CELSIUS:
        return values + units.ZERO_CELSIUS
    if unit == units.FLUX_LEFT:
        return (1 - values) * 1e6
    if unit == units.FLUX_OR_DEPTH:
        return np.where(values > _HALF_OF_THE_LIGHT, 1 - values, values) * 1e6
    if unit == units.CHI_SQUARE:
        return np.where(values >= 0, special.chdtrc(1, values), np.nan)
    return values if factor == 1.0 else values * factor


@dataclass(frozen=True)
class Plan:
    """How to read the rows of one table. Columns that the table lacks are None.

    ``combines_rows``: an object has one row per publication, which become one signal.
    ``signal_suffix``: a column that numbers the signals of a star, where no column names them.
    ``band``: of all magnitudes. ``ra_in_hours``: right ascension is in hours, not degrees.
    ``mission_words``: what this table's own words for missions mean.
    """

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
    epoch: str | None = None
    transit_flag: str | None = None
    signal_suffix: str | None = None
    band: str | None = None
    ra_in_hours: bool = False
    mission_words: Mapping[str, Mission] = field(default_factory=dict)
    combines_rows: bool = False
    k2_name: bool = field(default=False, compare=False)  # has a column that only the K2 table has

    @property
    def number_columns(self) -> tuple[str, ...]:
        columns = [c for f in self.features for c in (*f.columns, *f.limits)]
        columns += [c for c in (self.default_flag, self.transit_flag) if c]
        return tuple(dict.fromkeys(columns))

    @property
    def feature_names(self) -> tuple[str, ...]:
        return tuple(f.feature for f in self.features)

    @property
    def absent_features(self) -> tuple[str, ...]:
        """Numeric features that no column of this table feeds, those computed from others left
        aside."""
        computed = {*CONTEXT_NAMES, *PLACE_NAMES}
        return tuple(
            name
            for name in NUMERIC_NAMES
            if name not in computed and name not in self.feature_names
        )
