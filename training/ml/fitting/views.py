"""The same signals with fewer inputs:
the subsets that answers are calibrated on and judged with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from training.ml.given import COMMON, SURROUNDINGS, Regime, blocks, reduce_to
from training.ml.schema import NUMERIC_NAMES, REQUIRED_NAMES, SIX_PARAMETERS, Mission

FIVE, STAR, THREE = "five", "three and star", "three"
"""Period, duration and depth; besides them Teff and stellar radius; besides these log g."""
NAMED: Final = (*map(str, Regime), FIVE, STAR, THREE)
FEW_WITH_SURROUNDINGS: Final = "few, with place or neighbours"
GAPS: Final = "all, with gaps"
RANDOM: Final = ("random subsets", "random subsets, again", FEW_WITH_SURROUNDINGS, GAPS)
OTHERS: Final = tuple(f"other: {name}" for name in (Regime.ALL, Regime.SIX, THREE, RANDOM[0]))
"""As a signal of a mission that was never seen."""
LESS: Final[dict[str, tuple[str, ...]]] = {
    FIVE: tuple(name for name in SIX_PARAMETERS if name != "planet_radius"),
    STAR: (*REQUIRED_NAMES, "stellar_teff", "stellar_radius", "stellar_logg"),
    THREE: REQUIRED_NAMES,
}
_NUMBERS: Final = list(NUMERIC_NAMES)
_CHANCES: Final = (0.0, 0.1, 0.3, 0.6, 0.9)
"""How much people know differs more from one to the next than from input to input."""


def only(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """A copy of ``frame`` that knows these numbers and no others."""
    reduced = frame.copy()
    reduced[[name for name in NUMERIC_NAMES if name not in names]] = np.nan
    reduced["magnitude_band"] = None
    return reduced


def subset(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """``frame`` as one of ``NAMED`` knows it."""
    return only(frame, LESS[name]) if name in LESS else reduce_to(frame, Regime(name))


def random_subset(frame: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """A copy of which each row knows a random part: the three required inputs, each block of others
    with a chance that differs from row to row, a star and a radius more often; and of every third
    row some single inputs are missing besides."""
    numbers = frame[_NUMBERS].to_numpy(dtype=np.float64, copy=True)
    rows = len(frame)
    chance = generator.choice(_CHANCES, rows)
    for block, names in blocks().items():
        own = np.where(generator.random(rows) < 0.5, 0.5, chance) if block in COMMON else chance
        lost = np.flatnonzero(generator.random(rows) >= own)[:, np.newaxis]
        numbers[lost, [NUMERIC_NAMES.index(name) for name in names]] = np.nan
    often = np.where(generator.random(rows) < 1 / 3, generator.random(rows), 0)
    _lose_single(numbers, often, generator)
    reduced = frame.copy()
    reduced[_NUMBERS] = numbers
    return reduced


def few_with_surroundings(frame: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """A copy of which each row knows one of the smallest subsets and, at random, where its star is
    and what is around it: as where a table is short or an identifier is typed with little else."""
    smallest = (*LESS.values(), SIX_PARAMETERS)
    drawn = generator.integers(len(smallest), size=len(frame))
    known = np.array([np.isin(NUMERIC_NAMES, names) for names in smallest])[drawn]
    for block in SURROUNDINGS:
        own = np.flatnonzero(generator.random(len(frame)) < 1 / 2)[:, np.newaxis]
        known[own, [NUMERIC_NAMES.index(name) for name in blocks()[block]]] = True
    reduced = frame.copy()
    reduced[_NUMBERS] = np.where(known, frame[_NUMBERS].to_numpy(dtype=np.float64), np.nan)
    reduced["magnitude_band"] = None
    return reduced


def with_gaps(
    frame: pd.DataFrame, generator: np.random.Generator, share: float | None = None
) -> pd.DataFrame:
    """A copy of which each row lacks single inputs:
    a ``share`` of them, or few here, many there."""
    numbers = frame[_NUMBERS].to_numpy(dtype=np.float64, copy=True)
    chance = generator.random(len(frame)) if share is None else np.full(len(frame), share)
    _lose_single(numbers, chance, generator)
    gaps = frame.copy()
    gaps[_NUMBERS] = numbers
    return gaps


def _lose_single(
    numbers: npt.NDArray[np.float64],
    chance: npt.NDArray[np.float64],
    generator: np.random.Generator,
) -> None:
    lost = generator.random(numbers.shape) < chance[:, np.newaxis]
    lost[:, [NUMERIC_NAMES.index(name) for name in REQUIRED_NAMES]] = False
    numbers[lost] = np.nan


_DRAWS: Final[dict[str, Callable[[pd.DataFrame, np.random.Generator], pd.DataFrame]]] = {
    FEW_WITH_SURROUNDINGS: few_with_surroundings,
    GAPS: with_gaps,
}


def calibration_views(frame: pd.DataFrame, seed: int) -> dict[str, pd.DataFrame]:
    """``frame``, row by row, with fewer inputs, and as signals of another mission."""
    generator = np.random.default_rng([seed, 13])
    views = {name: subset(frame, name) for name in NAMED}
    for name in RANDOM:
        views[name] = _DRAWS.get(name, random_subset)(frame, generator)
    for name in OTHERS:
        views[name] = views[name.removeprefix("other: ")].assign(mission=str(Mission.OTHER))
    return views


def unseen_views(frame: pd.DataFrame, seed: int) -> dict[str, pd.DataFrame]:
    """Versions that nothing was calibrated on, to judge with: other random subsets, and everything
    but for gaps in every row."""
    generator = np.random.default_rng([seed, 14])
    around = [name for block in SURROUNDINGS for name in blocks()[block]]
    return {
        "three, place and neighbours": only(frame, [*REQUIRED_NAMES, *around]),
        "five, place and neighbours": only(frame, [*LESS[FIVE], *around]),
        "all, three in ten missing": with_gaps(frame, generator, 0.3),
        "new random subsets": random_subset(frame, generator),
    }
