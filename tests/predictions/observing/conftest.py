"""Open candidates over La Silla."""

from __future__ import annotations

import pytest

from predictions.catalogue.models import CatalogueTable, Signal
from tests.predictions.catalogue.conftest import catalogue, fill, koi  # noqa: F401 - fixtures
from training.ml.schema import Disposition

MIDNIGHT = 2_461_385.7  # of 10 December 2026 there


@pytest.fixture
def candidates(catalogue: CatalogueTable) -> list[Signal]:
    """All signals open, high over La Silla in December, with an ephemeris; the last has none."""
    found = list(Signal.objects.order_by("pk"))
    for number, signal in enumerate(found):
        signal.disposition, signal.open_score = Disposition.CANDIDATE, 0.9
        signal.ra, signal.dec = 60.0, -30.0
        signal.epoch = MIDNIGHT - 100 * (signal.period or 0) + (number % 9 - 4) * 0.04
        signal.epoch_error = 0.0005
    found[-1].epoch = None
    names = ("disposition", "open_score", "ra", "dec", "epoch", "epoch_error")
    Signal.objects.bulk_update(found, names)
    return found
