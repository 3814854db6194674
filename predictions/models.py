"""Every model of the app, where Django looks for them; each is declared in its room."""

from predictions.batches.models import Batch, BatchChunk
from predictions.signals.models import Prediction
from predictions.triage.models import RowMark

__all__ = ["Batch", "BatchChunk", "Prediction", "RowMark"]
