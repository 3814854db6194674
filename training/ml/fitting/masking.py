"""What a training row forgets, so that one classifier is right for whatever is given."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from training.ml.given import BEYOND_SIX, VETTED_NAMES, Regime, reduce_to
from training.ml.libraries import pandas as pd
from training.ml.schema import (
    CONTEXT_NAMES,
    FEATURE_BY_NAME,
    FEATURES,
    NEIGHBOUR_NAMES,
    NUMERIC_NAMES,
    PLACE_NAMES,
    SIBLING_NAMES,
    Group,
    Mission,
)

_NUMERIC: Final = list(NUMERIC_NAMES)


def few_views(frame: pd.DataFrame, generator: np.random.Generator) -> list[pd.DataFrame]:
    """Three copies of ``frame`` that know ever less."""
    return [
        forget_some(reduce_to(frame, Regime.SIX), generator),
        keep_few(frame, generator),
        forget_groups(frame, generator),
    ]


def donate_gaps(frame: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """A copy in which each row also lacks what a random row of its mission lacks.

    Which values are missing tells how thoroughly somebody followed a star up, hence its
    disposition. A random donor of any disposition drowns that hint while the missing values
    themselves stay as frequent as they are.
    """
    numbers = frame[list(NUMERIC_NAMES)].to_numpy(dtype=np.float64, copy=True)
    missions = frame["mission"].to_numpy()
    gaps = np.isnan(numbers)
    for mission in dict.fromkeys(missions):
        rows = np.flatnonzero(missions == mission)
        numbers[rows] = np.where(gaps[generator.choice(rows, len(rows))], np.nan, numbers[rows])
    donated = frame.copy()
    donated[list(NUMERIC_NAMES)] = numbers
    return donated


def spare_kepler(frame: pd.DataFrame, donated: pd.DataFrame) -> pd.DataFrame:
    """``donated`` with Kepler's rows as they are in ``frame``.

    One pipeline measured all Kepler signals alike, so that its gaps say nothing about who was
    followed up.
    """
    kepler = (frame["mission"] == Mission.KEPLER).to_numpy()
    donated.loc[kepler] = frame.loc[kepler]
    return donated


def vetted(frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Which rows are signals of Kepler with any vetting measurement, shape (n,): these teach the
    booster of full signals."""
    kepler = (frame["mission"] == Mission.KEPLER).to_numpy()
    return kepler & frame[list(VETTED_NAMES)].notna().any(axis=1).to_numpy()


def forget_some(frame: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """A copy in which a third of the rows lacks the planet radius, and a sixth is of mission
    "other".

    A radius is what people leave out first, and a signal of another mission shall get a sensible
    answer too.
    """
    missions = _some_other(frame, generator)
    radius = np.where(
        generator.random(len(frame)) < 1 / 3, np.nan, frame["planet_radius"].to_numpy()
    )
    return frame.assign(mission=missions, planet_radius=radius)


def forget_groups(frame: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """A copy in which each row lacks each group of inputs with a chance of one half; what the six
    hold stays."""
    numbers = frame[_NUMERIC].to_numpy(dtype=np.float64, copy=True)
    for group in (*Group, SIBLING_NAMES, NEIGHBOUR_NAMES):
        positions = [NUMERIC_NAMES.index(name) for name in BEYOND_SIX if _is_of(name, group)]
        forgotten = np.flatnonzero(generator.random(len(frame)) < 1 / 2)
        numbers[forgotten[:, np.newaxis], positions] = np.nan
    reduced = frame.copy()
    reduced[_NUMERIC] = numbers
    return reduced


def _is_of(name: str, group: Group | tuple[str, ...]) -> bool:
    if isinstance(group, tuple):
        return name in group
    return FEATURE_BY_NAME[name].group is group and name not in CONTEXT_NAMES


_THREE: Final = tuple(feature.name for feature in FEATURES if feature.required)
_STAR: Final = ("stellar_teff", "stellar_radius")


def keep_few(frame: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """A copy in which each row knows period, duration and depth, and by chance the star, the planet
    radius, its place, siblings and neighbours; a sixth is of mission "other"."""
    count = len(frame)
    keep = dict.fromkeys(_THREE, np.ones(count, dtype=bool))
    star = generator.random(count) < 0.6
    keep |= {name: star | (generator.random(count) < 0.1) for name in _STAR}
    keep["planet_radius"] = star & (generator.random(count) < 0.6)
    keep["stellar_logg"] = star & (generator.random(count) < 0.15)
    for names in (PLACE_NAMES, SIBLING_NAMES, NEIGHBOUR_NAMES):
        keep |= dict.fromkeys(names, generator.random(count) < 0.5)
    none = np.zeros(count, dtype=bool)
    kept = np.column_stack([keep.get(name, none) for name in NUMERIC_NAMES])
    few = frame.assign(magnitude_band=None, mission=_some_other(frame, generator))
    few[_NUMERIC] = np.where(kept, frame[_NUMERIC].to_numpy(dtype=np.float64), np.nan)
    return few


def _some_other(frame: pd.DataFrame, generator: np.random.Generator) -> npt.NDArray[Any]:
    other = generator.random(len(frame)) < 1 / 6
    return np.where(other, str(Mission.OTHER), frame["mission"].to_numpy())
