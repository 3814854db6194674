"""The signals of a training as points by period and radius, for showing others among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from training.ml.features import radius_from_depth
from training.ml.schema import DISPOSITIONS
from training.ml.signal_rows import rows_of
from training.ml.sky.names import is_signal_form, signal_name
from training.ml.sky.period_radius import KnownPoints
from training.ml.tables.signal_table import SignalTable


def known_points(tables: Sequence[SignalTable]) -> KnownPoints:
    """Of all signals of ``tables`` that have a disposition, a period and a radius: the published
    one, or what depth and star make it."""
    frame = pd.concat([table.frame for table in tables], ignore_index=True)
    words = pd.concat([table.dispositions for table in tables], ignore_index=True)
    number = {str(disposition): k for k, disposition in enumerate(DISPOSITIONS)}
    truth = words.map(number).fillna(-1).to_numpy().astype(np.int8)
    columns = rows_of(frame).columns
    with np.errstate(all="ignore"):
        derived = radius_from_depth(columns)
    radius = np.where(np.isnan(columns["planet_radius"]), derived, columns["planet_radius"])
    period = columns["orbital_period"]
    rows = np.flatnonzero((truth >= 0) & (period > 0) & (radius > 0) & np.isfinite(radius))
    names = [name for table in tables for name in shown_names(table)]
    return KnownPoints(
        period[rows].astype(np.float32),
        radius[rows].astype(np.float32),
        truth[rows],
        tuple(names[row] for row in rows),
    )


def shown_names(table: SignalTable) -> list[str]:
    """Names that catalogues gave; what else people call their signals is nobody's business."""
    pairs: Any = zip(table.signals.fillna(""), table.frame["mission"], strict=True)
    spelled = (signal_name(str(name), str(mission)) for name, mission in pairs)
    return [name if is_signal_form(name) else "" for name in spelled]
