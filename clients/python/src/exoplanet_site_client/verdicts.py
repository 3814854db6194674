"""What the classifier says about one signal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Verdict:
    """The answer of ``/predict``; ``raw`` is all of it, as the site sent it."""

    disposition: str
    probabilities: dict[str, float]
    planet_score: float | None
    open_score: float | None
    prediction_set: list[str]
    planet_set: list[str]
    missing: list[str]
    warnings: list[str]
    learnt_from: bool
    out_of_fold: bool
    model_version: str
    raw: dict[str, Any] = field(repr=False)

    @classmethod
    def from_json(cls, answer: dict[str, Any]) -> Verdict:
        names = [name for name in cls.__dataclass_fields__ if name != "raw"]
        return cls(**{name: answer[name] for name in names}, raw=answer)

    @property
    def sentences(self) -> list[str]:
        """Why, in words; empty where no explanation was asked for."""
        return list(self.raw.get("explanation", {}).get("sentences", []))

    @property
    def contributions(self) -> pd.DataFrame:
        """What each input adds to the score of the disposition, in log-odds, the largest first:
        feature, label, unit, value, contribution."""
        rows = self.raw.get("explanation", {}).get("contributions", [])
        return pd.DataFrame(rows, columns=["feature", "label", "unit", "value", "contribution"])
