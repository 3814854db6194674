"""Every metric, and the data behind every plot. Truth and probabilities come in the order of
``DISPOSITIONS``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from training.ml.calibrate import Floats, Integers, log_loss
from training.ml.evaluation.shapes import (
    Coverage,
    Headlines,
    MetricsBlock,
    Reliability,
    Spread,
)
from training.ml.libraries import metrics
from training.ml.schema import DISPOSITIONS, Mission

Booleans = npt.NDArray[np.bool_]
BINS: Final = 15
CONFIRMED, CANDIDATE, FALSE_POSITIVE = range(len(DISPOSITIONS))


def planet_scores(probabilities: Floats) -> Floats:
    """P(CONFIRMED) / (P(CONFIRMED) + P(FALSE POSITIVE)), 0.5 where both vanish, shape (n,)."""
    total = probabilities[:, CONFIRMED] + probabilities[:, FALSE_POSITIVE]
    scores: Floats = np.divide(
        probabilities[:, CONFIRMED], total, out=np.full(len(total), 0.5), where=total > 0
    )
    return scores


def planet_auc(truth: Integers, probabilities: Floats) -> float | None:
    """ROC-AUC of the planet score on CONFIRMED against FALSE POSITIVE; None where one of them is
    absent."""
    decided = truth != CANDIDATE
    return _auc(truth[decided] == CONFIRMED, planet_scores(probabilities)[decided])


def planet_average_precision(truth: Integers, probabilities: Floats) -> float | None:
    """Area under precision and recall of the planet score, CONFIRMED being positive; None where
    none is CONFIRMED."""
    decided = truth != CANDIDATE
    return _average_precision(truth[decided] == CONFIRMED, planet_scores(probabilities)[decided])


def _auc(positive: Booleans, scores: Floats) -> float | None:
    if positive.all() or not positive.any():
        return None
    return float(metrics.roc_auc_score(positive, scores))


def _average_precision(positive: Booleans, scores: Floats) -> float | None:
    return float(metrics.average_precision_score(positive, scores)) if positive.any() else None


def reliability(truth: Integers, probabilities: Floats, bins: int = BINS) -> list[Reliability]:
    """Equal-width bins of the top disposition's probability: what was said and what happened."""
    top = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    # A probability of exactly 1 belongs to the last bin.
    number = np.minimum((top * bins).astype(int), bins - 1)
    return [
        {
            "lower": k / bins,
            "upper": (k + 1) / bins,
            "signals": int(own.sum()),
            "said": float(top[own].mean()),
            "observed": float(right[own].mean()),
        }
        for k in range(bins)
        if (own := number == k).any()
    ]


def calibration_error(truth: Integers, probabilities: Floats, bins: int = BINS) -> float:
    """Expected calibration error of the top disposition
    (Guo et al. 2017, arXiv:1706.04599, eq. 3)."""
    rows = reliability(truth, probabilities, bins)
    return float(
        sum(row["signals"] * abs(row["said"] - row["observed"]) for row in rows)
        / max(len(truth), 1)
    )


def binary_calibration_error(
    positive: Booleans, scores: Floats, weights: Floats | None = None, bins: int = BINS
) -> float:
    """As ``calibration_error``, of a score of shape (n,) that something is ``positive``; of signals
    that count by ``weights``, where given."""
    counts = np.ones(len(scores)) if weights is None else weights
    number = np.minimum((scores * bins).astype(int), bins - 1)
    apart = counts * (scores - positive)
    gaps = [abs(apart[number == k].sum()) for k in range(bins)]
    return float(sum(gaps) / max(float(counts.sum()), 1e-9))


def score_bands(
    planet: Booleans, scores: Floats, weights: Floats | None = None, bands: int = 5
) -> list[Reliability]:
    """Of signals given scores of each fifth, how many were planets, each counted by ``weights``
    where given."""
    counts = np.ones(len(scores)) if weights is None else weights
    number = np.minimum((scores * bands).astype(int), bands - 1)
    return [
        {
            "lower": k / bands,
            "upper": (k + 1) / bands,
            "signals": int(own.sum()),
            "said": float(np.average(scores[own], weights=counts[own])),
            "observed": float(np.average(planet[own], weights=counts[own])),
        }
        for k in range(bands)
        if (own := number == k).any()
    ]


def headlines(truth: Integers, probabilities: Floats) -> Headlines:
    """The few figures that are compared, of one group of signals, for a fraction of the work of all
    of them."""
    said = probabilities.argmax(axis=1)
    labels = list(range(len(DISPOSITIONS)))
    # What is absent here has no F1: counted as 0 it would punish small groups.
    present = np.unique(truth)
    f1 = metrics.f1_score(truth, said, labels=labels, average=None, zero_division=0)
    return {
        "signals": len(truth),
        "accuracy": float((said == truth).mean()),
        "macro_f1": float(f1[present].mean()),
        "roc_auc": planet_auc(truth, probabilities),
        "calibration_error": calibration_error(truth, probabilities),
    }


def metrics_block(
    truth: Integers, probabilities: Floats, sets: Booleans | None = None
) -> MetricsBlock:
    """All figures for one group of signals. ``truth`` (n,), ``probabilities`` (n, 3), ``sets`` (n,
    3)."""
    said = probabilities.argmax(axis=1)
    labels = list(range(len(DISPOSITIONS)))
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        truth, said, labels=labels, zero_division=0
    )
    present = support > 0  # as in ``headlines``
    block: MetricsBlock = {
        "signals": len(truth),
        "accuracy": float((said == truth).mean()),
        "macro_f1": float(f1[present].mean()),
        "roc_auc": planet_auc(truth, probabilities),
        "pr_auc": planet_average_precision(truth, probabilities),
        "log_loss": log_loss(probabilities, truth),
        "calibration_error": calibration_error(truth, probabilities),
        "confusion": metrics.confusion_matrix(truth, said, labels=labels).tolist(),
        "reliability": reliability(truth, probabilities),
        "dispositions": {
            str(disposition): {
                "signals": int(support[k]),
                "precision": float(precision[k]),
                "recall": float(recall[k]),
                "f1": float(f1[k]),
                "roc_auc": _auc(truth == k, probabilities[:, k]),
                "pr_auc": _average_precision(truth == k, probabilities[:, k]),
            }
            for k, disposition in enumerate(DISPOSITIONS)
        },
    }
    if sets is not None:
        block["prediction_sets"] = coverage(truth, sets)
    return block


def coverage(truth: Integers, sets: Booleans) -> Coverage:
    """How often the prediction set holds the truth, and how large it is on average."""
    held = sets[np.arange(len(truth)), truth]
    return {
        "coverage": float(held.mean()),
        "mean_size": float(sets.sum(axis=1).mean()),
        "empty": float((~sets.any(axis=1)).mean()),
        "dispositions": {
            str(d): float(held[truth == k].mean()) if (truth == k).any() else None
            for k, d in enumerate(DISPOSITIONS)
        },
    }


def metrics_by_mission(
    truth: Integers, probabilities: Floats, missions: Integers, sets: Booleans | None = None
) -> dict[str, MetricsBlock]:
    """``metrics_block`` per mission present, and "pooled" over all."""
    return _by_mission(
        missions,
        lambda rows: metrics_block(
            truth[rows], probabilities[rows], None if sets is None else sets[rows]
        ),
    )


def headlines_by_mission(
    truth: Integers, probabilities: Floats, missions: Integers
) -> dict[str, Headlines]:
    """``headlines`` per mission present, and "pooled" over all."""
    return _by_mission(missions, lambda rows: headlines(truth[rows], probabilities[rows]))


_B = TypeVar("_B")


def _by_mission(missions: Integers, figures: Callable[[Booleans], _B]) -> dict[str, _B]:
    groups = {"pooled": np.ones(len(missions), dtype=bool)}
    groups |= {str(m): missions == k for k, m in enumerate(Mission) if (missions == k).any()}
    return {name: figures(rows) for name, rows in groups.items()}


HeadlineName = Literal["accuracy", "macro_f1", "roc_auc", "calibration_error"]
HEADLINES: Final[tuple[HeadlineName, ...]] = (
    "accuracy",
    "macro_f1",
    "roc_auc",
    "calibration_error",
)


def spread(blocks: Sequence[MetricsBlock | Headlines]) -> dict[str, Spread]:
    """Mean and standard deviation of the headline figures over folds or seeds."""
    found: dict[str, Spread] = {}
    for name in HEADLINES:
        values = np.array([block[name] for block in blocks if block[name] is not None])
        if len(values):
            found[name] = {
                "mean": float(values.mean()),
                "std": float(values.std(ddof=1)) if len(values) > 1 else 0.0,
            }
    return found
