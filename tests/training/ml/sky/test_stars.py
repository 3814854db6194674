"""Star keys, positions and what is counted over the signals of one star."""

from __future__ import annotations

import math

import numpy as np
import pytest

from training.ml.sky.stars import (
    count_siblings,
    ecliptic_latitude,
    galactic_latitude,
    group_stars,
    hash_stars,
    near_any,
    parse_angle,
    sky_vectors,
    star_key,
)


@pytest.mark.parametrize(
    ("text", "prefix", "key"),
    [
        ("10797460", "KIC", "KIC 10797460"),
        ("10797460.0", "KIC", "KIC 10797460"),
        ("0757450", "KIC", "KIC 757450"),
        ("KIC 010797460", "KIC", "KIC 10797460"),
        ("tic-50365310", "TIC", "TIC 50365310"),
        ("EPIC201367065", "EPIC", "EPIC 201367065"),
        ("  K2-3 ", "EPIC", "K2-3"),
        ("BD+20  594", "EPIC", "BD+20 594"),
        ("", "KIC", None),
        ("   ", "KIC", None),
    ],
)
def test_a_star_has_one_key_however_it_is_written(text: str, prefix: str, key: str | None):
    assert star_key(text, prefix) == key


def test_the_galactic_latitude_of_known_places():
    # The North Galactic Pole, the Galaxy's centre, and the Large Magellanic Cloud (b = −32.89°).
    ra = np.array([192.85948, 266.40499, 80.8942, math.nan])
    dec = np.array([27.12825, -28.93617, -69.7561, 10])
    np.testing.assert_allclose(galactic_latitude(ra, dec), [90, 0, 32.89, math.nan], atol=0.01)


def test_the_galactic_latitude_agrees_with_astropy():
    coordinates = pytest.importorskip("astropy.coordinates")
    rng = np.random.default_rng(0)
    ra, dec = rng.uniform(0, 360, 200), rng.uniform(-90, 90, 200)
    sky = coordinates.SkyCoord(ra, dec, unit="deg")
    np.testing.assert_allclose(galactic_latitude(ra, dec), np.abs(sky.galactic.b.deg), atol=1e-4)


def test_the_ecliptic_latitude_of_known_places():
    # The ecliptic's north pole, the vernal equinox, where the Sun stands at midsummer, and the
    # North Celestial Pole.
    ra, dec = np.array([270, 0, 90, 0, math.nan]), np.array([66.56072, 0, 23.43928, 90, 10])
    np.testing.assert_allclose(
        ecliptic_latitude(ra, dec), [90, 0, 0, 66.56072, math.nan], atol=1e-4
    )


def test_the_ecliptic_latitude_agrees_with_astropy():
    coordinates = pytest.importorskip("astropy.coordinates")
    rng = np.random.default_rng(1)
    ra, dec = rng.uniform(0, 360, 200), rng.uniform(-90, 90, 200)
    sky = coordinates.SkyCoord(ra, dec, unit="deg").transform_to(
        coordinates.BarycentricMeanEcliptic(equinox="J2000")
    )
    np.testing.assert_allclose(ecliptic_latitude(ra, dec), np.abs(sky.lat.deg), atol=1e-4)


@pytest.mark.parametrize(
    ("text", "hours", "degrees"),
    [
        ("07h29m25.85s", True, 112.357708),
        ("-12d41m45.46s", False, -12.695961),
        ("07:29:25.85", True, 112.357708),
        ("-12:41:45.46", False, -12.695961),
        ("+00 00 36", False, 0.01),
        ("-00:30:00", False, -0.5),
        ("7:61:00", True, math.nan),
        ("north", False, math.nan),
    ],
)
def test_sexagesimal_angles(text: str, hours: bool, degrees: float):
    assert parse_angle(text, hours=hours) == pytest.approx(degrees, abs=1e-6, nan_ok=True)


def test_siblings_are_counted_by_star_and_compared_by_period():
    stars = hash_stars(["KIC 1", "KIC 2", "KIC 1", None, "KIC 1", "KIC 1", None])
    counts, ratios = count_siblings(stars, np.array([10.0, 3, 20, 5, math.nan, 22, 5]))
    np.testing.assert_array_equal(counts, [4, 1, 4, math.nan, 4, 4, math.nan])
    np.testing.assert_array_equal(
        ratios, [2, math.nan, 22 / 20, math.nan, math.nan, 22 / 20, math.nan]
    )


@pytest.mark.parametrize("seed", range(20))
def test_siblings_are_those_that_a_look_at_every_pair_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    stars = rng.integers(0, 6, rng.integers(0, 30)).astype(np.uint64)  # 0: unknown
    periods = rng.choice([1.5, 2.0, 7.25, 0.0, -1.0, math.nan], len(stars))
    counts, ratios = count_siblings(stars, periods)
    for row, star in enumerate(stars):
        others = [
            p
            for k, p in enumerate(periods)
            if k != row and star != 0 and stars[k] == star and p > 0
        ]
        found = [max(p, periods[row]) / min(p, periods[row]) for p in others if periods[row] > 0]
        np.testing.assert_equal(counts[row], (stars == star).sum() if star != 0 else math.nan)
        np.testing.assert_equal(ratios[row], min(found, default=math.nan))


def test_the_same_period_twice_is_a_ratio_of_one():
    _, ratios = count_siblings(hash_stars(["A", "A"]), np.array([7.5, 7.5]))
    np.testing.assert_array_equal(ratios, [1, 1])


def test_groups_join_by_key_by_position_and_through_a_chain():
    second = 1 / 3600
    keys = ["KIC 1", "TIC 9", "TIC 9", None, None, "KIC 2", None]
    ra = np.array([10.0, 10 + 4 * second, math.nan, 10 + 8 * second, math.nan, 0.0, 360 - second])
    dec = np.array([0.0, 0, math.nan, 0, math.nan, 50, 50])
    groups = group_stars(keys, ra, dec)
    assert groups.tolist() == [0, 0, 0, 0, 1, 2, 2]


def test_six_arcseconds_apart_are_two_stars_also_near_the_pole():
    second = 1 / 3600
    apart = group_stars([None, None], np.array([10.0, 10]), np.array([89.0, 89 + 6 * second]))
    near = group_stars([None, None], np.array([10.0, 190]), np.array([90 - second, 90 - second]))
    assert apart.tolist() == [0, 1]
    assert near.tolist() == [0, 0]


def test_a_place_is_found_again_within_five_arcseconds():
    second = 1 / 3600
    known = sky_vectors(np.array([10.0, 359.9999, np.nan]), np.array([89.0, 0, 0])).astype(
        np.float32
    )
    ra = np.array([10.0, 10, 0.0001, 10, np.nan])
    dec = np.array([89 + 4.9 * second, 89 + 5.1 * second, 0, 0, 89])
    assert near_any(sky_vectors(ra, dec), known).tolist() == [True, False, True, False, False]
    assert near_any(sky_vectors(ra, dec), known[2:]).tolist() == [False] * 5


def test_no_signals_are_no_groups():
    assert group_stars([], np.empty(0), np.empty(0)).tolist() == []
