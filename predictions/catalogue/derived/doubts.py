"""What a signal's own page says of the doubts that lists filter by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from predictions.catalogue.derived.deriving import rows_of_signals
from predictions.catalogue.models import Signal
from predictions.catalogue.others.models import OtherSignal
from training.ml.sky.radius_checks import radius_contradicts, radius_sentence
from training.ml.sky.repeats import first_rows


def doubles_of(signal: Signal, siblings: Sequence[Signal]) -> list[Signal]:
    """Other entries of its mission for its star with its period."""
    own = [signal, *(one for one in siblings if one.mission == signal.mission and one.is_listed)]
    size = len(own)
    errors = [one.inputs.get("orbital_period_error") for one in own]
    first = first_rows(
        np.ones(size, dtype=np.uint64),
        np.zeros(size, dtype=np.uint64),
        np.zeros(size, dtype=bool),
        np.array([one.period for one in own], dtype=np.float64),
        np.array(errors, dtype=np.float64),
    )
    return [one for one, row in zip(own[1:], first[1:].tolist(), strict=True) if row == first[0]]


def radius_doubt(signal: Signal | OtherSignal) -> str:
    """A sentence where its listed radius contradicts depth and star; else ""."""
    columns = rows_of_signals([signal]).columns
    return radius_sentence(columns) if radius_contradicts(columns)[0] else ""
