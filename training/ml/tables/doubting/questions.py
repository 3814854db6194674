"""What only a person can say about a table before it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from training.ml.errors import join_words
from training.ml.libraries import pandas as pd
from training.ml.schema import Disposition, Mission
from training.ml.tables.layouts.all import ALL_LAYOUTS
from training.ml.tables.layouts.known import WORDS
from training.ml.tables.mapping import ColumnMapping
from training.ml.tables.missions import is_facility_column, mission_of
from training.ml.tables.reading.text_block import NULL_WORDS
from training.ml.tables.shapes import QuestionJson

_MAX_WORDS: Final = 12


@dataclass(frozen=True)
class Question:
    """``kind``: "mission", "mission_words" or "labels"; ``words``: the cells that need a
    meaning."""

    kind: str
    sentence: str
    column: str | None = None
    words: tuple[str, ...] = ()

    def as_json(self) -> QuestionJson:
        return {
            "kind": self.kind,
            "sentence": self.sentence,
            "column": self.column,
            "words": list(self.words),
        }


def questions_about(mapping: ColumnMapping, raw: pd.DataFrame) -> list[Question]:
    """What ``mapping`` leaves open for a table whose first rows are ``raw``."""
    questions = []
    if mapping.mission is None and mapping.mission_column is None:
        missions = join_words([str(mission) for mission in Mission], "or")
        questions.append(Question("mission", f"Which mission are these signals from: {missions}?"))
    return questions + _words_of_missions(mapping, raw) + _labels(mapping, raw)


def _words_of_missions(mapping: ColumnMapping, raw: pd.DataFrame) -> list[Question]:
    column = mapping.mission_column
    if column is None or is_facility_column(column):
        return []
    known = {word.lower() for word in mapping.missions}
    unknown = [
        word
        for word in _words(raw, column)
        if mission_of(word) is None and word.lower() not in known
    ]
    if not unknown:
        return []
    named = join_words([f"“{word}”" for word in unknown[:_MAX_WORDS]])
    sentence = f"Which mission does {named} mean in the column “{column}”?"
    return [Question("mission_words", sentence, column, tuple(unknown))]


def _labels(mapping: ColumnMapping, raw: pd.DataFrame) -> list[Question]:
    """Numbers such as 0, 1 and 2 mean something else in every table."""
    column = mapping.disposition
    if column is None:
        return []
    codes = ALL_LAYOUTS[mapping.layout].dispositions if mapping.layout else WORDS
    known = {code.lower() for code in (*codes, *WORDS, *mapping.dispositions)}
    unknown = [word for word in _words(raw, column) if word.lower() not in known]
    if not unknown or (mapping.layout and not any(word.isdigit() for word in unknown)):
        return []
    ours = join_words([str(disposition) for disposition in Disposition], "or")
    named = join_words([f"“{word}”" for word in unknown[:_MAX_WORDS]])
    sentence = f"What does {named} mean in the column “{column}”: {ours}?"
    return [Question("labels", sentence, column, tuple(unknown))]


def _words(raw: pd.DataFrame, column: str) -> list[str]:
    if column not in raw:
        return []
    return [word for word in dict.fromkeys(raw[column].str.strip()) if word not in NULL_WORDS]
