"""What is significant, and when a period is known, from a signal's numbers alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.training.ml.curves.simulated import Planet, curve
from training.ml.curves.find import find_signals
from training.ml.curves.judging import is_alarm, unknown_because

SIGNAL = find_signals(curve(Planet(3.1, ppm=6_000))).signals[0]


@pytest.mark.parametrize(
    ("transits", "single", "together", "known"),
    [
        (9, 4.0, 12.0, True),
        (6, 15.0, 17.0, True),  # what remains is a signal of S/N 12
        (4, 15.0, 17.0, False),  # of few transits, two planets may make one period
        (9, 12.0, 9.0, False),  # what remains is none: S/N 5.3
    ],
)
def test_a_transit_that_dominates_hides_no_other_ones(
    transits: int, single: float, together: float, known: bool
) -> None:
    signal = replace(
        SIGNAL, transits=transits, single_event=single, multiple_event=together, disagreement=0.0
    )
    said = unknown_because(signal)
    assert (said == []) == known
    assert known or "one event is nearly all" in said[0]


@pytest.mark.parametrize(
    ("transits", "snr", "together", "significant"),
    [
        (6, 8.0, 6.2, True),  # a transit at the end of the data counts for the whole alone
        (6, 8.0, 5.8, False),
        (6, 6.8, 6.8, False),
        (2, 9.5, 8.8, False),  # two dips must be whole
    ],
)
def test_most_of_the_significance_is_in_whole_transits(
    transits: int, snr: float, together: float, significant: bool
) -> None:
    signal = replace(SIGNAL, transits=transits, snr=snr, multiple_event=together, sde=8.0)
    assert (is_alarm(signal) == "") == significant
