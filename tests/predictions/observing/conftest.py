"""Open candidates over La Silla."""

from __future__ import annotations

import pytest
from django.db.models import F

from predictions.catalogue.models import CatalogueTable, Signal
from tests.predictions.catalogue.conftest import catalogue, fill, koi  # noqa: F401 - fixtures
from training.ml.schema import Disposition


@pytest.fixture
def candidates(catalogue: CatalogueTable) -> list[Signal]:
    """All signals open, high over La Silla in December, with an ephemeris; the last has none."""
    Signal.objects.update(
        disposition=Disposition.CANDIDATE,
        ra=60.0,
        dec=-30.0,
        epoch=2_459_000 + F("pk") * 0.37,
        epoch_error=0.0005,
        open_score=0.9,
    )
    last = Signal.objects.order_by("pk").last()
    assert last is not None
    Signal.objects.filter(pk=last.pk).update(epoch=None)
    return list(Signal.objects.order_by("pk"))
