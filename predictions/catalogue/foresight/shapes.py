"""What pages and programs are told about decisions that came after a version's tables."""

from __future__ import annotations

from typing import Annotated, TypedDict

from training.ml.json_notes import Note


class ProspectiveFiguresJson(TypedDict):
    """Of signals that were open in the tables of the version and are decided now, by the scores
    that stood before the decision."""

    decided: int
    confirmed: int
    false_positive: int
    stars: int
    accuracy: Annotated[float, Note("Planet score of 0.5 and more against CONFIRMED.")]
    roc_auc: Annotated[float | None, Note("Of the planet score; null where all went one way.")]
    roc_auc_interval: Annotated[
        list[float], Note("95 %, stars drawn with replacement; empty where there is none.")
    ]
    coverage: Annotated[float, Note("Share of prediction sets that hold what became of it.")]
    open_roc_auc: Annotated[float | None, Note("Of the open score.")]
    open_coverage: Annotated[float, Note("Share of sets over planet and false positive.")]
    since: Annotated[str, Note("The day of the first table that decided one.")]
    until: Annotated[str, Note("The day of the last one.")]


class ProspectiveJson(TypedDict):
    """Decisions since the version's tables, as the catalogue's tables came in."""

    sentence: str
    missions: Annotated[
        dict[str, ProspectiveFiguresJson],
        Note("By mission, and “pooled”; empty while nothing has been decided."),
    ]
