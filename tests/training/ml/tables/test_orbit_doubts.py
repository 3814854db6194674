"""Periods, distances and light in another unit than the column says."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from training.ml.tables.data_loader import read_signals
from training.ml.tables.doubting.doubts import Doubt, find_doubts

ROWS = 40


def table() -> pd.DataFrame:
    """Planets of Sun-like stars whose quantities follow from each other."""
    draw = np.random.default_rng(5)
    period, radius = draw.uniform(2, 60, ROWS), draw.uniform(1, 10, ROWS)
    star, mass = draw.uniform(0.8, 1.3, ROWS), draw.uniform(0.85, 1.15, ROWS)
    axis = np.cbrt(mass) * np.cbrt(period / 365.25) ** 2
    teff = draw.uniform(5200, 6200, ROWS)
    insolation = (teff / 5772) ** 4 * star**2 / axis**2
    density = mass / star**3
    return pd.DataFrame(
        {
            "identifier": [f"S{n}.01" for n in range(ROWS)],
            "mission": "Kepler",
            "orbital_period": period,
            "transit_duration": 1.8 * np.cbrt(period / density) * draw.uniform(0.7, 1, ROWS),
            "transit_depth": (radius / star / 109.1) ** 2 * 1e6,
            "radius_ratio": radius / star / 109.1,
            "planet_radius": radius,
            "insolation": insolation,
            "equilibrium_temperature": 278.5 * insolation**0.25,
            "semi_major_axis": axis,
            "stellar_teff": teff,
            "stellar_radius": star,
            "stellar_mass": mass,
            "stellar_logg": 4.438 + np.log10(mass / star**2),
        }
    )


BARE = ["identifier", "mission", "orbital_period", "transit_duration", "transit_depth"]
STAR = [*BARE, "stellar_radius", "stellar_logg"]


def doubts(frame: pd.DataFrame) -> list[Doubt]:
    return find_doubts(read_signals(io.BytesIO(frame.to_csv(index=False).encode())))


def test_what_follows_from_each_other_is_not_doubted() -> None:
    assert doubts(table()) == []
    assert doubts(table()[STAR]) == []
    assert doubts(table()[BARE]) == []


@pytest.mark.parametrize(
    ("feature", "factor", "kind", "unit"),
    [
        ("orbital_period", 24, "period_hours", "hours"),
        ("orbital_period", 1440, "period_minutes", "minutes"),
        ("insolation", 1361, "insolation_watts", "W/m²"),
        ("radius_ratio", 100, "ratio_percent", "percent"),
        ("semi_major_axis", 215.03, "axis_radii", "solar radii"),
    ],
)
def test_a_column_in_another_unit_is_doubted(
    feature: str, factor: float, kind: str, unit: str
) -> None:
    frame = table()
    right = frame[feature].iloc[0]
    frame[feature] *= factor
    found = {doubt.kind: doubt for doubt in doubts(frame)}
    doubt = found[kind]
    assert (doubt.feature, doubt.suggested_unit) == (feature, unit)
    assert doubt.count > 0.9 * len(frame[frame[feature] < 150_000])
    assert doubt.suggested == pytest.approx(right, rel=1e-3)
    assert f"may be {unit}" in doubt.sentence


def test_a_surface_gravity_in_si_is_doubted() -> None:
    frame = table()
    frame["stellar_logg"] -= 2
    doubt = next(doubt for doubt in doubts(frame) if doubt.kind == "logg_si")
    assert doubt.count == ROWS
    assert doubt.suggested == pytest.approx(doubt.given + 2)  # type: ignore[operator]


@pytest.mark.parametrize("columns", [BARE, STAR])
def test_periods_in_hours_are_doubted_by_the_lengths_of_the_transits_alone(
    columns: list[str],
) -> None:
    frame = table()[columns]
    frame["orbital_period"] *= 24
    (doubt,) = [doubt for doubt in doubts(frame) if doubt.feature == "orbital_period"]
    assert doubt.kind == "period_hours"


def test_period_and_duration_in_each_others_place() -> None:
    frame = table()[STAR]
    names = {"orbital_period": "transit_duration", "transit_duration": "orbital_period"}
    (doubt,) = doubts(frame.rename(columns=names))
    assert (doubt.kind, doubt.suggested_unit, doubt.suggested) == ("swapped", None, None)
    assert "would be right if period and duration changed places" in doubt.sentence


def test_ratios_in_percent_are_doubted_where_the_depth_follows_from_them() -> None:
    frame = table().drop(columns=["transit_depth"])
    frame["radius_ratio"] *= 100
    assert "ratio_percent" in {doubt.kind for doubt in doubts(frame)}
    small = frame.drop(columns=["planet_radius"])
    small["radius_ratio"] = np.linspace(0.7, 0.95, ROWS)
    assert "ratio_percent" in {doubt.kind for doubt in doubts(small)}
