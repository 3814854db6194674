"""Values worked out by hand from published numbers; references stand beside them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.ml.features import (
    DERIVED,
    DERIVED_BY_NAME,
    SKEWED,
    derive,
    equilibrium_temperature_from_star,
    expected_duration,
    label_of,
    log_skewed,
    radius_from_depth,
    radius_ratio_from_depth,
    scaled_axis_from_density,
    stellar_density,
)
from training.ml.schema import FEATURE_BY_NAME, NUMERIC_NAMES

Columns = dict[str, np.ndarray]

SUN = {"stellar_radius": 1.0, "stellar_logg": 4.438, "stellar_teff": 5772.0}
EARTH = SUN | {
    "orbital_period": 365.256,
    "transit_duration": 13.0,
    "transit_depth": 84.0,
    "planet_radius": 1.0,
}
JUPITER = SUN | {
    "orbital_period": 4332.59,
    "transit_duration": 32.6,
    "transit_depth": 10_100.0,
    "planet_radius": 10.97,
}
# Batalha et al. 2011, ApJ 729, 27
KEPLER_10_B = {
    "orbital_period": 0.837495,
    "transit_duration": 1.811,
    "transit_depth": 152.0,
    "planet_radius": 1.416,
    "stellar_teff": 5627.0,
    "stellar_logg": 4.341,
    "stellar_radius": 1.056,
    "stellar_mass": 0.895,
}
# Torres, Winn & Holman 2008, ApJ 677, 1324; depth = (Rp/Rs)² = 0.12086²
HD_209458_B = {
    "orbital_period": 3.524746,
    "transit_duration": 3.072,
    "transit_depth": 14_607.0,
    "planet_radius": 15.23,
    "stellar_teff": 6065.0,
    "stellar_logg": 4.361,
    "stellar_radius": 1.155,
    "stellar_mass": 1.119,
}


def columns(**values: float) -> Columns:
    return {name: np.array([values.get(name, math.nan)]) for name in NUMERIC_NAMES}


def derived(values: dict[str, float], name: str) -> float:
    return float(derive(columns(**values))[name][0])


# --- the Sun's planets ----------------------------------------------------------------------------


def test_the_earth_before_the_sun() -> None:
    sky = columns(**EARTH)
    assert stellar_density(sky)[0] == pytest.approx(1)
    assert scaled_axis_from_density(sky)[0] == pytest.approx(215.03, rel=1e-3)
    # 365.256 d × 24 / (π × 215.03) = 12.98 h
    assert expected_duration(sky)[0] == pytest.approx(12.98, abs=0.01)
    # √(84e-6) = 0.009165 = 1 / 109.1
    assert radius_ratio_from_depth(sky)[0] == pytest.approx(1 / 109.1, rel=1e-3)
    assert radius_from_depth(sky)[0] == pytest.approx(1.0, abs=0.001)
    # 5772 K × √(1 / (2 × 215.03)) = 278.3 K
    assert equilibrium_temperature_from_star(sky)[0] == pytest.approx(278.3, abs=0.1)
    # 13.0 / (12.98 × 1.00917) = 0.9927
    assert 10 ** derived(EARTH, "duration_ratio") == pytest.approx(0.9927, abs=0.001)
    # 13 h of 365.256 × 24 h
    assert 10 ** derived(EARTH, "duty_cycle") == pytest.approx(0.001483, rel=1e-3)
    for name in ("radius_consistency", "stellar_luminosity", "evolution", "star_density"):
        assert derived(EARTH, name) == pytest.approx(0, abs=0.001), name


def test_jupiter_before_the_sun() -> None:
    sky = columns(**JUPITER)
    # a = 11.862^⅔ = 5.203 AU = 5.203 × 215.03 solar radii
    assert scaled_axis_from_density(sky)[0] == pytest.approx(1118.6, rel=1e-3)
    assert expected_duration(sky)[0] == pytest.approx(29.6, abs=0.05)
    assert radius_from_depth(sky)[0] == pytest.approx(10.96, abs=0.01)
    assert equilibrium_temperature_from_star(sky)[0] == pytest.approx(122.0, abs=0.2)
    # A body of a tenth of the Sun's radius takes a tenth longer: 32.6 h is what it should be.
    assert derived(JUPITER, "duration_ratio") == pytest.approx(0, abs=0.002)


# --- other stars' planets -------------------------------------------------------------------------


def test_kepler_10_b() -> None:
    sky = columns(**KEPLER_10_B)
    # a/Rs = 3.436 in the paper, from asteroseismology; here from log g and radius
    assert scaled_axis_from_density(sky)[0] == pytest.approx(3.436, rel=0.02)
    assert expected_duration(sky)[0] == pytest.approx(1.877, abs=0.005)
    # √(152e-6) × 1.056 × 109.076 = 1.420 Earth radii; published 1.416
    assert radius_from_depth(sky)[0] == pytest.approx(1.420, abs=0.001)
    assert derived(KEPLER_10_B, "radius_consistency") == pytest.approx(
        math.log10(1.416 / 1.420), abs=0.0005
    )
    # 1.811 h of 0.837495 × 24 h = 9.0 % of the orbit
    assert 10 ** derived(KEPLER_10_B, "duty_cycle") == pytest.approx(0.0901, abs=0.0001)
    # 1.811 / (1.877 × 1.0123) = 0.953: b = 0.3 shortens a central transit by √(1 − 0.09)
    assert 10 ** derived(KEPLER_10_B, "duration_ratio") == pytest.approx(0.953, abs=0.003)


def test_hd_209458_b() -> None:
    sky = columns(**HD_209458_B)
    # a/Rs = 8.76 ± 0.04 in the paper
    assert scaled_axis_from_density(sky)[0] == pytest.approx(8.76, abs=0.04)
    # Teq = 1,449 K in the paper, for zero albedo
    assert equilibrium_temperature_from_star(sky)[0] == pytest.approx(1449, abs=5)
    assert radius_from_depth(sky)[0] == pytest.approx(15.23, abs=0.02)
    # b = 0.507: √((1.1209² − 0.507²)) / 1.1209 = 0.892
    assert 10 ** derived(HD_209458_B, "duration_ratio") == pytest.approx(0.892, abs=0.005)
    # 2 log10(1.155) + 4 log10(6065 / 5772) = 0.211: 1.62 Suns; published 1.62
    assert 10 ** derived(HD_209458_B, "stellar_luminosity") == pytest.approx(1.62, abs=0.01)


def test_an_eclipsing_binary_stands_out() -> None:
    # Two Suns in a 10 d orbit, diluted to 5 %, with a duration that a giant would give.
    binary = SUN | {
        "orbital_period": 10.0,
        "transit_duration": 11.0,
        "transit_depth": 50_000.0,
        "planet_radius": 60.0,
    }
    assert 10 ** derived(binary, "duration_ratio") > 2
    assert 10 ** derived(binary, "radius_from_depth") == pytest.approx(24.4, abs=0.1)
    assert 10 ** derived(binary, "radius_consistency") == pytest.approx(60 / 24.4, abs=0.01)


# --- where a density comes from -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "density"),
    [
        (
            {"stellar_density": 1.41, "stellar_logg": 2.0, "stellar_radius": 9.0},
            1.0,
        ),  # given: nothing else counts
        ({"stellar_logg": 4.438, "stellar_radius": 2.0, "stellar_mass": 99.0}, 0.5),  # ρ ∝ g / R
        ({"stellar_mass": 8.0, "stellar_radius": 2.0, "stellar_teff": 9000.0}, 1.0),  # ρ ∝ M / R³
        ({"stellar_teff": 5772.0, "stellar_radius": 2.0}, 0.125),  # M ∝ Teff^1.7: the Sun's mass
        ({"stellar_teff": 5772.0}, math.nan),
        ({"stellar_logg": 4.4}, math.nan),
    ],
)
def test_the_best_known_density_is_taken(given: dict[str, float], density: float) -> None:
    assert stellar_density(columns(**given))[0] == pytest.approx(density, nan_ok=True)


def test_a_signal_to_noise_is_estimated_only_where_none_is_given() -> None:
    estimated = {"transit_depth": 1000.0, "transit_depth_error": 50.0}
    assert 10 ** derived(estimated, "signal_to_noise") == pytest.approx(20)
    assert 10 ** derived(estimated | {"transit_snr": 35.0}, "signal_to_noise") == pytest.approx(35)
    assert 10 ** derived(
        estimated | {"transit_snr": 35.0, "transit_count": 49.0}, "snr_per_transit"
    ) == pytest.approx(5)


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("grazing", {"impact_parameter": 0.95, "radius_ratio": 0.1}, 0.05),
        ("grazing", {"impact_parameter": 90.0, "radius_ratio": 90.0}, 3.0),
        ("density_ratio", SUN | {"transit_stellar_density": 14.1}, 1.0),
        (
            "axis_ratio",
            SUN | {"orbital_period": 365.25, "scaled_semi_major_axis": 107.515},
            math.log10(0.5),
        ),
        ("ratio_consistency", {"radius_ratio": 0.2, "transit_depth": 10_000.0}, math.log10(2)),
        ("absolute_magnitude", {"stellar_magnitude": 10.0, "stellar_distance": 100.0}, 5.0),
        ("transverse_motion", {"proper_motion": 100.0, "stellar_distance": 10.0}, 3.0),
        ("depth_over_photon_noise", {"transit_depth": 1000.0, "stellar_magnitude": 10.0}, 1.0),
        ("timing_precision", {"mid_transit_error": 0.01, "transit_duration": 2.4}, -1.0),
        (
            "relative_orbital_period_error",
            {"orbital_period": 10.0, "orbital_period_error": 0.01},
            -3.0,
        ),
        (
            "event_consistency",
            {
                "max_multiple_event_statistic": 30.0,
                "max_single_event_statistic": 3.0,
                "transit_count": 100.0,
            },
            0.0,
        ),
        (
            "statistic_consistency",
            {"transit_snr": 20.0, "max_multiple_event_statistic": 10.0},
            math.log10(2),
        ),
        ("temperature_consistency", EARTH | {"equilibrium_temperature": 278.3}, 0.0),
    ],
)
def test_the_other_derived_features(name: str, values: dict[str, float], expected: float) -> None:
    assert derived(values, name) == pytest.approx(expected, abs=0.001)


# --- what holds for all ---------------------------------------------------------------------------


def test_each_derived_feature_follows_from_the_inputs_that_it_names() -> None:
    usual = {name: 0.5 * min(FEATURE_BY_NAME[name].high, 20.0) for name in NUMERIC_NAMES}
    for feature in DERIVED:
        assert np.isfinite(derived({name: usual[name] for name in feature.inputs}, feature.name)), (
            feature.name
        )
        assert math.isnan(derived({}, feature.name)), feature.name
        others = {name: value for name, value in usual.items() if name not in feature.inputs}
        if feature.name not in (
            "star_density",
            "duration_ratio",
            "excess_duration",
        ):  # density has other sources than the named ones
            assert math.isnan(derived(others, feature.name)), feature.name


def in_range_or_absent(name: str) -> st.SearchStrategy[float]:
    feature = FEATURE_BY_NAME[name]
    return st.one_of(
        st.just(math.nan),
        st.floats(feature.low, feature.high),
        st.sampled_from([feature.low, feature.high]),
    )


@settings(max_examples=60, deadline=None)
@given(
    st.fixed_dictionaries(
        {name: st.lists(in_range_or_absent(name), min_size=3, max_size=3) for name in NUMERIC_NAMES}
    )
)
def test_no_infinity_leaves_and_each_row_stands_on_its_own(rows: dict[str, list[float]]) -> None:
    table = {name: np.array(values) for name, values in rows.items()}
    whole, logs = derive(table), log_skewed(table)
    assert set(whole) == set(DERIVED_BY_NAME)
    assert all(not np.isinf(values).any() for values in [*whole.values(), *logs.values()])
    for row in range(3):
        alone = derive({name: values[row : row + 1] for name, values in table.items()})
        assert all(
            np.array_equal(alone[name], whole[name][row : row + 1], equal_nan=True)
            for name in whole
        )


def test_an_honest_zero_keeps_a_logarithm_and_a_missing_value_stays_missing() -> None:
    logs = log_skewed({"centroid_shift": np.array([0.0, 1.0, math.nan])})["centroid_shift"]
    assert logs[0] == pytest.approx(-9)
    assert logs[1] == pytest.approx(0, abs=1e-8)
    assert math.isnan(logs[2])
    assert set(SKEWED) <= set(NUMERIC_NAMES)


def test_everything_has_its_words() -> None:
    assert label_of("orbital_period") == "Orbital period"
    assert label_of("duty_cycle") == "Share of the orbit spent in transit"
    assert label_of("mission") == "Mission"
