"""Chosen versions on the stars that all of them held out, as a page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from training.figures import counted
from training.ml.errors import ArtifactError
from training.ml.evaluation.together import SHOWN, Together, label_of
from training.versions.comparison import versions_together
from training.versions.models import ModelVersion

MOST: Final = 6
"""Versions side by side: each has to be read whole."""


def together_context(chosen: Sequence[ModelVersion]) -> dict[str, Any]:
    """``chosen`` with the newest first; what keeps them from being judged together is said."""
    if len(chosen) < 2:
        return {}
    if len(chosen) > MOST:
        return {"apart": f"Choose at most {MOST} versions to see them on the same stars."}
    oldest_first = list(reversed(chosen))
    try:
        found = versions_together(oldest_first)
    except ArtifactError as error:
        return {"apart": error.message}
    if not found.figures:
        return {"apart": f"They share {counted(found.stars, 'star')}, too few to be compared on."}
    return {
        "together": {
            "signals": found.signals,
            "stars": found.stars,
            "judge": chosen[0],
            "headings": [label_of(name) for name in SHOWN],
            "rows": _rows(found, oldest_first)[::-1],
        }
    }


def _rows(found: Together, versions: Sequence[ModelVersion]) -> list[dict[str, Any]]:
    best = {name: found.best(name) for name in SHOWN}
    return [
        {
            "version": version,
            "cells": [
                {
                    "label": label_of(name),
                    "value": figures[name] if figures[name] == figures[name] else None,
                    "is_best": figures[name] == best[name],
                }
                for name in SHOWN
            ],
        }
        for version, figures in zip(versions, found.figures, strict=True)
    ]
