"""The strongest contributions beside each row of a table: the same columns for the command line and
for batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from training.ml.libraries import pandas as pd

if TYPE_CHECKING:
    from training.ml.model import ExoplanetClassifier
    from training.ml.tables.data_loader import SignalTable

MAX_CONTRIBUTIONS: Final = 20


def reason_columns(top: int) -> list[str]:
    """``reason_1, reason_1_value, reason_1_contribution, reason_2, …``."""
    return [
        f"reason_{k}{part}" for k in range(1, top + 1) for part in ("", "_value", "_contribution")
    ]


def reason_texts(top: int) -> list[str]:
    return [f"reason_{k}" for k in range(1, top + 1)]


def chunk_reasons(table: SignalTable, classifier: ExoplanetClassifier, top: int) -> pd.DataFrame:
    """``reason_columns`` for each input row, empty for a row that cannot be used. About 2 ms per
    signal."""
    from training.ml.explanations.explain import explain_batch

    reasons = pd.DataFrame(explain_batch(classifier, table.frame, top).columns())
    rows = (
        reasons.reindex(table.row_signal)
        .reindex(columns=reason_columns(top))
        .reset_index(drop=True)
    )
    return rows.fillna(dict.fromkeys(reason_texts(top), ""))


def with_reasons(
    answers: pd.DataFrame, table: SignalTable, classifier: ExoplanetClassifier, top: int
) -> pd.DataFrame:
    """The answers of a chunk's rows with their ``top`` reasons behind them, if any are wanted."""
    return pd.concat([answers, chunk_reasons(table, classifier, top)], axis=1) if top else answers
