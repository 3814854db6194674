"""What is stored as JSON with a training run."""

from __future__ import annotations

from typing import Annotated, NotRequired, TypedDict

from training.ml.json_notes import Note


class RunParameters(TypedDict, total=False):
    """Each only where it was chosen: a run of an older site may know fewer."""

    balance: NotRequired[str]
    masking: NotRequired[bool]
    search_trials: NotRequired[Annotated[int, Note(least=0)]]
    search_minutes: NotRequired[int]
    rounds: NotRequired[int]


class Fold(TypedDict):
    fold: Annotated[int, Note(least=1)]
    accuracy: float
    macro_f1: float
    roc_auc: float | None
