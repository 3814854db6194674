"""Where and when one typed signal is, and what that tells."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from training.ml.errors import InvalidSignal
from training.ml.schema import EPOCH_ZERO, NEIGHBOUR_NAMES
from training.ml.signal_rows import SignalRows
from training.ml.sky.ephemerides import Ephemerides
from training.ml.sky.place import Place, parse_place
from training.ml.sky.stars import galactic_latitude

SIGNAL: dict[str, float | str] = {
    "mission": "Kepler",
    "orbital_period": 2.5,
    "transit_duration": 3.0,
    "transit_depth": 100.0,
}


def binary(ra: float, dec: float, epoch: float = 170.0) -> Ephemerides:
    """One deep eclipse with the period of ``SIGNAL``."""
    one = np.ones(1)
    return Ephemerides.of(
        ra * one,
        dec * one,
        2.5 * one,
        epoch * one,
        3 * one,
        200_000 * one,
        np.array([7], np.uint64),
    )


def neighbours(place: Place, known: Ephemerides | None, **more: float) -> list[float]:
    rows = place.filled(SignalRows.of_values({**SIGNAL, **more}), known)
    return [float(rows[name][0]) for name in NEIGHBOUR_NAMES]


def test_a_neighbour_with_the_same_ephemeris_is_found() -> None:
    place = Place(290.0, 44.0, 170.0 + 40 * 2.5)
    count, separation, deeper = neighbours(place, binary(290.0, 44.0 + 30 / 3600))
    assert (count, round(separation), deeper) == (1, 30, 2000)


@pytest.mark.parametrize(
    ("place", "known"),
    [
        (Place(290.0, 44.0, 171.2), binary(290.0, 44.0 + 30 / 3600)),  # at another time
        (Place(290.0, 44.0, 170.0), binary(290.0, 46.0)),  # far away
        (Place(290.0, 44.0, 170.0), binary(290.0, 44.0 + 1 / 3600)),  # the star itself
    ],
)
def test_what_is_no_neighbour_does_not_count(place: Place, known: Ephemerides) -> None:
    assert neighbours(place, known)[0] == 0


def test_without_a_time_nothing_is_known_of_neighbours_and_the_place_is_told_all_the_same() -> None:
    place = Place(290.0, 44.0)
    assert np.isnan(neighbours(place, binary(290.0, 44.01))).all()
    rows = place.filled(SignalRows.of_values(SIGNAL), None)
    expected = galactic_latitude(np.array([290.0]), np.array([44.0]))
    np.testing.assert_allclose(rows["galactic_latitude"], expected)


def test_what_is_stated_stays() -> None:
    place = Place(290.0, 44.0, 170.0)
    rows = place.filled(SignalRows.of_values({**SIGNAL, "galactic_latitude": 5.0}), None)
    assert rows["galactic_latitude"].tolist() == [5.0]


def test_it_reads_numbers_and_sexagesimal_texts() -> None:
    degrees = parse_place({"ra": 285.67942, "dec": "50.241306", "epoch": " 2454964.57375 "})
    angles = parse_place({"ra": "19h02m43.06s", "dec": "+50d14m28.7s"})
    assert degrees is not None
    assert angles is not None
    assert angles.ra == pytest.approx(degrees.ra, abs=1e-4)
    assert angles.dec == pytest.approx(degrees.dec, abs=1e-4)
    assert degrees.epoch == pytest.approx(2454964.57375 - EPOCH_ZERO)
    assert np.isnan(angles.epoch)


def test_nothing_is_no_place() -> None:
    assert parse_place({}) is None
    assert parse_place({"ra": "", "dec": None, "epoch": " "}) is None


@pytest.mark.parametrize(
    ("typed", "wrong", "words"),
    [
        ({"ra": 400, "dec": 50}, "ra", "between 0 and 360 degrees"),
        ({"ra": 10, "dec": "north"}, "dec", "is not a number"),
        ({"ra": 10, "dec": 10, "epoch": 131.5}, "epoch", "between 2,400,000 and 2,500,000 BJD"),
        ({"ra": True, "dec": 10}, "ra", "is not a number"),
    ],
)
def test_what_is_wrong_gets_a_sentence(typed: dict[str, Any], wrong: str, words: str) -> None:
    with pytest.raises(InvalidSignal) as caught:
        parse_place(typed)
    assert set(caught.value.fields) == {wrong}
    assert words in caught.value.fields[wrong][0]
