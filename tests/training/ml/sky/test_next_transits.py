from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from training.ml.sky.next_transits import NextTransits, lost_sentence, next_transits


def of(
    epoch: float, epoch_error: float, period: float, period_error: float, after: float
) -> NextTransits:
    return next_transits(
        np.array([epoch]),
        np.array([epoch_error]),
        np.array([period]),
        np.array([period_error]),
        after,
    )


def test_the_error_of_the_period_adds_up() -> None:
    """100 orbits of 0.001 d and an epoch of 0.05 d: √(0.1² + 0.05²) d = 2.683 h."""
    found = of(1_000, 0.05, 10, 0.001, 1_995)
    assert found.mid_transit.tolist() == [2_000]
    assert found.orbits.tolist() == [100]
    assert found.error[0] == pytest.approx(2.683, abs=1e-3)
    assert found.lost.tolist() == [True]


@pytest.mark.parametrize(
    ("after", "transit"), [(1_000, 1_000), (1_000.001, 1_010), (985, 990), (999.9, 1_000)]
)
def test_the_next_transit_is_the_first_at_or_after_a_date(after: float, transit: float) -> None:
    assert of(1_000, 0, 10, 0, after).mid_transit.tolist() == [transit]


def test_before_the_epoch_the_error_grows_as_well() -> None:
    assert of(1_000, 0, 10, 0.001, 500).error == of(1_000, 0, 10, 0.001, 1_500).error


@pytest.mark.parametrize(
    "found",
    [
        of(np.nan, 0.05, 10, 0.001, 9_000),
        of(1_000, np.nan, 10, 0.001, 9_000),
        of(1_000, 0.05, np.nan, 0.001, 9_000),
        of(1_000, 0.05, 10, np.nan, 9_000),
    ],
)
def test_what_is_unknown_is_not_said_to_be_lost(found: NextTransits) -> None:
    assert np.isnan(found.error[0])
    assert found.lost.tolist() == [False]


def test_a_signal_without_a_period_has_no_next_transit() -> None:
    assert np.isnan(of(1_000, 0.01, 0, 0.001, 2_000).mid_transit[0])


def test_the_sentence_has_the_amount() -> None:
    assert "uncertain by 2.7 h (1σ)" in lost_sentence(2.683)
    assert "uncertain by 4 d (1σ)" in lost_sentence(96)


@pytest.mark.shared_data
def test_a_fifth_of_the_open_candidates_is_off_by_an_hour(shared_data: Path) -> None:
    table = pd.read_csv(shared_data / "archive/TOI_2025.10.04.csv", comment="#")
    is_open = table[table["tfopwg_disp"].isin(["PC", "APC"])]
    found = next_transits(
        is_open["pl_tranmid"].to_numpy(dtype=np.float64),
        is_open["pl_tranmiderr1"].to_numpy(dtype=np.float64),
        is_open["pl_orbper"].to_numpy(dtype=np.float64),
        is_open["pl_orbpererr1"].to_numpy(dtype=np.float64),
        after=2_461_373.5,  # 2026-11-29
    )
    assert found.lost.mean() == pytest.approx(0.2, abs=0.02)
