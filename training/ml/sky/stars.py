"""Stars: their keys, their places on the sky, and what only all signals of a star together can
tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.ml.libraries import csgraph, sparse, spatial
from training.ml.libraries import pandas as pd
from training.ml.schema import Mission
from training.ml.sky.names import CATALOGUE_OF_MISSION, star_name

MATCH_ARCSEC: Final = 5.0
"""Two entries this close are one star: catalogues agree to about an arcsecond, Kepler's pixels are
four wide."""

_MATCH_CHORD: Final = 2 * np.sin(np.radians(MATCH_ARCSEC / 3600) / 2)  # between unit vectors

_SEXAGESIMAL: Final = re.compile(
    r"([+-]?)(\d{1,3})(?:[:\s]\s*|\s*[hd°]\s*)(\d{1,2})(?:[:\s]\s*|\s*[m'′]\s*)(\d{1,2}(?:\.\d*)?)\s*[s\"″]?",
    re.ASCII | re.IGNORECASE,
)

# North Galactic Pole in J2000 coordinates.
_POLE_RA: Final = np.radians(192.85948)
_POLE_DEC: Final = np.radians(27.12825)
# North ecliptic pole of J2000: 18 h, and 90° less the obliquity of 23.43928° (IAU 1976).
_ECLIPTIC_POLE_RA: Final = np.radians(270.0)
_ECLIPTIC_POLE_DEC: Final = np.radians(90 - 23.43928)


def star_key(text: str, prefix: str) -> str | None:
    """One spelling per star, by which signals of one star find each other: ``star_name``."""
    return star_name(text, prefix)


def catalogue_prefix(mission: str) -> str:
    """The catalogue of a mission's own star numbers: a bare number in a Kepler table is a KIC
    number."""
    return CATALOGUE_OF_MISSION.get(Mission(mission), "")


def galactic_latitude(ra: NDArray[np.float64], dec: NDArray[np.float64]) -> NDArray[np.float64]:
    """|b| in degrees from J2000 positions in degrees; NaN where a position is missing.

    sin b = sin δ sin δ_G + cos δ cos δ_G cos(α − α_G), with the pole α_G = 192.85948°, δ_G =
    27.12825°: ESA 1997, The Hipparcos and Tycho Catalogues, vol. 1, section 1.5.3.
    """
    return _latitude(ra, dec, _POLE_RA, _POLE_DEC)


def ecliptic_latitude(ra: NDArray[np.float64], dec: NDArray[np.float64]) -> NDArray[np.float64]:
    """|β| in degrees from J2000 positions in degrees;
    NaN where a position is missing. The formula is that of |b|."""
    return _latitude(ra, dec, _ECLIPTIC_POLE_RA, _ECLIPTIC_POLE_DEC)


def _latitude(
    ra: NDArray[np.float64], dec: NDArray[np.float64], pole_ra: float, pole_dec: float
) -> NDArray[np.float64]:
    """Degrees from the great circle around the pole, which is given in radians; never negative."""
    alpha, delta = np.radians(ra), np.radians(dec)
    sine = np.sin(delta) * np.sin(pole_dec) + np.cos(delta) * np.cos(pole_dec) * np.cos(
        alpha - pole_ra
    )
    latitude: NDArray[np.float64] = np.degrees(np.arcsin(np.clip(sine, -1, 1)))
    return np.abs(latitude)


def parse_angle(text: str, *, hours: bool) -> float:
    """Degrees from "07:29:25.85", "07h29m25.85s" or "-12d41m45.46s"; NaN where it is none of these.

    ``hours``: three bare numbers are hours, as in a right ascension.
    """
    found = _SEXAGESIMAL.fullmatch(text.replace("\N{MINUS SIGN}", "-"))
    if not found:
        return float("nan")
    sign, whole, minutes, seconds = found.groups()
    if float(minutes) >= 60 or float(seconds) >= 60:
        return float("nan")
    degrees = float(whole) + float(minutes) / 60 + float(seconds) / 3600
    in_hours = "h" in text.lower() or (hours and "d" not in text.lower() and "°" not in text)
    return (-degrees if sign == "-" else degrees) * (15 if in_hours else 1)


def hash_stars(keys: Sequence[str | None]) -> NDArray[np.uint64]:
    """A number per star key that needs 8 bytes instead of the text; 0 where there is no key."""
    hashes = pd.util.hash_array(
        np.array([key or "" for key in keys], dtype=object), categorize=False
    )
    hashes[[not key for key in keys]] = 0
    return hashes


def count_siblings(
    stars: NDArray[np.uint64], periods: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(signals on the star, ratio to the nearest other period) per signal, NaN where unknown.

    ``stars`` are hashes, 0 = unknown. The ratio is the longer over the shorter period, and the
    nearest is the one with the smallest ratio: in sorted order always a neighbour.
    """
    order = np.lexsort((periods, stars))
    return _star_sizes(stars, order), _nearest_ratios(stars, periods, order)


# Of a million signals each array takes 8 MB: one sorted order serves both, and neither keeps more
# than it needs.


def _star_sizes(stars: NDArray[np.uint64], order: NDArray[np.intp]) -> NDArray[np.float64]:
    star = stars[order]
    first = np.flatnonzero(np.append(star[:1] == star[:1], star[1:] != star[:-1]))
    sizes = np.diff(first, append=len(star))
    counts = np.full(len(stars), np.nan)
    counts[order] = np.repeat(np.where(star[first] != 0, sizes, np.nan), sizes)
    return counts


def _nearest_ratios(
    stars: NDArray[np.uint64], periods: NDArray[np.float64], order: NDArray[np.intp]
) -> NDArray[np.float64]:
    order = order[(stars[order] != 0) & (periods[order] > 0)]
    ratios = np.full(len(stars), np.nan)
    if len(order):
        period = periods[order]
        to_next = period[1:] / period[:-1]
        del period
        star = stars[order]
        to_next[star[1:] != star[:-1]] = np.nan
        ratios[order[:-1]] = to_next
        ratios[order[1:]] = np.fmin(ratios[order[1:]], to_next)
    return ratios


def group_stars(
    keys: Sequence[str | None], ra: NDArray[np.float64], dec: NDArray[np.float64]
) -> NDArray[np.int64]:
    """A group number per signal: equal where key or position (within ``MATCH_ARCSEC``) agree,
    directly or in a chain.

    Positions in degrees, NaN = unknown. A signal with neither key nor position is a star of its
    own. Groups are numbered in the order of their first signal.
    """
    size = len(keys)
    by_key = pd.Series(list(keys), dtype="str")
    codes = pd.factorize(by_key)[0]
    known = np.flatnonzero(codes >= 0)
    first_of_code = np.full(codes.max(initial=-1) + 1, size)
    np.minimum.at(first_of_code, codes[known], known)
    edges = [np.column_stack((known, first_of_code[codes[known]])), _near_pairs(ra, dec)]
    left, right = np.concatenate(edges).T
    links = sparse.coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(size, size))
    labels = csgraph.connected_components(links, directed=False)[1]
    groups: NDArray[np.int64] = pd.factorize(labels)[0].astype(np.int64)
    return groups


def sky_vectors(ra: NDArray[np.float64], dec: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unit vectors of shape (n, 3) from positions in degrees; NaN where a position is missing."""
    alpha, delta = np.radians(ra), np.radians(dec)
    return np.column_stack(
        (np.cos(delta) * np.cos(alpha), np.cos(delta) * np.sin(alpha), np.sin(delta))
    )


def near_any(vectors: NDArray[np.float64], others: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Per unit vector of shape (n, 3), whether one of ``others`` lies within ``MATCH_ARCSEC``; NaN
    is near nothing."""
    known = np.flatnonzero(np.isfinite(vectors).all(axis=1))
    others = others[np.isfinite(others).all(axis=1)]
    near = np.zeros(len(vectors), dtype=bool)
    if len(known) and len(others):
        distances, _ = spatial.cKDTree(others).query(
            vectors[known], distance_upper_bound=_MATCH_CHORD
        )
        near[known] = np.isfinite(distances)
    return near


def _near_pairs(ra: NDArray[np.float64], dec: NDArray[np.float64]) -> NDArray[np.intp]:
    """(pairs, 2) indexes of signals within ``MATCH_ARCSEC`` of each other, by chords between unit
    vectors."""
    known = np.flatnonzero(np.isfinite(ra) & np.isfinite(dec))
    vectors = sky_vectors(ra[known], dec[known])
    # Signals of one star share its position exactly: compare distinct positions, so that pairs stay
    # few.
    distinct, first, place = np.unique(vectors, axis=0, return_index=True, return_inverse=True)
    same = np.column_stack((known, known[first[place.ravel()]]))
    if len(distinct) < 2:
        return same
    near = spatial.cKDTree(distinct).query_pairs(_MATCH_CHORD, output_type="ndarray")
    return np.concatenate([same, known[first[near]]])
