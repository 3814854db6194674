"""What a type cannot say about a value that is stored or sent as JSON: words, limits, choices.

Written into ``Annotated`` beside the type; the OpenAPI document reads it (``training.shapes``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from training.ml.schema import DISPOSITIONS


@dataclass(frozen=True)
class Note:
    words: str = ""
    least: int | None = None
    may_be_empty: bool = False
    choices: tuple[str, ...] = ()


Count = Annotated[int, Note(least=0)]
Text = Annotated[str, Note(may_be_empty=True)]
DispositionWord = Annotated[str, Note(choices=tuple(map(str, DISPOSITIONS)))]
