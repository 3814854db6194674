"""What the choice of a unit would do to the verdict on a table's first row."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from training import figures
from training.ml.errors import UserError
from training.ml.libraries import pandas as pd
from training.ml.schema import REQUIRED_NAMES, Mission
from training.ml.tables.data_loader import read_signals
from training.versions.models import ModelVersion

if TYPE_CHECKING:
    from training.ml.tables.mapping import ColumnMapping

Choice = tuple[str, str]
"""A feature and the name of a unit."""


def first_row_effects(
    raw: pd.DataFrame, mapping: ColumnMapping, choices: Iterable[Choice]
) -> Mapping[Choice, str]:
    """For each choice a few words on the first row that gives what every signal needs; empty where
    there is no such row or no classifier. ``raw``: the first rows as text."""
    version = ModelVersion.objects.filter(is_active=True).first()
    row = _first_whole_row(raw, mapping)
    if version is None or row is None:
        return {}
    if mapping.mission is None and mapping.mission_column is None:
        mapping = replace(mapping, mission=Mission.OTHER)
    frames = {choice: _frame(row, mapping, choice) for choice in choices}
    known = {choice: frame for choice, frame in frames.items() if frame is not None}
    words = {choice: "not possible" for choice in frames}
    if known:
        answered = version.classifier.predict(pd.concat(known.values(), ignore_index=True))
        for choice, disposition, score in zip(
            known, answered.dispositions, answered.planet_score, strict=True
        ):
            words[choice] = f"{disposition}, planet score {figures.figure_text(float(score))}"
    return words


def _first_whole_row(raw: pd.DataFrame, mapping: ColumnMapping) -> pd.DataFrame | None:
    needed = [mapping.features[name][0] for name in REQUIRED_NAMES if name in mapping.features]
    if not needed or not set(needed) <= set(raw.columns):
        return None
    whole = (raw[needed].apply(lambda cells: cells.str.strip()) != "").all(axis=1)
    return raw[whole].iloc[:1] if whole.any() else None


def _frame(row: pd.DataFrame, mapping: ColumnMapping, choice: Choice) -> pd.DataFrame | None:
    """The row, harmonised with this choice; None where its value then cannot be."""
    name, unit = choice
    column, _ = mapping.features[name]
    chosen = replace(mapping, features={**mapping.features, name: (column, unit)})
    text = row.to_csv(index=False, lineterminator="\n").encode()
    try:
        frame = read_signals(io.BytesIO(text), mapping=chosen).frame
    except UserError:  # not in this unit
        return None
    return frame if len(frame) and frame[name].notna().all() else None
