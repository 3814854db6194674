"""Every model of the app, where Django looks for them; each is declared in its room."""

from predictions.batches.models import Batch, BatchChunk
from predictions.catalogue.models import (
    CatalogueTable,
    DispositionChange,
    Name,
    Score,
    Signal,
    Star,
)
from predictions.signals.models import Prediction
from predictions.triage.models import RowMark

__all__ = [
    "Batch",
    "BatchChunk",
    "CatalogueTable",
    "DispositionChange",
    "Name",
    "Prediction",
    "RowMark",
    "Score",
    "Signal",
    "Star",
]
