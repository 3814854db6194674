"""Whether the radius that a catalogue lists can be true beside the depth and the star's radius.

A dark body in full transit covers δ = (Rp/Rs)² of its star (Winn 2010, arXiv:1001.2010, eq. 22);
limb darkening, light of others and grazing transits change the radius that follows by tens of
percent, not by a factor of two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from training.ml.features import radius_from_depth
from training.ml.numbers import quantity
from training.ml.schema import FEATURE_BY_NAME

MOST_RATIO: Final = 2.0
"""Beyond this factor the three contradict each other."""


def radius_contradicts(columns: Mapping[str, npt.NDArray[np.float64]]) -> npt.NDArray[np.bool_]:
    """(n,); what is not given contradicts nothing."""
    with np.errstate(all="ignore"):
        apart = np.abs(np.log(columns["planet_radius"] / radius_from_depth(columns)))
    return np.asarray(np.isfinite(apart) & (apart > np.log(MOST_RATIO)))


def radius_sentence(columns: Mapping[str, npt.NDArray[np.float64]], row: int = 0) -> str:
    given, unit = columns["planet_radius"][row], FEATURE_BY_NAME["planet_radius"].unit
    implied = float(radius_from_depth(columns)[row])
    return (
        f"The listed radius of {quantity(given, unit)} contradicts the depth and the star’s radius,"
        f" which give {quantity(implied, unit)}: one of the three is wrong, or other light dilutes"
        " the depth."
    )
