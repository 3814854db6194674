"""J and K magnitudes of stars whose brightness is known in another band.

Fits of this project to the archive's tables of 2025-10, in θ = 5772 K / Teff − 1; reddening is in
them as these fields have it. Beyond the temperatures of the fits the nearest one counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from training.ml.features import SUN_TEFF

Floats = npt.NDArray[np.float64]

FITTED_TEFF: Final = (2_600.0, 10_000.0)  # K

_BAND_LESS_J: Final[Mapping[str, tuple[float, float, float]]] = {
    "Kp": (1.226, 2.031, -0.134),  # 7,566 stars of KOIs, scatter 0.09 mag
    "T": (0.608, 1.385, -0.240),  # 258 stars that TESS shares with Kepler or K2, 0.09 mag
    "G": (1.126, 2.167, 0.279),  # 272 stars of K2, 0.13 mag
    "V": (1.315, 3.134, 0.579),  # 278 stars of K2, 0.25 mag
}
_J_LESS_K: Final = (0.426, 1.086, -0.515)  # 7,735 stars of KOIs, 0.06 mag


def j_magnitude(magnitude: Floats, band: npt.NDArray[np.object_], teff: Floats) -> Floats:
    """J from a magnitude in ``band`` (Kp, T, G or V) and the temperature in K, all of shape (n,);
    NaN where one of them is missing."""
    theta = _theta(teff)
    colour = np.full(len(theta), np.nan)
    for name, terms in _BAND_LESS_J.items():
        rows = band == name
        colour[rows] = _fit(terms, theta[rows])
    j: Floats = magnitude - colour
    return j


def j_less_k(teff: Floats) -> Floats:
    """The colour J − K of a star of ``teff`` K, shape (n,)."""
    return _fit(_J_LESS_K, _theta(teff))


def _theta(teff: Floats) -> Floats:
    theta: Floats = SUN_TEFF / np.clip(teff, *FITTED_TEFF) - 1
    return theta


def _fit(terms: tuple[float, float, float], theta: Floats) -> Floats:
    return terms[0] + terms[1] * theta + terms[2] * theta**2
