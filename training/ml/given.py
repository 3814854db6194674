"""What of a signal is given, as numbers: what calibration and prediction sets are conditioned on.

A score of three inputs means something else than one of ninety. Inputs that come and go together
form a block. Per block it counts how much of it is given and whether any of it is; the commonest
ways to know little (with a star or without, with a planet radius, with neighbours, with more than
all that) count on their own besides. So does, for Kepler, how full a signal is: another booster
answers for those of which nearly everything is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from training.ml.libraries import pandas as pd
from training.ml.schema import (
    CONTEXT_NAMES,
    FEATURES,
    NUMERIC_NAMES,
    PLACE_NAMES,
    REQUIRED_NAMES,
    SIBLING_NAMES,
    SIX_PARAMETERS,
    Feature,
    Group,
    Mission,
)
from training.ml.signal_rows import Harmonised, rows_of

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

_BY_NAME: Final[Mapping[str, str]] = {
    "planet_radius": "radius",
    "stellar_teff": "star",
    "stellar_radius": "star",
    "stellar_logg": "gravity",
    "stellar_mass": "gravity",
    "stellar_density": "gravity",
    "stellar_metallicity": "gravity",
    "transit_snr": "strength",
    "transit_count": "strength",
    **dict.fromkeys(CONTEXT_NAMES, "neighbours"),
    **dict.fromkeys(PLACE_NAMES, "place"),
}
_BY_GROUP: Final[Mapping[Group, str]] = {
    Group.TRANSIT: "fit",
    Group.PLANET: "planet",
    Group.STAR: "brightness",
    Group.VETTING: "vetting",
}
COMMON: Final = ("star", "radius")
SURROUNDINGS: Final = ("neighbours", "place")
WAYS: Final = 2 ** (
    len(COMMON) + 2
)  # with both, either or none; neighbours or a place; anything else
USUAL_SHARE: Final = 0.3
"""An input that fewer signals of a mission have does not count as missing from its block."""


def block_of(feature: Feature) -> str:
    """The block of an input that need not be given."""
    if feature.name in _BY_NAME:
        return _BY_NAME[feature.name]
    if feature.group is Group.UNCERTAINTY:
        return "stellar errors" if feature.name.startswith("stellar") else "transit errors"
    return _BY_GROUP[feature.group]


def blocks() -> dict[str, tuple[str, ...]]:
    """Every number that need not be given, block by block."""
    found: dict[str, tuple[str, ...]] = {}
    for feature in FEATURES:
        if feature.name in NUMERIC_NAMES and feature.name not in REQUIRED_NAMES:
            block = block_of(feature)
            found[block] = (*found.get(block, ()), feature.name)
    return found


@dataclass(frozen=True)
class Given:
    """A mission's blocks, by name: those of its inputs that its signals usually have."""

    blocks: tuple[tuple[str, tuple[str, ...]], ...]
    may_be_full: bool = False  # a mission whose full signals another booster answers

    @classmethod
    def fit(cls, given: Booleans, *, may_be_full: bool = False) -> Given:
        """``given`` has shape (n, len(NUMERIC_NAMES)): what a mission's signals have by nature."""
        shares = dict(zip(NUMERIC_NAMES, given.mean(axis=0), strict=True))
        return cls(
            tuple(
                (block, tuple(name for name in names if shares[name] >= USUAL_SHARE) or names)
                for block, names in blocks().items()
            ),
            may_be_full,
        )

    def covariates(self, given: Booleans) -> Floats:
        """Shape (n, 2 × blocks + WAYS): the share given of each block, whether any of it is, and
        which of the commonest ways to know little this is; of a mission that ``may_be_full`` one
        more: how far it is. Counting makes every row exact in any batch."""
        members, sizes = _members(self.blocks)
        counts = given.astype(np.float64) @ members
        any_given = counts > 0
        found = [counts / sizes, any_given, _ways(self.blocks, any_given)]
        if self.may_be_full:
            found.append(fullness(given[:, _FULL_POSITIONS])[:, np.newaxis])
        return np.hstack(found)


@cache
def _members(of: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[Floats, Floats]:
    members = np.zeros((len(NUMERIC_NAMES), len(of)))
    for number, (_, names) in enumerate(of):
        members[[NUMERIC_NAMES.index(name) for name in names], number] = 1
    return members, members.sum(axis=0)


def _ways(of: tuple[tuple[str, tuple[str, ...]], ...], any_given: Booleans) -> Floats:
    """One column per way, 1 where a row is of it, shape (n, 16)."""
    at = {name: number for number, (name, _) in enumerate(of)}
    rest = [number for name, number in at.items() if name not in (*COMMON, *SURROUNDINGS)]
    bits: list[Booleans] = [any_given[:, at[name]] for name in COMMON]
    for others in ([at[name] for name in SURROUNDINGS], rest):
        bits.append(np.logical_or.reduce(any_given[:, others], axis=1))
    way = sum(bit.astype(np.intp) << place for place, bit in enumerate(bits))
    ways: Floats = np.eye(WAYS)[way]
    return ways


# --- Signals of which nearly everything is known --------------------------------------------------

NOT_ALWAYS: Final = (SIBLING_NAMES[1], "prf_offset_catalogue")
"""A signal alone on its star has no siblings' periods; the other stands in few downloads."""
FULL_NAMES: Final = tuple(
    feature.name
    for feature in FEATURES
    if feature.name in NUMERIC_NAMES
    and ("koi" in feature.sources or feature.name in (*CONTEXT_NAMES, *PLACE_NAMES))
    and feature.name not in NOT_ALWAYS
)
"""What Kepler's pipeline measured of its signals, their stars, and what is around them."""
MISSING_OF_FULL: Final = 12
"""Whoever lacks so many of them is not full at all."""
_FULL_POSITIONS: Final = [NUMERIC_NAMES.index(name) for name in FULL_NAMES]
VETTED_NAMES: Final = tuple(
    f.name
    for f in FEATURES
    # The order comes with the default download, without any vetting.
    if f.group is Group.VETTING and f.name in FULL_NAMES and f.name != "detection_order"
)
_VETTED: Final = [FULL_NAMES.index(name) for name in VETTED_NAMES]


def fullness(given: Booleans) -> Floats:
    """How far signals of Kepler are full, shape (n,), by which of FULL_NAMES are given, shape
    (n, len(FULL_NAMES)): 1 with all, a twelfth less with every one that is missing, and 0 without
    any vetting measurement. The first of these brings five twelfths at once where all else is
    given, which moves a score no more than the others do (``docs/decisions.md``)."""
    missing = len(FULL_NAMES) - given.sum(axis=1)
    share = np.maximum(1 - missing / MISSING_OF_FULL, 0.0)
    full: Floats = np.where(given[:, _VETTED].any(axis=1), share, 0.0)
    return full


# --- Three amounts that are told apart ------------------------------------------------------------


class Regime(StrEnum):
    """How much of a signal is given. The evaluation, the calibration and the prediction sets tell
    these apart."""

    ALL = "all"  # every column of the widest table
    DEFAULT = "default"  # the columns of the archive's default download
    SIX = "six"  # what people type: period, duration, depth, planet radius, Teff, stellar radius


DEFAULT_NAMES: Final = (
    "orbital_period", "transit_duration", "transit_depth", "impact_parameter", "transit_snr",
    "planet_radius", "insolation", "equilibrium_temperature", "stellar_teff", "stellar_logg",
    "stellar_radius", "stellar_magnitude", "galactic_latitude", "ecliptic_latitude", *CONTEXT_NAMES,
    "orbital_period_error", "transit_duration_error", "transit_depth_error", "planet_radius_error",
    "impact_parameter_error", "insolation_error", "stellar_teff_error", "stellar_logg_error",
    "stellar_radius_error", "detection_order", "magnitude_band", "mid_transit_error",
)  # fmt: skip
"""What the KOI table's default download (49 columns) feeds. TOI's and K2's default columns are all
that they have."""

_BEYOND_DEFAULT: Final = tuple(name for name in NUMERIC_NAMES if name not in DEFAULT_NAMES)
BEYOND_SIX: Final = tuple(name for name in NUMERIC_NAMES if name not in SIX_PARAMETERS)
_BEYOND_SIX_POSITIONS: Final = [NUMERIC_NAMES.index(name) for name in BEYOND_SIX]
_VETTING_POSITIONS: Final = [
    NUMERIC_NAMES.index(f.name) for f in FEATURES if f.group is Group.VETTING
]


def reduce_to(frame: pd.DataFrame, regime: Regime) -> pd.DataFrame:
    """A copy of ``frame`` that knows no more than ``regime`` allows."""
    reduced = frame.copy()
    if regime is Regime.DEFAULT:
        kepler = (frame["mission"] == Mission.KEPLER).to_numpy()
        reduced.loc[kepler, list(_BEYOND_DEFAULT)] = np.nan
    elif regime is Regime.SIX:
        reduced[list(BEYOND_SIX)] = np.nan
        reduced["magnitude_band"] = None
    return reduced


def regime_of(signals: Harmonised) -> npt.NDArray[np.int8]:
    """Which regime each row is nearest to, as an index into ``Regime``, shape (n,)."""
    rows = rows_of(signals)
    given = ~np.isnan(rows.numbers)
    vetting = given[:, _VETTING_POSITIONS].sum(axis=1)
    beyond_six = given[:, _BEYOND_SIX_POSITIONS].sum(axis=1)
    # detection_order alone comes with the default download; two more vetting measurements do not.
    full = (vetting >= 3) | ((rows["mission"] != Mission.KEPLER) & (beyond_six >= 6))
    return np.where(full, 0, np.where(beyond_six >= 6, 1, 2)).astype(np.int8)
