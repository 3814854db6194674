"""The picture that a phone reads a secret from, as the path of an SVG."""

from __future__ import annotations

from itertools import groupby

QUIET = 4
"""Modules of nothing around it, as phones need."""


def qr_path(text: str) -> tuple[str, int]:
    """The dark modules as runs, and the side of the picture; both in modules."""
    import segno

    matrix = [[bool(module) for module in row] for row in segno.make(text, micro=False).matrix]
    runs = []
    for y, row in enumerate(matrix):
        x = 0
        for is_dark, modules in groupby(row):
            length = len(list(modules))
            if is_dark:
                runs.append(f"M{x + QUIET} {y + QUIET}h{length}v1h-{length}z")
            x += length
    return "".join(runs), len(matrix) + 2 * QUIET
