"""The light curve that a body of a given size, on a given chord across a star, would leave.

The star's disc darkens towards its limb by the quadratic law I(μ) = 1 − u₁(1 − μ) − u₂(1 − μ)²
(Kopal 1950, Harvard Circular 454); what a dark disc hides of it is integrated ring by ring, as in
Mandel & Agol 2002, ApJ 580, L171, section 4. The chord is crossed at constant speed.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LIMB_DARKENING: Final = (0.4, 0.26)
"""u₁ and u₂ of a star like the Sun in visible light; the drawing's, not a measurement."""
RINGS: Final = 200


def intensity(radius: Floats) -> Floats:
    """Brightness at ``radius`` (n,) from the centre of the disc, in stellar radii; 1 at the centre,
    0 outside."""
    u1, u2 = LIMB_DARKENING
    faded = 1 - np.sqrt(np.clip(1 - radius**2, 0, 1))
    return np.where(radius <= 1, 1 - u1 * faded - u2 * faded**2, 0.0)


def hidden_light(distance: Floats, ratio: float) -> Floats:
    """The share of the star's light that is hidden, shape (n,), by a dark disc of ``ratio`` stellar
    radii whose centre is ``distance`` (n,) stellar radii from the star's."""
    u1, u2 = LIMB_DARKENING
    whole = np.pi * (1 - u1 / 3 - u2 / 6)
    inner = np.clip(distance - ratio, 0, 1)[:, None]
    outer = np.clip(distance + ratio, 0, 1)[:, None]
    # Middles of rings; none where nothing is hidden, for then inner is outer.
    rings = inner + (outer - inner) * (np.arange(RINGS) + 0.5) / RINGS
    hidden = intensity(rings) * 2 * rings * _half_angle(rings, distance[:, None], ratio)
    light: Floats = (hidden * (outer - inner) / RINGS).sum(axis=1) / whole
    return light


def _half_angle(rings: Floats, distance: Floats, ratio: float) -> Floats:
    """Half of the angle over which a ring about the star's centre is hidden."""
    with np.errstate(divide="ignore", invalid="ignore"):
        cosine = (rings**2 + distance**2 - ratio**2) / (2 * rings * distance)
    inside = np.where(rings < ratio - distance, -1.0, cosine)
    angle: Floats = np.arccos(np.clip(np.where(np.isnan(inside), -1.0, inside), -1, 1))
    return angle


def path(times: Floats, ratio: float, impact: float) -> Floats:
    """Distance of the centres (n,) at ``times`` (n,), in units of half the transit's duration from
    its middle: 1 at first and last contact."""
    half_chord = np.sqrt(max((1 + ratio) ** 2 - impact**2, 0.0))
    distance: Floats = np.hypot(impact, times * half_chord)
    return distance


def light_curve(times: Floats, ratio: float, impact: float) -> Floats:
    """Share of light hidden (n,) at ``times`` (n,), as in ``path``."""
    return hidden_light(path(times, ratio, impact), ratio)
