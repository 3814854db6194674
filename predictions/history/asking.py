"""What is asked before something is deleted from a history."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from predictions.history.models import SavedView
from predictions.signals.models import Prediction
from training.confirmations import Confirmation

_NAMED = 10


def deletion_asked(predictions: Sequence[Prediction]) -> Confirmation:
    one = len(predictions) == 1
    them = "this prediction" if one else f"these {len(predictions)} predictions"
    return Confirmation(
        question=f"Delete {them}?",
        about=_called(predictions[0]) if one else "History",
        address=predictions[0].get_absolute_url() if one else reverse("prediction_list"),
        changes=[
            f"{_names(predictions)}: gone with page, note and picture.",
            *_shared(predictions),
        ],
        stays=["The model version that answered, and what others have classified."],
        undo="It cannot be brought back. The same signal can be classified again.",
        button="Delete it" if one else "Delete them",
        keep="Keep it" if one else "Keep them",
        hidden={"key": " ".join(str(prediction.pk) for prediction in predictions)},
    )


def _called(prediction: Prediction) -> str:
    return prediction.identifier or "unnamed signal"


def _names(predictions: Sequence[Prediction]) -> str:
    named = ", ".join(_called(prediction) for prediction in predictions[:_NAMED])
    more = len(predictions) - _NAMED
    return f"{named} and {more} more" if more > 0 else named


def _shared(predictions: Sequence[Prediction]) -> list[str]:
    shared = [prediction for prediction in predictions if prediction.shared]
    return [f"Shared, so gone for colleagues as well: {_names(shared)}."] if shared else []


def view_deletion_asked(view: SavedView) -> Confirmation:
    return Confirmation(
        question="Delete this view?",
        about=view.name,
        address=reverse("view_list"),
        changes=["Its name and its link are gone."],
        stays=["All predictions and batches, and every other view."],
        undo="Filter and sort the list again and save it by the same name.",
        button="Delete it",
        keep="Keep it",
    )
