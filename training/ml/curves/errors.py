"""What is wrong with the light curves that were given: a sentence each."""

from __future__ import annotations

from collections.abc import Sequence

from training.ml.errors import UserError, join_words, shorten


class CurveError(UserError):
    """Light curves that cannot be used; ``file`` names the one that is at fault, where one is."""

    code = "invalid_curve"

    def __init__(self, sentence: str, file: str = "") -> None:
        self.file = file
        super().__init__(f"{shorten(file, 80)}: {sentence}" if file else sentence)


class NoCurveColumns(CurveError):
    code = "no_curve_columns"

    def __init__(self, what: str, columns: Sequence[str], file: str) -> None:
        has = join_words([shorten(column, 30) for column in columns[:12]])
        super().__init__(
            f"No column of this table is known as the {what}; it has {has}. "
            f"Name the right one with --{what}-column.",
            file,
        )


class RawK2(CurveError):
    code = "raw_k2"

    def __init__(self, file: str) -> None:
        super().__init__(
            "This is raw K2 photometry, in which the telescope's roll makes dips every six hours;"
            " it needs a corrected curve. Take the K2SFF, K2SC or EVEREST product of this star"
            " from MAST.",
            file,
        )


class DifferentStars(CurveError):
    code = "different_stars"

    def __init__(self, stars: Sequence[str]) -> None:
        super().__init__(
            f"These files are of different stars ({join_words(list(stars))}); search one star at a"
            " time."
        )
