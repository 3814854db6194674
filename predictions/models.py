"""Every model of the app, where Django looks for them; each is declared in its room."""

from predictions.batches.models import Batch, BatchChunk
from predictions.catalogue.filling.models import CatalogueFill
from predictions.catalogue.foresight.models import Foresight, ProspectiveCard
from predictions.catalogue.models import (
    CatalogueTable,
    DispositionChange,
    Name,
    Score,
    Signal,
    Star,
)
from predictions.catalogue.others.models import (
    OtherChange,
    OtherList,
    OtherName,
    OtherScore,
    OtherSignal,
    OtherTable,
)
from predictions.catalogue.twins.models import Twin
from predictions.curves.folders.models import CurveFolder
from predictions.curves.models import CurveSearch, CurveSignal
from predictions.history.models import Label, SavedView
from predictions.reviewing.models import ReviewItem, ReviewQueue, Vote
from predictions.signals.models import Prediction
from predictions.triage.models import RowMark
from predictions.watching.models import (
    DeliveredNews,
    Delivery,
    News,
    Watch,
    Watcher,
    Webhook,
)

__all__ = [
    "Batch",
    "BatchChunk",
    "CatalogueFill",
    "CatalogueTable",
    "CurveFolder",
    "CurveSearch",
    "CurveSignal",
    "DeliveredNews",
    "Delivery",
    "DispositionChange",
    "Foresight",
    "Label",
    "Name",
    "News",
    "OtherChange",
    "OtherList",
    "OtherName",
    "OtherScore",
    "OtherSignal",
    "OtherTable",
    "Prediction",
    "ProspectiveCard",
    "ReviewItem",
    "ReviewQueue",
    "RowMark",
    "SavedView",
    "Score",
    "Signal",
    "Star",
    "Twin",
    "Vote",
    "Watch",
    "Watcher",
    "Webhook",
]
