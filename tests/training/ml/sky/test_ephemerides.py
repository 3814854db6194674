from __future__ import annotations

import io
import pickle

import numpy as np
import pytest

from training.ml.schema import Mission
from training.ml.sky import ephemerides
from training.ml.sky.ephemerides import FAR_ARCSEC, Ephemerides, combine, neighbours_within
from training.ml.tables.data_loader import read_signals

NOTHING = [0, FAR_ARCSEC, 0]


def signals(*rows: tuple[float, float, float, float, int]) -> Ephemerides:
    """From (arcsec north, period, epoch, depth, star); every transit lasts three hours."""
    north, period, epoch, depth, star = np.array(rows, dtype=np.float64).T
    return Ephemerides.of(
        np.full(len(rows), 290.0),
        44 + north / 3600,
        period,
        epoch,
        np.full(len(rows), 3.0),
        depth,
        star.astype(np.uint64),
    )


def test_one_ephemeris_on_two_stars_is_seen_from_both() -> None:
    found = neighbours_within(signals((0, 5, 100, 300, 1), (90, 5.0001, 105.05, 30_000, 2)))
    assert found[0] == pytest.approx([1, 90, 100], rel=1e-3)
    assert found[1] == pytest.approx([1, 90, 0.01], rel=1e-3)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ((90, 5.1, 100, 300, 2), "another period"),
        ((90, 5, 101.5, 300, 2), "another time"),
        ((90, 5, 100, 300, 1), "the star itself, by its key"),
        ((3, 5, 100, 300, 2), "the star itself, by its place"),
        ((4_000, 5, 100, 300, 2), "too far"),
        ((90, 15, 100, 300, 2), "three times the period"),
        ((90, 20, 100, 300, 2), "four times the period"),
    ],
)
def test_what_is_no_neighbour(other: tuple[float, float, float, float, int], why: str) -> None:
    assert neighbours_within(signals((0, 5, 100, 300, 1), other))[0].tolist() == NOTHING, why


@pytest.mark.parametrize("factor", [0.5, 1, 2])
def test_half_and_twice_the_period_match(factor: float) -> None:
    found = neighbours_within(signals((0, 5, 100, 300, 1), (60, 5 * factor, 100, 300, 2)))
    assert found[:, 0].tolist() == [1, 1]


def test_a_neighbour_beyond_the_near_ring_tells_its_distance_alone() -> None:
    found = neighbours_within(signals((0, 5, 100, 300, 1), (1_000, 5, 100, 600, 2)))
    assert found[0] == pytest.approx([0, 1_000, 2], rel=1e-3)


@pytest.mark.parametrize("gap", ["epoch", "period", "sky"])
def test_what_is_unknown_is_missing_and_matches_nothing(gap: str) -> None:
    pair = signals((0, 5, 100, 300, 1), (60, 5, 100, 300, 2))
    getattr(pair, gap)[0] = np.nan
    found = neighbours_within(pair)
    assert np.isnan(found[0]).all() and found[1].tolist() == NOTHING


def test_periods_either_side_of_a_power_of_two_match() -> None:
    found = neighbours_within(signals((0, 4 * (1 - 1e-5), 100, 300, 1), (60, 4, 100, 300, 2)))
    assert found[:, 0].tolist() == [1, 1]


def field(count: int) -> Ephemerides:
    draw = np.random.default_rng(7)
    periods = draw.choice([1.3, 2.6, 3.1, 9.7], count) * (1 + draw.normal(0, 1e-5, count))
    return signals(
        *zip(
            draw.uniform(0, 60 * count, count),
            periods,
            draw.choice([100, 100.7], count),
            draw.uniform(50, 5_000, count),
            draw.integers(1, count // 2, count),
            strict=True,
        )
    )


def test_it_counts_what_comparing_all_pairs_counts() -> None:
    table = field(40)
    found = neighbours_within(table)
    assert (found[:, 0] > 0).sum() > 5
    for one in range(len(table)):
        others = neighbours_of_one(table, one)
        near = [separation for separation, _ in others if separation <= 200]
        assert found[one, 0] == len(near)
        assert found[one, 1] == pytest.approx(min([s for s, _ in others], default=FAR_ARCSEC))
        assert found[one, 2] == pytest.approx(max([d for _, d in others], default=0), rel=1e-5)


def neighbours_of_one(table: Ephemerides, one: int) -> list[tuple[float, float]]:
    found = []
    for other in range(len(table)):
        pair = table.take(np.array([one, other]))
        _, separation, depth = neighbours_within(pair)[0] if one != other else NOTHING
        if separation < FAR_ARCSEC:
            found.append((float(separation), float(depth)))
    return found


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    table = field(300)
    whole = neighbours_within(table)
    monkeypatch.setattr(ephemerides, "_BLOCK", 17)
    assert (neighbours_within(table) == whole).all()


def test_an_index_that_was_kept_says_the_same() -> None:
    table = field(300)
    index = pickle.loads(pickle.dumps(table.compact()))  # noqa: S301 - our own
    assert (index.neighbours(table) == neighbours_within(table)).all()
    one = table.take(np.array([5]))
    assert (index.neighbours(one)[0] == neighbours_within(table)[5]).all()
    assert len(index.neighbours(one.take(np.array([], dtype=np.intp)))) == 0


def test_two_sources_of_one_match_count_once() -> None:
    one = np.array([[2, 50.0, 3], [np.nan, np.nan, np.nan]])
    other = np.array([[1, 20.0, 9], [0, 3600, 0]])
    assert combine(one, other).tolist() == [[2, 20, 9], [0, 3600, 0]]


def test_a_table_counts_them_in_its_first_pass() -> None:
    rows = "\n".join(
        f"K{k:05}.01,{k},290.0,{44 + k / 60},5.0,100.0,3.0,{depth}"
        for k, depth in ((1, 200), (2, 400), (30, 500))
    )
    header = "kepoi_name,kepid,ra,dec,koi_period,koi_time0bk,koi_duration,koi_depth"
    table = read_signals(io.BytesIO(f"{header}\n{rows}\n".encode()), mission=Mission.KEPLER)
    assert table.epochs.tolist() == [100, 100, 100]
    assert table.frame["neighbour_count"].tolist() == [1, 1, 0]
    assert table.frame["neighbour_separation"].round().tolist() == [60, 60, 1680]
    without = rows.replace(",100.0,", ",,")
    table = read_signals(io.BytesIO(f"{header}\n{without}\n".encode()), mission=Mission.KEPLER)
    assert table.frame["neighbour_count"].isna().all()
