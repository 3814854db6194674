"""Fitting the pipeline, and scoring signals by pipelines that never saw their stars."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from imblearn.pipeline import Pipeline
from sklearn.base import clone

from training.ml.answering.steps import encoded_matrix
from training.ml.calibrate import (
    Floats,
    Integers,
    apply_scaling,
    fit_scaling,
    log_loss,
    softmax,
)
from training.ml.evaluation.measures import headlines
from training.ml.evaluation.shapes import Headlines
from training.ml.fitting.parameters import Parameters
from training.ml.fitting.training_set import Indices, TrainingSet, folds_by_star
from training.ml.fitting.views import calibration_views
from training.ml.given import Regime
from training.ml.preprocess import build_pipeline
from training.ml.schema import DISPOSITIONS
from training.ml.signal_rows import SignalRows

FOLDS: Final = 5
ROUND_STEP: Final = 20


def fit_pipeline(
    signals: TrainingSet, parameters: Parameters, *, seed: int, threads: int
) -> Pipeline:
    """A fitted pipeline that keeps nothing of the rows it was fitted on."""
    pipeline = build_pipeline(parameters, seed=seed, threads=threads).fit(
        signals.frame, signals.labels
    )
    # SMOTE keeps its neighbours, that is the training rows; prediction skips it.
    return Pipeline(
        [(name, clone(step) if name == "balance" else step) for name, step in pipeline.steps]
    )


def pipeline_scores(pipeline: Pipeline, frame: pd.DataFrame) -> Floats:
    """Raw scores of shape (n, 3)."""
    scores: Floats = pipeline[-1].scores(
        encoded_matrix(pipeline, frame), threads=pipeline[-1].threads
    )
    return scores


def open_scores(pipeline: Pipeline, frame: pd.DataFrame) -> Floats:
    """Raw log-odds of shape (n,) of a planet, should the signal still be open."""
    scores: Floats = pipeline[-1].open_scores(
        encoded_matrix(pipeline, frame), threads=pipeline[-1].threads
    )
    return scores


def best_rounds(fitted: Sequence[tuple[Pipeline, TrainingSet]], most: int) -> int:
    """Where to stop boosting dispositions, by pipelines and signals that each held out.

    The fewest rounds whose calibrated log loss is within one standard error, over folds, of the
    least one (Breiman et al. 1984, Classification and Regression Trees, section 3.4.3). Calibrated,
    because more rounds first make probabilities too sure, which calibration puts right.
    """
    candidates = range(min(ROUND_STEP, most), most + 1, ROUND_STEP)
    losses = np.array([_losses(pipeline, held, candidates) for pipeline, held in fitted])
    beyond = losses - losses[:, [losses.mean(axis=0).argmin()]]
    error = beyond.std(axis=0, ddof=min(1, len(losses) - 1)) / np.sqrt(len(losses))
    return candidates[int(np.flatnonzero(beyond.mean(axis=0) <= error)[0])]


def _losses(pipeline: Pipeline, held: TrainingSet, candidates: Sequence[int]) -> list[float]:
    """Calibrated log loss after each of ``candidates`` rounds."""
    encoded, boosters = encoded_matrix(pipeline, held.frame), pipeline[-1]
    scores = boosters.scores_after(encoded, candidates, threads=boosters.threads)
    return [log_loss(apply_scaling(s, fit_scaling(s, held.truth)), held.truth) for s in scores]


@dataclass
class OutOfFold:
    """Raw scores of held-out signals in each view of them, and which fold held them out.

    ``raw``: (n, 3) of the main boosters; ``open``: (n,) of those that answer for open signals;
    ``rows``: what was scored.
    """

    raw: dict[str, Floats]
    fold: Integers
    open: dict[str, Floats]
    rows: dict[str, SignalRows]
    rounds: int = 0  # of the boosters of dispositions that count, where they were chosen


def cross_validate(
    signals: TrainingSet,
    parameters: Parameters,
    *,
    seed: int,
    threads: int,
    folds: int = FOLDS,
    calibrate: bool = True,
    choose_rounds: bool = False,
    views: Mapping[str, pd.DataFrame] | None = None,
    on_fold: Callable[[int, Headlines], None] | None = None,
    ask: Callable[[Pipeline, Indices], None] | None = None,
) -> OutOfFold:
    """Out-of-fold raw scores by star; samplers act in the training folds only.

    Signals are scored as they are and, to ``calibrate`` on, in all ``calibration_views``. ``views``
    are further versions of ``signals.frame``, row by row, to be scored by the same pipelines. To
    ``choose_rounds``, all folds are fitted before any is scored. ``ask`` gets each fold's pipeline
    with the rows that it never saw.
    """
    few = calibration_views(signals.frame, seed) if calibrate else {}
    frames = {str(Regime.ALL): signals.frame, **few, **(views or {})}
    found = OutOfFold(
        {name: np.zeros((len(signals), len(DISPOSITIONS))) for name in frames},
        np.full(len(signals), -1, dtype=np.int8),
        {name: np.zeros(len(signals)) for name in frames},
        {name: SignalRows.of_frame(frame) for name, frame in frames.items()},
    )
    fitted: list[tuple[Pipeline, Indices]] = []
    for number, (train_rows, held_rows) in enumerate(folds_by_star(signals, folds, seed)):
        pipeline = fit_pipeline(signals.take(train_rows), parameters, seed=seed, threads=threads)
        fitted.append((pipeline, held_rows))
        found.fold[held_rows] = number
        if on_fold is not None:
            said = softmax(pipeline_scores(pipeline, signals.frame.iloc[held_rows]))
            on_fold(number, headlines(signals.truth[held_rows], said))
    if choose_rounds:
        held = [(pipeline, signals.take(rows)) for pipeline, rows in fitted]
        found.rounds = best_rounds(held, parameters.rounds)
    for pipeline, rows in fitted:
        # Every fold stops at the same round, so that their scores can stand in one calibration.
        pipeline[-1].used_rounds_ = found.rounds or parameters.rounds
        for name, frame in frames.items():
            found.raw[name][rows] = pipeline_scores(pipeline, frame.iloc[rows])
            found.open[name][rows] = open_scores(pipeline, frame.iloc[rows])
        if ask is not None:
            ask(pipeline, rows)
    return found
