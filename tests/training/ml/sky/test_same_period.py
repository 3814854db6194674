from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training.ml.sky.ephemerides import Ephemerides, join_ephemerides
from training.ml.sky.same_period import (
    RATIOS,
    SamePeriodIndex,
    Timing,
    contamination_sentence,
    period_ratio,
    same_period_within,
)
from training.ml.tables.data_loader import ephemerides_of, read_signals
from training.ml.tables.signal_table import SignalTable


def signals(*rows: tuple[float, float, float, int]) -> Ephemerides:
    """From (arcsec north, period, epoch, star); every transit lasts three hours."""
    north, period, epoch, star = np.array(rows, dtype=np.float64).T
    three, depth = np.full(len(rows), 3.0), np.full(len(rows), 1_000.0)
    ra = np.full(len(rows), 290.0)
    return Ephemerides.of(
        ra, 44 + north / 3600, period, epoch, three, depth, star.astype(np.uint64)
    )


def test_each_of_a_pair_sees_the_other() -> None:
    found = same_period_within(signals((0, 5, 100, 1), (90, 5.0001, 105.05, 2), (60, 7, 100, 3)))
    assert found.asked.tolist() == [0, 1]
    assert found.known.tolist() == [1, 0]
    assert found.separation == pytest.approx([90, 90], abs=0.1)
    assert found.ratio.tolist() == [1, 1]
    assert found.timing.tolist() == [Timing.SAME, Timing.SAME]


def test_the_nearest_match_comes_first_and_each_signal_has_its_own() -> None:
    known = SamePeriodIndex(signals((100, 5, 100, 2), (30, 10, 100, 3), (60, 2.5, 100, 4)))
    found = known.matches(signals((3_000, 5, 100, 9), (0, 5, 100, 1)))
    assert found.of(0) == slice(0, 0)
    assert found.known[found.of(1)].tolist() == [1, 2, 0]
    assert found.ratio.tolist() == [2, 0.5, 1]


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ((90, 5.01, 100, 2), "another period"),
        ((90, 15, 100, 2), "three times the period"),
        ((90, 5, 100, 1), "the star itself, by its key"),
        ((3, 5, 100, 2), "the star itself, by its place"),
        ((127, 5, 100, 2), "too far"),
        ((90, np.nan, 100, 2), "no period"),
        ((np.nan, 5, 100, 2), "no place"),
    ],
)
def test_what_is_no_match(other: tuple[float, float, float, int], why: str) -> None:
    assert len(same_period_within(signals((0, 5, 100, 1), other))) == 0, why


@pytest.mark.parametrize(
    ("epoch", "period", "timing"),
    [
        (600.0, 5, Timing.SAME),
        (602.5, 5, Timing.HALF),
        (601.2, 5, Timing.OTHER),
        (605.0, 10, Timing.SAME),
        (np.nan, 5, Timing.UNKNOWN),
    ],
)
def test_when_the_other_event_comes(epoch: float, period: float, timing: Timing) -> None:
    found = same_period_within(signals((0, 5, 100, 1), (90, period, epoch, 2)))
    assert set(found.timing) == {timing}


def test_only_one_twice_and_half_are_ratios() -> None:
    found = period_ratio(np.full(5, 2.0), np.array([1.0, 2.0005, 4.001, 6.0, np.nan]))
    assert found[:3].tolist() == list(RATIOS)
    assert np.isnan(found[3:]).all()


def test_nothing_known_matches_nothing() -> None:
    nothing = signals((0, 5, 100, 1)).take(np.zeros(0, dtype=np.intp))
    assert len(SamePeriodIndex(nothing).matches(signals((0, 5, 100, 1)))) == 0


def test_the_sentence_names_the_other_signal_and_what_it_is() -> None:
    said = contamination_sentence("K00003.01", 33.7, 2.0, Timing.SAME, "FALSE POSITIVE")
    assert said.startswith("K00003.01 (FALSE POSITIVE), a signal of another star 34″ away")
    assert "has twice this period, at the same time" in said


@pytest.fixture(scope="module")
def archive(request: pytest.FixtureRequest) -> list[SignalTable]:
    folder = Path(request.getfixturevalue("shared_data")) / "archive"
    names = ("cumulative_2025.10.04.csv", "TOI_2025.10.04.csv", "k2pandc_2025.10.04.csv")
    return [read_signals(folder / name) for name in names]


@pytest.mark.shared_data
def test_the_archives_pairs_are_found(archive: list[SignalTable]) -> None:
    """1,558 pairs were counted elsewhere, 1,506 of them KOIs, 57 an open candidate with a false
    positive."""
    together = join_ephemerides([ephemerides_of(table) for table in archive])
    found = same_period_within(together)
    first = found.asked < found.known
    kepler = len(archive[0])
    dispositions = np.concatenate([table.dispositions.to_numpy(dtype=object) for table in archive])
    joined = zip(dispositions[found.asked], dispositions[found.known], strict=True)
    open_and_false = sum(pair == ("CANDIDATE", "FALSE POSITIVE") for pair in joined)
    assert first.sum() == 1_562
    assert (found.known[first] < kepler).sum() == 1_505
    assert open_and_false == 56


@pytest.mark.shared_data
def test_shuffled_periods_hardly_ever_match(archive: list[SignalTable]) -> None:
    together = join_ephemerides([ephemerides_of(table) for table in archive])
    order = np.random.default_rng(1).permutation(len(together))
    shuffled = replace(together, period=together.period[order])
    found = SamePeriodIndex(together).matches(shuffled)
    assert len(np.unique(found.asked)) / len(together) < 0.001
