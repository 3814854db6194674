"""What pages show of the work that fills the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists

from predictions.catalogue.filling.models import CatalogueFill
from predictions.catalogue.models import CatalogueTable, Signal
from training.models import ModelVersion


@dataclass(frozen=True)
class Scoring:
    """How many signals the version in service has been asked about."""

    version: ModelVersion
    done: int
    total: int

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 100

    @property
    def is_over(self) -> bool:
        return self.done >= self.total


def filling_context() -> dict[str, Any]:
    """For the head of a list: what is being read, what was refused lately, whether scores are being
    made."""
    version = _version()
    return {
        "fill": CatalogueFill.objects.first(),
        "filling": list(CatalogueTable.objects.unfinished().with_dataset()),
        "refused": _refused(),
        "version": version,
        "is_scoring": bool(version) and _unscored(version.pk),  # type: ignore[union-attr]
    }


def _version() -> ModelVersion | None:
    return ModelVersion.objects.filter(is_active=True).only("pk", "name").first()


def _unscored(version: int) -> bool:
    # Three ranges of an index; “is another one” would look at every signal.
    others = ({"scored_by": None}, {"scored_by__lt": version}, {"scored_by__gt": version})
    none, older, newer = (Exists(Signal.objects.filter(**other)) for other in others)
    return ModelVersion.objects.filter(none | older | newer, pk=version).exists()


def _refused() -> CatalogueTable | None:
    latest = CatalogueTable.objects.with_dataset().first()
    refused = CatalogueTable.Status.REFUSED
    return latest if latest and latest.status == refused else None


def work_context() -> dict[str, Any]:
    """The part of the page that renews itself."""
    fill, version = CatalogueFill.objects.first(), _version()
    tables = list(CatalogueTable.objects.unfinished().with_dataset())
    scoring = _scoring(version) if version else None
    is_filling = bool(fill and fill.is_open)
    return {
        "fill": fill,
        "filling": tables,
        "refused": _refused(),
        "scoring": scoring,
        "is_over": not (is_filling or tables or (scoring and not scoring.is_over)),
    }


def _scoring(version: ModelVersion) -> Scoring:
    signals = Signal.objects.all()
    return Scoring(version, signals.filter(scored_by=version).count(), signals.count())


def filling_page() -> dict[str, Any]:
    current = CatalogueTable.objects.current().with_dataset()
    days = settings.CATALOGUE_REFRESH_DAYS
    latest = CatalogueFill.objects.first()
    return {
        **work_context(),
        "tables": list(current.order_by("mission")),
        "is_simulated": CatalogueTable.objects.simulated().exists(),
        "earlier": list(CatalogueFill.objects.select_related("asked_by")[1:11]),
        "refresh_days": days,
        "next_refresh": latest.asked_at + timedelta(days=days) if latest and days else None,
    }
