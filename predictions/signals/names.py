"""What people call a signal and remark about it: checked alike in form and API, and never used to
classify."""

from __future__ import annotations

from typing import Final

from predictions.signals.models import Prediction
from training.ml.inputs import shown_text

IDENTIFIER_LENGTH: Final[int] = Prediction._meta.get_field("identifier").max_length or 0
NOTE_LENGTH: Final[int] = Prediction._meta.get_field("note").max_length or 0
LENGTHS: Final = {"identifier": IDENTIFIER_LENGTH, "note": NOTE_LENGTH}

_LINE_BREAKS: Final = frozenset("\r\n\t")


def text_problem(name: str, text: str) -> str | None:
    """What is wrong with an identifier or note, in a sentence; None where nothing is."""
    limit, allowed = LENGTHS[name], _LINE_BREAKS if name == "note" else frozenset()
    if len(text) > limit:
        return f"The {name} has {len(text):,} characters; at most {limit:,} are kept. Shorten it."
    if not all(character.isprintable() or character in allowed for character in text):
        return (
            f"The {name} “{shown_text(text)}” holds characters that cannot be shown; remove them."
        )
    return None
