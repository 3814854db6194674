"""Every model of the app, where Django looks for them; each is declared in its room."""

from predictions.batches.models import Batch, BatchChunk
<<<<<<< HEAD
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
=======
from predictions.history.models import Label, SavedView
from predictions.signals.models import Prediction
from predictions.triage.models import RowMark

__all__ = ["Batch", "BatchChunk", "Label", "Prediction", "RowMark", "SavedView"]
>>>>>>> 10f508a (History: labels and saved views)
