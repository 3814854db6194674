"""A table's own columns beside what they would be read as: what the map page lays out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.forms import BoundField

from training.ml.libraries import pandas as pd

if TYPE_CHECKING:
    from training.ml.tables.preview import Preview

SAMPLES: Final = 3
SURE: Final = 0.95
_CHARACTERS: Final = 40


@dataclass(frozen=True)
class UnitChoice:
    """One unit that a column may be in, and what that makes of the first row."""

    name: str
    value: str
    effect: str
    chosen: bool


@dataclass(frozen=True)
class ColumnCard:
    """One target with the column that feeds it, if any, and the fields that decide about it.

    ``how``: how it was recognised and how sure. ``doubt``: why its unit needs a look. ``offered``:
    a column that may be it.
    """

    label: str
    column: str
    samples: Sequence[str]
    how: str
    field: BoundField
    unit: BoundField | None = None
    unit_words: str = ""
    choices: Sequence[UnitChoice] = ()
    doubt: str = ""
    needed: bool = False
    offered: str = ""


@dataclass(frozen=True)
class LeftColumn:
    """A column that nothing uses, and what it may be."""

    name: str
    samples: Sequence[str]
    maybe: str


def samples_of(raw: pd.DataFrame) -> Mapping[str, list[str]]:
    """Of each column the first cells that hold something."""
    return {
        str(column): [cell[:_CHARACTERS] for cell in raw[column].str.strip() if cell][:SAMPLES]
        for column in raw.columns
    }


def sure_words(certainty: float) -> str:
    if certainty >= SURE:
        return "sure"
    return f"{'likely' if certainty >= 0.7 else 'perhaps'}, {certainty:.0%} sure"


def doubts_by_feature(preview: Preview) -> dict[str, str]:
    return {doubt.feature: doubt.sentence for doubt in preview.doubts}
