"""Prospective tests: train on a table as it stood, then look what became of its open signals.

Features come from the older table, outcomes from the newer one. A signal is scored by a classifier
that never saw its star, and that knew nothing newer than the older table (and other tables of that
day).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import roc_auc_score

from training.ml.answers import Predictions
from training.ml.errors import UserError
from training.ml.evaluation.measures import CANDIDATE, coverage, metrics_block, planet_scores
from training.ml.evaluation.open_then import GONE, OPEN, OpenThen
from training.ml.evaluation.protocol import bootstrap_auc
from training.ml.fitting.cross_validation import cross_validate
from training.ml.fitting.judging import judge_out_of_fold, open_block
from training.ml.fitting.parameters import Parameters
from training.ml.fitting.points import shown_names
from training.ml.fitting.training_set import gather
from training.ml.given import Regime
from training.ml.schema import DISPOSITIONS
from training.ml.tables.signal_table import SignalTable

PRECISION_AT: Final = (50, 100, 200)


class NothingDecided(UserError):
    code = "nothing_decided"

    def __init__(self, open_signals: int, shared: int) -> None:
        super().__init__(
            f"None of the {open_signals:,} open signals of the older table was decided in the newer"
            f" one ({shared:,} signals stand in both). Check that both tables are of one mission"
            " and --then is the older."
        )


def became(then: SignalTable, now: SignalTable) -> npt.NDArray[np.int8]:
    """Per row of ``then``, what ``now`` says of it, as ``open_then`` numbers outcomes."""
    number = {str(disposition): k for k, disposition in enumerate(DISPOSITIONS)}
    # Listed without a disposition: open in all but name.
    listed = now.dispositions.map(number).fillna(OPEN)
    outcome = pd.Series(listed.to_numpy(), index=now.signals.to_numpy())
    outcome = outcome[~outcome.index.duplicated()]
    return then.signals.map(outcome).fillna(GONE).to_numpy(dtype=np.int8)


def decided_later(then: SignalTable, now: SignalTable) -> npt.NDArray[np.int8]:
    """Per row of ``then``: 0 CONFIRMED or 2 FALSE POSITIVE where it was open then and is decided
    now, else −1."""
    found = became(then, now)
    was_open = ~then.dispositions.isin(
        [str(d) for k, d in enumerate(DISPOSITIONS) if k != CANDIDATE]
    ).to_numpy()
    return np.where(was_open & (found != OPEN) & (found != GONE), found, -1).astype(np.int8)


def backtest(
    then: SignalTable,
    now: SignalTable,
    others: Sequence[SignalTable] = (),
    *,
    parameters: Parameters | None = None,
    seed: int = 0,
    threads: int = 1,
) -> dict[str, Any]:
    """The prospective scorecard of ``look_back``."""
    return look_back(then, now, others, parameters=parameters, seed=seed, threads=threads)[0]


def look_back(
    then: SignalTable,
    now: SignalTable,
    others: Sequence[SignalTable] = (),
    *,
    parameters: Parameters | None = None,
    seed: int = 0,
    threads: int = 1,
) -> tuple[dict[str, Any], OpenThen]:
    """The prospective scorecard, and what was said of each open signal; nobody has dated it yet.
    ``others`` are further tables of the older day, for training only.

    Raises ``NothingDecided`` where no open signal of ``then`` is decided in ``now``.
    """
    outcome = decided_later(then, now)
    if not (outcome >= 0).any():
        raise NothingDecided(int((outcome != -2).sum()), int(then.signals.isin(now.signals).sum()))
    # What had no disposition then was open all the same: a CANDIDATE in all but name.
    standing = replace(then, dispositions=then.dispositions.fillna(str(DISPOSITIONS[CANDIDATE])))
    signals = gather([standing, *others])
    scores = cross_validate(signals, parameters or Parameters(), seed=seed, threads=threads)
    judged = judge_out_of_fold(signals, scores)
    rows = np.flatnonzero(outcome >= 0)  # ``then`` comes first and keeps all its rows
    answers = judged.answers[Regime.ALL]
    figures = {
        **decided_figures(outcome[rows], answers.take(rows), signals.groups[rows], seed),
        "open_then": int((signals.truth[: len(then)] == CANDIDATE).sum()),
        "same_day_roc_auc": _same_day(signals.truth, judged.probabilities[Regime.ALL], len(then)),
        "seed": seed,
    }
    return figures, _open_then(standing, now, answers)


def _open_then(then: SignalTable, now: SignalTable, answers: Predictions) -> OpenThen:
    """What ``answers``, whose first rows are those of ``then``, say of its open signals."""
    rows = np.flatnonzero((then.dispositions == str(DISPOSITIONS[CANDIDATE])).to_numpy())
    names, told = shown_names(then), answers.take(rows)
    return OpenThen(
        mission=str(then.mission),
        then="",
        now="",
        names=tuple(names[row] for row in rows),
        score=told.open_score.astype(np.float32),
        planet_sets=told.planet_sets,
        outcome=became(then, now)[rows],
    )


def decided_figures(
    truth: npt.NDArray[np.int8], whole: Predictions, groups: npt.NDArray[Any], seed: int
) -> dict[str, Any]:
    """How good the answers for n signals were, of which ``truth`` says what became (0 CONFIRMED,
    2 FALSE POSITIVE); ``groups`` are the numbers of their stars."""
    answers = whole.probabilities
    block = metrics_block(truth, answers)
    return {
        "decided": len(truth),
        "confirmed": int((truth == 0).sum()),
        "false_positive": int((truth == 2).sum()),
        "roc_auc": block["roc_auc"],
        "roc_auc_interval": bootstrap_auc(truth, answers, groups, seed),
        "pr_auc": block["pr_auc"],
        "accuracy_by_score": float(((planet_scores(answers) >= 0.5) == (truth == 0)).mean()),
        "precision_at": _precision_at(truth, planet_scores(answers)),
        "prediction_sets": coverage(truth, whole.prediction_sets),
        "open": open_figures(truth, whole),
    }


def open_figures(truth: npt.NDArray[np.int8], answers: Predictions) -> dict[str, Any]:
    """What the answers for open signals turned out to be worth: ROC-AUC of ``open_score``, coverage
    and size of the sets over planet and false positive, how often a single answer was right, and
    how many of each band of scores were planets."""
    planet, sets = truth == 0, answers.planet_sets
    single = sets.sum(axis=1) == 1
    held = np.where(planet, sets[:, 0], sets[:, 1])
    both = planet.any() and not planet.all()
    return {
        **(open_block(planet, answers) or {}),
        "roc_auc": float(roc_auc_score(planet, answers.open_score)) if both else None,
        "covered": float(held.mean()),
        "single_answers": float(single.mean()),
        "single_right": float(held[single].mean()) if single.any() else None,
    }


def _precision_at(truth: npt.NDArray[np.int8], scores: npt.NDArray[np.float64]) -> dict[str, float]:
    """Of the highest-scored signals, the share that was confirmed."""
    order = np.argsort(-scores, kind="stable")
    return {str(n): float((truth[order[:n]] == 0).mean()) for n in PRECISION_AT if n <= len(order)}


def _same_day(
    truth: npt.NDArray[np.int8], probabilities: npt.NDArray[np.float64], rows: int
) -> float | None:
    """ROC-AUC on what was already decided in the older table, for comparison."""
    figure: float | None = metrics_block(truth[:rows], probabilities[:rows])["roc_auc"]
    return figure
