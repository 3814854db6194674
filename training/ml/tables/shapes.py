"""What a preview tells programs about a table, beside doubts (``evaluation.shapes``)."""

from __future__ import annotations

from typing import Annotated, TypedDict

from training.ml.json_notes import Note, Text

Certainty = Annotated[float, Note("0 to 1.")]


class GuessJson(TypedDict):
    """What a column of an unknown table may be."""

    target: Annotated[str, Note("An input of the classifier, or a role such as star.")]
    column: str
    unit: Text
    certainty: Certainty
    reason: str
    samples: Annotated[list[str], Note("The first cells.")]
    units: Annotated[list[str], Note("Other units that the values would fit as well.")]
    filled: Annotated[bool, Note("Whether the mapping has it; else it is only offered.")]


class QuestionJson(TypedDict):
    """What only a person can answer."""

    kind: Annotated[str, Note("mission, mission_words or labels.")]
    sentence: str
    column: str | None
    words: Annotated[list[str], Note("The words of that column that need a meaning.")]
