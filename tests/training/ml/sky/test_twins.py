from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from training.ml.sky.twins import MissionSignals, disagree, find_twins
from training.ml.tables.data_loader import read_signals


def signals(*rows: tuple[str, float, float, float], motion: float = np.nan) -> MissionSignals:
    """From (mission, arcsec north, period, its error); TESS's stars move ``motion`` mas/yr
    northward."""
    mission = np.array([row[0] for row in rows], dtype=object)
    north, period, error = np.array([row[1:] for row in rows], dtype=np.float64).T
    tess = mission == "TESS"
    return MissionSignals(
        ra=np.full(len(rows), 359.9999),
        dec=10 + north / 3600,
        pm_ra=np.where(tess, 0, np.nan),
        pm_dec=np.where(tess, motion, np.nan),
        period=period,
        period_error=error,
        mission=mission,
    )


def pairs(found: MissionSignals) -> list[tuple[int, int, float]]:
    twins = find_twins(found)
    return list(zip(twins.one.tolist(), twins.other.tolist(), twins.ratio.tolist(), strict=True))


def test_one_planet_of_two_missions() -> None:
    twins = find_twins(signals(("Kepler", 0, 5, 1e-5), ("TESS", 2, 5.0001, 1e-3)))
    assert (twins.one.tolist(), twins.other.tolist()) == ([0], [1])
    assert twins.separation == pytest.approx([2], abs=1e-6)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (("Kepler", 0, 5, 1e-3), "the same mission"),
        (("TESS", 6, 5, 1e-3), "another star"),
        (("TESS", 0, 5.02, 1e-3), "a difference of four errors"),
        (("TESS", 0, 5.1, 1.0), "an error that says nothing"),
        (("TESS", 0, 7.5, 1e-3), "a resonance"),
        (("TESS", np.nan, 5, 1e-3), "no place"),
        (("TESS", 0, np.nan, 1e-3), "no period"),
    ],
)
def test_what_is_no_twin(other: tuple[str, float, float, float], why: str) -> None:
    assert pairs(signals(("Kepler", 0, 5, 1e-5), other)) == [], why


def test_periods_within_their_errors_are_one() -> None:
    assert pairs(signals(("Kepler", 0, 5, 1e-5), ("TESS", 0, 5.02, 1e-2))) == [(0, 1, 1)]


def test_every_other_transit_is_the_same_planet() -> None:
    assert pairs(signals(("Kepler", 0, 5, 1e-5), ("TESS", 0, 10, 1e-3))) == [(0, 1, 2)]


def test_twice_the_period_beside_a_twin_is_another_planet() -> None:
    found = pairs(signals(("Kepler", 0, 5, 1e-5), ("TESS", 0, 5, 1e-3), ("TESS", 0, 10, 1e-3)))
    assert found == [(0, 1, 1)]


def test_a_star_that_moved_is_followed() -> None:
    apart = (("Kepler", 0, 5, 1e-5), ("TESS", 15, 5, 1e-3))
    assert pairs(signals(*apart)) == []
    assert pairs(signals(*apart, motion=1_000)) == [(0, 1, 1)]
    assert pairs(signals(*apart, motion=-1_000)) == [(0, 1, 1)]  # whose epoch is earlier?
    assert pairs(signals(*apart, motion=100)) == []


def test_a_neighbour_on_the_way_of_a_star_is_not_that_star() -> None:
    there, way, star = ("Kepler", 7, 5, 1e-5), ("TESS", 0, 5, 1e-3), ("Kepler", 0, 5, 1e-5)
    assert pairs(signals(there, way, star, motion=400)) == [(1, 2, 1)]


def test_an_empty_sky_has_no_twins() -> None:
    assert pairs(signals(("Kepler", np.nan, 5, 1e-5))) == []


def test_who_disagrees() -> None:
    assert disagree("CONFIRMED", "FALSE POSITIVE")
    assert not disagree("CONFIRMED", "CONFIRMED")
    assert not disagree("CONFIRMED", "")


@pytest.mark.shared_data
def test_the_archives_twins(shared_data: Path) -> None:
    """248 pairs were counted elsewhere, 17 with different dispositions: here as many have one
    period less one, a neighbour of HAT-P-11 that shows its transits; six more stand 1:2."""
    folder = shared_data / "archive"
    names = ("cumulative_2025.10.04.csv", "TOI_2025.10.04.csv", "k2pandc_2025.10.04.csv")
    tables = [read_signals(folder / name) for name in names]
    frame = pd.concat([table.frame for table in tables], ignore_index=True)
    places = pd.concat([table.positions for table in tables], ignore_index=True)
    motions = pd.read_csv(folder / names[1], comment="#")[["st_pmra", "st_pmdec"]]
    start, stop = len(tables[0]), len(tables[0]) + len(tables[1])
    pm = np.full((len(frame), 2), np.nan)
    pm[start:stop] = motions.to_numpy()
    found = find_twins(
        MissionSignals(
            ra=places["ra"].to_numpy(),
            dec=places["dec"].to_numpy(),
            pm_ra=pm[:, 0],
            pm_dec=pm[:, 1],
            period=frame["orbital_period"].to_numpy(),
            period_error=frame["orbital_period_error"].to_numpy(),
            mission=frame["mission"].to_numpy(dtype=object),
        )
    )
    said = np.concatenate([t.dispositions.fillna("").to_numpy(dtype=object) for t in tables])
    differ = [
        disagree(one, other) for one, other in zip(said[found.one], said[found.other], strict=True)
    ]
    assert (found.ratio == 1).sum() == 247
    assert (found.ratio != 1).sum() == 6
    assert sum(differ) == 17
