from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest

from training.ml.familiarity import (
    FARTHEST_SHARE,
    MIN_VALUES,
    UNFAMILIAR,
    Cloud,
    Familiarity,
)
from training.ml.inputs import parse_signal
from training.ml.numbers import number, quantity
from training.ml.schema import FEATURE_NAMES, NUMERIC_NAMES, Mission

ROWS = 1500
SEEN = frozenset({"Kepler", "TESS"})
HOT_JUPITER = {
    "mission": "Kepler",
    "orbital_period": 3.5,
    "transit_duration": 3.0,
    "transit_depth": 10_000,
    "planet_radius": 10.9,
    "stellar_teff": 5800,
    "stellar_radius": 1.0,
}


def simulated(mission: str, seed: int, scale: float = 1.0) -> pd.DataFrame:
    """Dwarfs with planets: small stars are cool, large bodies make deep transits, long periods long
    transits."""
    generator = np.random.default_rng(seed)
    frame = pd.DataFrame({name: np.full(ROWS, np.nan) for name in NUMERIC_NAMES})
    radius = 10 ** generator.normal(0, 0.08, ROWS)
    frame["stellar_radius"] = radius
    frame["stellar_teff"] = 5772 * radius**0.6 * 10 ** generator.normal(0, 0.01, ROWS)
    frame["stellar_logg"] = 4.438 - 1.2 * np.log10(radius) + generator.normal(0, 0.03, ROWS)
    frame["orbital_period"] = 10 ** generator.normal(0.8, 0.35, ROWS) * scale
    frame["planet_radius"] = 10 ** generator.normal(0.6, 0.3, ROWS)
    frame["transit_depth"] = 1e6 * (frame["planet_radius"] / radius / 109.076) ** 2
    frame["transit_duration"] = (
        1.9 * frame["orbital_period"] ** (1 / 3) * 10 ** generator.normal(0, 0.05, ROWS)
    )
    frame["transit_snr"] = np.where(np.arange(ROWS) < MIN_VALUES - 1, 20.0, np.nan)
    frame.insert(0, "mission", mission)
    frame["magnitude_band"] = pd.Series([None] * ROWS, dtype="str")
    return frame[["mission", *FEATURE_NAMES]]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return pd.concat([simulated("Kepler", 1), simulated("TESS", 2, scale=0.3)], ignore_index=True)


@pytest.fixture(scope="module")
def familiarity(frame: pd.DataFrame) -> Familiarity:
    return Familiarity.fit(frame)


def warnings_of(
    familiarity: Familiarity, seen: frozenset[str] = SEEN, **changes: object
) -> list[str]:
    given = {name: value for name, value in (HOT_JUPITER | changes).items() if value is not None}
    return familiarity.warnings(parse_signal(given), seen)[0]


def test_what_was_seen_in_training_is_familiar(
    familiarity: Familiarity, frame: pd.DataFrame
) -> None:
    found = familiarity.warnings(frame, SEEN)
    assert len(found) == len(frame)
    assert np.mean([bool(sentences) for sentences in found]) < 0.015
    assert warnings_of(familiarity) == []


def test_a_value_outside_names_itself_and_the_usual_range(familiarity: Familiarity) -> None:
    low, high = familiarity.ranges["Kepler"]["orbital_period"]
    assert 0.05 < low < 1 < 40 < high < 300
    sentence, *_ = warnings_of(familiarity, orbital_period=4000)
    assert (
        sentence == "Orbital period 4,000 days is outside of what the classifier saw "
        f"({number(low)} to {number(high)} days for Kepler)."
    )


def test_ranges_are_those_of_the_mission(familiarity: Familiarity) -> None:
    high_kepler, high_tess = (
        familiarity.ranges[mission]["orbital_period"][1] for mission in ("Kepler", "TESS")
    )
    between = (high_kepler + high_tess) / 2
    assert high_tess < between < high_kepler
    assert not any(
        "Orbital period" in sentence
        for sentence in warnings_of(familiarity, orbital_period=between)
    )
    tess = warnings_of(familiarity, orbital_period=between, mission="TESS")
    assert any(
        sentence.startswith("Orbital period") and "for TESS" in sentence for sentence in tess
    )


def test_a_quantity_that_hardly_anyone_gave_has_no_usual_range(familiarity: Familiarity) -> None:
    assert "transit_snr" not in familiarity.ranges["Kepler"]
    assert warnings_of(familiarity, transit_snr=9000) == []


def test_a_mission_never_seen_is_said_and_judged_by_all_missions(familiarity: Familiarity) -> None:
    first, *others = warnings_of(familiarity, mission="K2", orbital_period=4000)
    assert (
        first == "The classifier was never trained on a signal of the mission “K2”: its answer is"
        " carried over from other missions. Its prediction set is the widest of all missions,"
        " because nothing has measured how well that works."
    )
    assert any("for all missions" in sentence for sentence in others)
    assert "“other”" in warnings_of(familiarity, mission="other")[0]


def test_a_combination_that_nobody_saw_is_told_though_each_value_is_usual(
    familiarity: Familiarity,
) -> None:
    # A cool star of large radius and high gravity: such stars do not exist.
    sentences = warnings_of(
        familiarity, stellar_radius=1.4, stellar_teff=4900, stellar_logg=4.55, planet_radius=15.2
    )
    assert sentences == [UNFAMILIAR]


def test_a_missing_quantity_never_alarms(familiarity: Familiarity) -> None:
    assert (
        warnings_of(familiarity, planet_radius=None, stellar_teff=None, stellar_radius=None) == []
    )


def test_all_but_a_thousandth_lie_within_the_cloud() -> None:
    core = np.random.default_rng(3).normal(size=(5000, 7)) * 3 + 1
    cloud = Cloud.fit(core)
    assert (cloud.distance(core) > cloud.farthest).mean() == pytest.approx(
        1 - FARTHEST_SHARE, abs=0.0005
    )
    assert cloud.distance(np.full((1, 7), np.nan)) == 0


# --- contradictions -------------------------------------------------------------------------------


def test_a_depth_in_percent_is_recognised_by_the_radius_that_it_would_give(
    familiarity: Familiarity,
) -> None:
    sentence = warnings_of(familiarity, transit_depth=1.0)[-1]
    assert (
        sentence
        == "Transit depth 1 ppm looks like percent; usual depths are 20 to 100,000 ppm. If so,"
        " enter 10,000 ppm."
    )


def test_a_depth_as_a_fraction_is_recognised(familiarity: Familiarity) -> None:
    # 20 % of the light, as a body of 48.8 Earth radii takes from a Sun
    assert (
        warnings_of(familiarity, transit_depth=0.2, planet_radius=48.8)[-1]
        == "Transit depth 0.2 ppm looks like a fraction; usual depths are 20 to 100,000 ppm. If so,"
        " enter 200,000 ppm."
    )


@pytest.mark.parametrize("radius", [4.34, None])
def test_the_light_that_is_left_is_recognised_and_the_depth_is_right(
    familiarity: Familiarity, radius: float | None
) -> None:
    """0.99842 of the light is left: 1,580 ppm, not 9,984."""
    sentence = warnings_of(familiarity, transit_depth=0.99842, planet_radius=radius)[-1]
    assert "looks like 1 − depth" in sentence
    assert sentence.endswith("If so, enter 1,580 ppm.")


def test_parts_per_thousand_are_recognised_by_the_radius(familiarity: Familiarity) -> None:
    sentence = warnings_of(familiarity, transit_depth=8.4, planet_radius=10.0)[-1]
    assert "looks like parts per thousand" in sentence
    assert sentence.endswith("If so, enter 8,400 ppm.")


def test_a_shallow_depth_that_agrees_with_its_radius_is_in_ppm(familiarity: Familiarity) -> None:
    sentences = warnings_of(familiarity, transit_depth=4.0, planet_radius=0.22)
    assert not any("looks like" in sentence for sentence in sentences)


def test_a_duration_in_days_is_recognised_by_its_period(familiarity: Familiarity) -> None:
    sentences = warnings_of(familiarity, orbital_period=3.5247, transit_duration=0.1277)
    assert any(
        "far too short for its period; it may be days. If so, enter 3.065 hours." in sentence
        for sentence in sentences
    )
    whole = warnings_of(familiarity, orbital_period=3.5247, transit_duration=3.065)
    assert not any("may be days" in sentence for sentence in whole)


def test_a_tiny_depth_is_suspicious_without_any_radius(familiarity: Familiarity) -> None:
    assert (
        "looks like percent" in warnings_of(familiarity, transit_depth=1.5, planet_radius=None)[-1]
    )
    assert not any(
        "looks like" in sentence
        for sentence in warnings_of(familiarity, transit_depth=80, planet_radius=None)
    )


def test_the_radius_of_a_grazing_fit_is_no_wrong_unit(familiarity: Familiarity) -> None:
    # Depth and radius contradict each other a hundredfold, but no unit would repair it: light
    # cannot be lost 100 times.
    sentences = warnings_of(familiarity, transit_depth=10_000, planet_radius=1090)
    assert not any("looks like" in sentence for sentence in sentences)
    assert (
        sentences[-1]
        == "Planet radius 1,090 Earth radii contradicts depth and star, which give 10.91 Earth"
        " radii; "
        "usually the two agree within a factor of 2."
    )


@pytest.mark.parametrize(
    ("radius", "contradicts"),
    [(5.0, True), (6.0, False), (10.9, False), (21.0, False), (23.0, True)],
)
def test_a_radius_may_differ_by_a_factor_of_two(
    familiarity: Familiarity, radius: float, contradicts: bool
) -> None:
    sentences = warnings_of(familiarity, planet_radius=radius)
    assert any("contradicts depth and star" in sentence for sentence in sentences) is contradicts


# --- one period on two stars ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "separation", "warned"),
    [(1, 34.2, True), (3, 126.0, True), (1, 150.0, False), (0, 3_600, False), (None, None, False)],
)
def test_one_ephemeris_on_a_neighbouring_star_is_told(
    familiarity: Familiarity, count: int | None, separation: float | None, warned: bool
) -> None:
    sentences = warnings_of(familiarity, neighbour_count=count, neighbour_separation=separation)
    told = [sentence for sentence in sentences if "eclipsing binary" in sentence]
    assert len(told) == warned
    assert not warned or told[0].startswith("A signal of another star ")


# --- what it is made of ---------------------------------------------------------------------------


def test_a_row_gets_the_same_warnings_alone_and_in_a_batch(
    familiarity: Familiarity, frame: pd.DataFrame
) -> None:
    strange = frame.assign(
        planet_radius=frame["planet_radius"] * np.resize([1, 5, 0.1, 100], len(frame))
    ).iloc[:200]
    whole = familiarity.warnings(strange, SEEN)
    alone = [familiarity.warnings(strange.iloc[[row]], SEEN)[0] for row in range(200)]
    assert alone == whole
    assert sum(map(bool, whole)) > 100


def test_it_keeps_no_rows(familiarity: Familiarity) -> None:
    once = Familiarity.fit(simulated("Kepler", 1))
    twice = Familiarity.fit(pd.concat([simulated("Kepler", 1)] * 2, ignore_index=True))
    assert len(pickle.dumps(once)) < 4_000
    assert abs(len(pickle.dumps(twice)) - len(pickle.dumps(once))) < 200
    assert set(familiarity.clouds) == {"Kepler", "TESS", Mission.OTHER}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (3.52474, "3.525"),
        (0.84, "0.84"),
        (1123.4, "1,123"),
        (129_995.8, "129,996"),
        (0.00012, "0.00012"),
        (-1, "-1"),
        (2e-6, "2e-06"),
        (1e12, "1e+12"),
    ],
)
def test_numbers_are_written_as_people_write_them(value: float, text: str) -> None:
    assert number(value) == text


def test_a_unit_stands_beside_its_number_and_a_pure_number_stands_alone() -> None:
    assert quantity(1123.4, "ppm") == "1,123 ppm"
    assert quantity(0.5, "") == "0.5"
