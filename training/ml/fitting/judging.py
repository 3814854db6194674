"""What held-out answers are worth: calibration, figures per regime, and what the inputs matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from training.ml.answers import Booleans, Predictions, stack
from training.ml.calibrate import MISSIONS, Floats, Integers
from training.ml.conditional import (
    OTHER,
    ConditionalAnswers,
    HeldOutScores,
    evenly,
    openness,
)
from training.ml.evaluation.measures import (
    CANDIDATE,
    CONFIRMED,
    binary_calibration_error,
    calibration_error,
    coverage,
    headlines_by_mission,
    metrics_by_mission,
    planet_auc,
    planet_scores,
    score_bands,
    spread,
)
from training.ml.evaluation.shapes import (
    OPEN_GROUPS,
    AbsentCost,
    Importance,
    MetricsBlock,
    OpenFigures,
    Spread,
    SubsetFigures,
)
from training.ml.features import label_of
from training.ml.fitting.cross_validation import OutOfFold
from training.ml.fitting.training_set import Indices, TrainingSet
from training.ml.fitting.views import NAMED, OTHERS, RANDOM
from training.ml.given import Regime
from training.ml.model import ExoplanetClassifier, mission_numbers
from training.ml.schema import FEATURES, NUMERIC_NAMES, Group

IMPORTANCE_SAMPLE: Final = 400


def fit_answers(
    signals: TrainingSet,
    out_of_fold: OutOfFold,
    rows: Indices,
    start: ConditionalAnswers | None = None,
) -> ConditionalAnswers:
    """What scores mean, from the out-of-fold scores of ``rows`` in all calibration views; ``start``
    is a fit on nearly the same rows, to save time."""
    parts = [_seen(signals, out_of_fold, rows, view) for view in (*NAMED, *RANDOM, *OTHERS)]
    return ConditionalAnswers.fit(HeldOutScores.stack(parts), start)


def _seen(signals: TrainingSet, out_of_fold: OutOfFold, rows: Indices, view: str) -> HeldOutScores:
    scored = out_of_fold.rows[view]
    return HeldOutScores(
        raw=out_of_fold.raw[view][rows],
        open=out_of_fold.open[view][rows],
        given=~np.isnan(scored.numbers[rows]),
        missions=mission_numbers(scored)[rows],
        sources=signals.missions[rows],
        truth=signals.truth[rows],
        teaches_open=~signals.known_before[rows],
        signal=rows,
    )


@dataclass(frozen=True)
class Judged:
    """Answers to held-out signals, per view of them."""

    answers: dict[str, Predictions]

    @property
    def openness(self) -> Floats:
        """How likely each signal is still open, over that it is decided, (n,), with all inputs."""
        return openness(self.answers[Regime.ALL].raw_scores)

    @property
    def probabilities(self) -> dict[str, Floats]:
        return {view: answers.probabilities for view, answers in self.answers.items()}

    @property
    def sets(self) -> dict[str, Booleans]:
        return {view: answers.prediction_sets for view, answers in self.answers.items()}


def judge_out_of_fold(
    signals: TrainingSet, out_of_fold: OutOfFold, start: ConditionalAnswers | None = None
) -> Judged:
    """Answers to every view; each fold is calibrated by the other folds, never by itself."""
    start = start or fit_answers(signals, out_of_fold, np.arange(len(signals)))
    parts: dict[str, list[Predictions]] = {view: [] for view in out_of_fold.raw}
    folds = range(int(out_of_fold.fold.max()) + 1)
    held = [np.flatnonzero(out_of_fold.fold == number) for number in folds]
    for rows in held:
        answering = fit_answers(
            signals, out_of_fold, np.setdiff1d(np.arange(len(signals)), rows), start
        )
        for view in parts:
            scored = out_of_fold.rows[view].take(rows)
            raw, log_odds = out_of_fold.raw[view][rows], out_of_fold.open[view][rows]
            parts[view].append(answering.answer(raw, log_odds, scored))
    # From fold by fold back to the order of the signals.
    order = np.argsort(np.concatenate(held))
    return Judged({view: stack(answers).take(order) for view, answers in parts.items()})


def subset_metrics(signals: TrainingSet, judged: Judged) -> dict[str, dict[str, SubsetFigures]]:
    """What answers are worth by how much is given: view → mission → figures. What was judged as of
    mission "other" stands beside the missions."""
    found: dict[str, dict[str, SubsetFigures]] = {}
    for view, answers in judged.answers.items():
        as_other = view in OTHERS
        missions = np.full(len(signals), OTHER) if as_other else signals.missions
        blocks = found.setdefault(view.removeprefix("other: "), {})
        for number in np.unique(missions).tolist():
            own = np.flatnonzero(missions == number)
            # Known before the survey, a signal was never open in it.
            stands = np.where(signals.known_before, 0, judged.openness)[own]
            blocks[str(MISSIONS[number])] = subset_block(
                signals.truth[own], answers.take(own), stands
            )
    return found


def subset_block(truth: Integers, answers: Predictions, stands: Floats) -> SubsetFigures:
    """Figures of one mission's answers with one subset of the inputs. ``stands``: how much each
    signal counts for open ones, should it be decided."""
    decided = truth != CANDIDATE
    planet = truth == CONFIRMED
    held = coverage(truth, answers.prediction_sets)
    score = planet_scores(answers.probabilities)
    return {
        "signals": len(truth),
        "coverage": held["dispositions"],
        "mean_size": held["mean_size"],
        "calibration_error": calibration_error(truth, answers.probabilities),
        "planet_calibration_error": binary_calibration_error(planet[decided], score[decided]),
        "roc_auc": planet_auc(truth, answers.probabilities),
        "open": standing_block(truth, answers, np.where(decided, stands, 0)),
    }


def standing_block(truth: Integers, answers: Predictions, stands: Floats) -> OpenFigures | None:
    """Figures of the answers for open signals, on decided ones that stand for them."""
    rows = np.flatnonzero(stands > 0)
    planet = truth[rows] == CONFIRMED
    return open_block(planet, answers.take(rows), evenly(stands[rows], planet))


def open_block(
    planet: Booleans, answers: Predictions, weights: Floats | None = None
) -> OpenFigures | None:
    """Figures of the answers for open signals that turned out to be ``planet`` or not, each counted
    by ``weights`` where given."""
    if not len(planet):
        return None
    score, sets = answers.open_score, answers.planet_sets
    counts = np.ones(len(planet)) if weights is None else weights
    return {
        "signals": len(planet),
        "coverage": {
            name: float(np.average(sets[own, number], weights=counts[own])) if own.any() else None
            for number, (name, own) in enumerate(zip(OPEN_GROUPS, (planet, ~planet), strict=True))
        },
        "mean_size": float(np.average(sets.sum(axis=1), weights=counts)),
        "calibration_error": binary_calibration_error(planet, score, counts),
        "bands": score_bands(planet, score, counts),
    }


def regime_metrics(signals: TrainingSet, judged: Judged) -> dict[str, dict[str, MetricsBlock]]:
    return {
        str(regime): metrics_by_mission(
            signals.truth, judged.probabilities[regime], signals.missions, judged.sets[regime]
        )
        for regime in Regime
    }


def fold_spread(
    signals: TrainingSet, judged: Judged, fold: Integers
) -> dict[str, dict[str, Spread]]:
    """Mean and standard deviation over folds of the headline figures, all columns, pooled and per
    mission."""
    per_fold = [
        headlines_by_mission(
            signals.truth[rows], judged.probabilities[Regime.ALL][rows], signals.missions[rows]
        )
        for number in range(int(fold.max()) + 1)
        if (rows := fold == number).any()
    ]
    names = dict.fromkeys(name for blocks in per_fold for name in blocks)
    return {name: spread([blocks[name] for blocks in per_fold if name in blocks]) for name in names}


def importance_of(
    classifier: ExoplanetClassifier, frame: pd.DataFrame, seed: int
) -> list[Importance]:
    """Mean absolute SHAP of the predicted disposition per quantity, over a fixed sample of rows."""
    sample = frame.sample(min(IMPORTANCE_SAMPLE, len(frame)), random_state=seed)
    matrix, predicted = classifier.matrix(sample), classifier.predict(sample).numbers
    chosen = np.zeros((len(matrix), len(classifier.columns)))
    for number in np.unique(predicted):
        rows = predicted == number
        # Without the last column: the base value, which is the same for every signal.
        chosen[rows] = np.abs(classifier.contributions(matrix[rows], int(number))[:, :-1])
    totals = (
        pd.Series(chosen.mean(axis=0))
        .groupby(classifier.columns)
        .sum()
        .sort_values(ascending=False)
    )
    return [
        {"feature": str(name), "label": label_of(str(name)), "value": float(value)}
        for name, value in totals.items()
    ]


def absent_cost(classifier: ExoplanetClassifier, test: TrainingSet) -> list[AbsentCost]:
    """What each group of inputs is worth:
    the figures of the test stars with that group taken away."""
    rows: list[AbsentCost] = []
    whole = headlines_by_mission(
        test.truth, classifier.predict(test.frame).probabilities, test.missions
    )
    for group in Group:
        names = [
            f.name
            for f in FEATURES
            if f.group is group and f.name in NUMERIC_NAMES and not f.required
        ]
        reduced = test.frame.assign(**dict.fromkeys(names, np.nan))
        without = headlines_by_mission(
            test.truth, classifier.predict(reduced).probabilities, test.missions
        )
        rows += [
            {
                "group": str(group),
                "mission": mission,
                "signals": block["signals"],
                "accuracy_loss": whole[mission]["accuracy"] - block["accuracy"],
                "macro_f1_loss": whole[mission]["macro_f1"] - block["macro_f1"],
                "roc_auc_loss": _difference(whole[mission]["roc_auc"], block["roc_auc"]),
            }
            for mission, block in without.items()
        ]
    return rows


def _difference(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first - second
