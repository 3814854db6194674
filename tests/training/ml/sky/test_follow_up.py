from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from training.ml.inputs import parse_signal
from training.ml.schema import Mission
from training.ml.signal_rows import SignalRows
from training.ml.sky.follow_up import (
    ESTIMATED,
    JUPITER_MASS,
    FollowUp,
    emission_metric,
    follow_up,
    planet_mass,
    transmission_metric,
)
from training.ml.sky.infrared import j_less_k, j_magnitude
from training.ml.sky.names import signal_name
from training.ml.tables.data_loader import read_signals

# Star, planet and magnitudes as Cloutier et al. 2021 and 2MASS give them.
GJ_1214_B = {
    "mission": "TESS",
    "orbital_period": 1.58040433,
    "transit_duration": 0.87,
    "transit_depth": 13_500,
    "planet_radius": 2.742,
    "stellar_teff": 3250,
    "stellar_radius": 0.215,
    "stellar_mass": 0.178,
}
J, K = 9.750, 8.782


def of(**changes: object) -> FollowUp:
    signal = parse_signal({**GJ_1214_B, **changes})
    return follow_up(signal, np.array([J]), np.array([K]))


def test_gj_1214_b_by_hand() -> None:
    """a = (0.178 × (1.58040433 / 365.25)²)^⅓ = 0.014940 AU = 3.2126 R☉; Teq = 3250 K ×
    √(0.215 / 3.2126) / √2 = 594.5 K; M = 1.436 × 2.742^1.7 = 7.978 M⊕;
    TSM = 1.26 × 20.616 × 594.5 / (7.978 × 0.046225) × 10^−1.95 = 469.9;
    B ratio = expm1(1918.4 / 3250) / expm1(1918.4 / 654.0) = 0.80447 / 17.795;
    ESM = 4.29e6 × 0.045208 × (2.742 / 23.451)² × 10^−1.7564 = 46.46."""
    found = of()
    assert found.temperature[0] == pytest.approx(594.5, rel=1e-3)
    assert found.planet_mass[0] == pytest.approx(7.978, rel=1e-3)
    assert found.tsm[0] == pytest.approx(469.9, rel=2e-3)
    assert found.esm[0] == pytest.approx(46.46, rel=2e-3)
    assert found.estimates(0) == (ESTIMATED["planet_mass"],)


@pytest.mark.parametrize(
    ("radius", "tsm"),
    [
        (1.0, 0.19 * 1 / 0.9718),
        (1.4, 0.19 * 1.4**3 / (1.436 * 1.4**1.7)),
        (1.5, 1.26 * 1.5**3 / (1.436 * 1.5**1.7)),
        (2.75, 1.28 * 2.75**3 / (1.436 * 2.75**1.7)),
        (4.0, 1.15 * 4**3 / (1.436 * 4**1.7)),
        (12.0, 1.15 * 12**3 / (1.436 * 12**1.7)),
        (16.0, 1.15 * 16**3 / JUPITER_MASS),
    ],
)
def test_scale_factor_and_mass_of_each_class(radius: float, tsm: float) -> None:
    """At 1,000 K, one solar radius and J = 10."""
    radii = np.array([radius])
    one = np.ones(1)
    found = transmission_metric(radii, planet_mass(radii), 1_000 * one, one, 10 * one)
    assert found[0] == pytest.approx(tsm * 1_000 / 100)


def test_the_earth_has_about_the_earths_mass_and_nothing_has_none() -> None:
    assert planet_mass(np.array([1.0, 11.2, -1, np.nan])) == pytest.approx(
        [0.9718, 87.3, np.nan, np.nan], rel=1e-3, nan_ok=True
    )


def test_a_dayside_as_hot_as_its_star_shines_alike() -> None:
    """(Rp/Rs)² = 0.01 alone is left: 4.29e6 × 0.01 × 10^−2."""
    star_radius, teff = np.ones(1), np.array([5_500.0])
    esm = emission_metric(np.array([10.9076]), teff / 1.1, star_radius, teff, np.array([10.0]))
    assert esm[0] == pytest.approx(429)


@pytest.mark.parametrize(
    ("change", "tsm", "esm"),
    [
        ({"orbital_period": 3.0}, -1, -1),  # farther out is colder
        ({"planet_radius": 2.6}, -1, -1),
        ({"stellar_teff": 3400}, 1, 1),
        ({"stellar_radius": 0.25}, -1, -1),
    ],
)
def test_what_makes_a_target_better_and_worse(
    change: dict[str, object], tsm: int, esm: int
) -> None:
    usual, changed = of(), of(**change)
    assert np.sign(changed.tsm[0] - usual.tsm[0]) == tsm
    assert np.sign(changed.esm[0] - usual.esm[0]) == esm


def test_fainter_stars_are_worse() -> None:
    signal = parse_signal(GJ_1214_B)
    bright, faint = (follow_up(signal, np.array([m]), np.array([m])) for m in (8.0, 13.0))
    assert bright.tsm[0] == pytest.approx(10 * faint.tsm[0])
    assert bright.esm[0] == pytest.approx(10 * faint.esm[0])


def test_what_the_table_lacks_is_estimated_and_marked() -> None:
    unknown = {"planet_radius", "stellar_mass"}
    few = {name: value for name, value in GJ_1214_B.items() if name not in unknown}
    found = follow_up(parse_signal({**few, "stellar_magnitude": 11.8, "magnitude_band": "T"}))
    assert 200 < found.tsm[0] < 900
    assert set(found.estimates(0)) == {
        words for name, words in ESTIMATED.items() if name != "equilibrium_temperature"
    }


def test_insolation_stands_in_for_an_unknown_star_and_is_marked() -> None:
    found = of(stellar_mass=None, stellar_teff=None, insolation=16.0)
    assert found.temperature[0] == pytest.approx(2 * 278.3)
    assert ESTIMATED["equilibrium_temperature"] in found.estimates(0)
    assert np.isfinite(found.tsm[0])
    assert np.isnan(found.esm[0])  # the star's own light is unknown


def test_without_brightness_or_radius_there_is_no_metric() -> None:
    assert np.isnan(follow_up(parse_signal(GJ_1214_B)).tsm[0])
    assert np.isnan(of(planet_radius=None, stellar_radius=None).tsm[0])


def test_magnitudes_of_the_sun_and_of_an_m_dwarf() -> None:
    """The Sun has V − J = 1.20 and J − K = 0.37 (Willmer 2018, ApJS 236, 47); Kepler-186 (3,755 K,
    Kp 14.62) J = 12.47 and K = 11.60."""
    teff = np.array([5_772.0, 3_755.0, np.nan])
    found = j_magnitude(np.array([4.81, 14.62, 10]), np.array(["V", "Kp", "T"], dtype=object), teff)
    assert found == pytest.approx([3.61, 12.47, np.nan], abs=0.2, nan_ok=True)
    assert j_less_k(teff) == pytest.approx([0.37, 0.87, np.nan], abs=0.08, nan_ok=True)
    assert np.isnan(j_magnitude(np.array([10.0]), np.array([None], dtype=object), teff[:1])[0])


# TOI, TSM and ESM of two stretches of ExoFOP's list of 2025: all that have a value and a radius.
_LISTED = """
215.01 27.8 1.3, 216.01 89.3 7.1, 216.02 60.2 6.0, 217.01 99.9 18.2, 218.01 14.6 2.2,
218.02 41.0 0.7, 219.01 166.5 74.9, 220.01 56.1 4.1, 224.01 100.9 0.0, 228.01 79.0 32.1,
229.01 190.8 62.6, 231.01 258.8 87.8, 232.01 140.6 154.6, 233.01 63.2 1.5, 233.02 59.6 2.0,
234.01 94.7 32.1, 236.01 275.1 133.5, 237.01 69.8 1.4, 238.01 55.2 5.7, 239.01 95.9 27.3,
240.01 56.3 2.8, 241.01 295.7 129.9, 242.01 84.3 48.4, 3806.01 71.2 27.6, 3807.01 82.4 27.7,
3808.01 146 87.8, 3809.01 128.5 48.4, 3810.01 65 15.9, 3811.01 83.1 23.1, 3812.01 129.5 42.7,
3813.01 61.6 21.8, 3814.01 73.7 27.6, 3815.01 71.9 49.4, 3816.01 72.5 26.8, 3817.01 24.8 19,
3818.01 63 25.6, 3819.01 82.6 32.2, 3820.01 161.7 82.2, 3821.01 79 44.7, 3822.01 132.3 52.1,
3823.01 76.7 16.1, 3825.01 44.6 11.1, 3826.01 79.6 55.9, 3829.01 132.5 53.8, 3830.01 62 20.4,
3832.01 38.1 4.9, 3833.01 154.4 235.7, 3835.01 67.1 75.1, 3837.01 85.5 19.7, 3839.01 31.1 28.8,
3840.01 43.7 13.8
"""
EXOFOP = {
    f"TOI-{name}": (float(tsm), float(esm))
    for name, tsm, esm in (entry.split() for entry in _LISTED.split(","))
}


def test_a_gravity_that_the_temperature_contradicts_does_not_count() -> None:
    """The Sun's gravity would make GJ 1214 of 0.2 solar radii a quarter as heavy as it is."""
    doubted = of(stellar_mass=None, stellar_logg=4.438)
    assert ESTIMATED["stellar_density"] in doubted.estimates(0)
    assert doubted.tsm[0] == of(stellar_mass=None).tsm[0]
    assert of(stellar_mass=None, stellar_logg=5.1).estimates(0) == (ESTIMATED["planet_mass"],)


@pytest.mark.shared_data
def test_the_archives_candidates_have_the_metrics_of_exofops_list(shared_data: Path) -> None:
    table = read_signals(shared_data / "archive/TOI_2025.10.04.csv")
    found = follow_up(SignalRows.of_frame(table.frame))
    assert np.isfinite(found.tsm).mean() > 0.9
    names = [signal_name(str(name), Mission.TESS) for name in table.signals]
    rows = [names.index(name) for name in EXOFOP]
    listed = np.array(list(EXOFOP.values()))
    off = np.abs(found.tsm[rows] / listed[:, 0] - 1)
    assert np.median(off) < 0.04
    assert off.max() < 0.2
    assert spearmanr(found.tsm[rows], listed[:, 0]).statistic > 0.98
    assert spearmanr(found.esm[rows], listed[:, 1]).statistic > 0.99
