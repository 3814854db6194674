"""Contributions as an explanation holds them, made by hand."""

from __future__ import annotations

from training.ml.explanations.explain import Contribution, unit_of
from training.ml.features import DERIVED_BY_NAME
from training.ml.schema import FEATURE_BY_NAME


def part(feature: str, value: float | str | None, contribution: float) -> Contribution:
    known = DERIVED_BY_NAME if feature in DERIVED_BY_NAME else FEATURE_BY_NAME
    return Contribution(feature, known[feature].label, unit_of(feature), value, contribution)
