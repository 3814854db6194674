"""Three signals of two stars, and tables that say otherwise of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from predictions.catalogue.models import CatalogueTable, DispositionChange, Score, Signal, Star
from training.datasets.models import Dataset
from training.models import ModelVersion

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)  # a Wednesday
LATER = NOW + timedelta(minutes=1)
Change = Callable[..., DispositionChange]
Scored = Callable[..., None]


@pytest.fixture
def table(db: None) -> CatalogueTable:
    dataset = Dataset.objects.create(
        name="TOI.csv", source="upload", status="READY", created_at=timezone.now(), sha256="0" * 64
    )
    return CatalogueTable.objects.create(
        mission="TESS",
        dataset=dataset,
        as_of=date(2025, 10, 4),
        status="READY",
        is_first=True,
        is_current=True,
    )


@pytest.fixture
def signals(table: CatalogueTable) -> list[Signal]:
    """TOI-1.01 and TOI-1.02 of one star, TOI-2.01 of another: open, with a score of 0.7."""
    stars = [
        Star.objects.create(name=f"TIC {number}", slug=f"TIC-{number}", ra=10.0 * number, dec=2.0)
        for number in (1, 2)
    ]
    version = ModelVersion.objects.active()
    found = [signal_make(table, stars[at], name) for name, at in (("1.01", 0), ("1.02", 0))]
    found.append(signal_make(table, stars[1], "2.01"))
    Signal.objects.update(planet_score=0.7, open_score=0.6, scored_by=version, basis="unseen")
    return list(Signal.objects.order_by("pk")) if found else []


def signal_make(table: CatalogueTable, star: Star, name: str, **facts: Any) -> Signal:
    inputs = {
        "mission": "TESS",
        "orbital_period": 3.5,
        "transit_duration": 2.5,
        "transit_depth": 1200.0,
        "planet_radius": 1.5,
    }
    given: dict[str, Any] = {"disposition": "CANDIDATE", "period": 3.5, "inputs": inputs}
    return Signal.objects.create(
        mission="TESS",
        name=f"TOI-{name}",
        listed_name=name,
        slug=f"TOI-{name}",
        star=star,
        first_table=table,
        last_table=table,
        radius=1.5,
        **given | facts,
    )


@pytest.fixture
def change(table: CatalogueTable) -> Change:
    """`change(signal, "CONFIRMED")`: as a newer table does it."""

    def make(signal: Signal, new: str = "", kind: str = "changed") -> DispositionChange:
        old = signal.name if kind == "renamed" else signal.disposition
        if kind == "changed":
            Signal.objects.filter(pk=signal.pk).update(disposition=new)
        elif kind in ("gone", "back"):
            Signal.objects.filter(pk=signal.pk).update(is_listed=kind == "back")
        return DispositionChange.objects.create(
            table=table, signal=signal, kind=kind, old=old, new=new
        )

    return make


@pytest.fixture
def scored(db: None) -> Scored:
    """`scored(signal, 0.95)`: as the version in service says now."""

    def make(signal: Signal, score: float, *, basis: str = "unseen") -> None:
        version = ModelVersion.objects.active()
        Signal.objects.filter(pk=signal.pk).update(
            planet_score=score, scored_by=version, basis=basis
        )
        facts = dict.fromkeys(("p_confirmed", "p_candidate", "p_false_positive"), 1 / 3)
        Score.objects.update_or_create(
            signal=signal,
            version=version,
            defaults={"planet_score": score, "basis": basis, "made_at": timezone.now(), **facts},
        )

    return make
