"""Training: split by star, validate, cross-validate, calibrate, judge on untouched stars, fit once
more on everything.

One seed and one set of tables give one classifier. Test stars are touched by nothing but the last
evaluation.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from typing import Any, Final, TypedDict

import numpy as np
from imblearn.pipeline import Pipeline

from training.ml.answers import HeldOut, Predictions, hash_inputs, join
from training.ml.artifact import FORMAT_VERSION
from training.ml.evaluation.drift import feature_profile
from training.ml.evaluation.measures import metrics_by_mission
from training.ml.evaluation.shapes import Headlines, MetricsBlock, VersionMetrics
from training.ml.familiarity import Familiarity
from training.ml.fitting.cross_validation import (
    FOLDS,
    OutOfFold,
    cross_validate,
    fit_pipeline,
)
from training.ml.fitting.firmness import FirmnessProbe
from training.ml.fitting.gain import input_gain
from training.ml.fitting.judging import (
    Judged,
    absent_cost,
    fit_answers,
    fold_spread,
    importance_of,
    judge_out_of_fold,
    regime_metrics,
    subset_metrics,
)
from training.ml.fitting.lineage import TableFacts
from training.ml.fitting.parameters import Parameters
from training.ml.fitting.points import known_points
from training.ml.fitting.search import SEARCH_FOLDS, Searched, search
from training.ml.fitting.training_set import TrainingSet, folds_by_star, gather
from training.ml.given import Regime, reduce_to
from training.ml.model import ExoplanetClassifier
from training.ml.schema import DISPOSITIONS, schema_fingerprint
from training.ml.signal_rows import rows_of
from training.ml.tables.signal_table import SignalTable

Progress = Callable[[str, float, dict[str, Any]], None]
"""Called with a stage in words, the share done (0 to 1) and figures that have become known."""

TEST_FOLDS: Final = 7  # one in seven stars is for the last evaluation only


class Run(TypedDict):
    """What every fit of one training is told alike."""

    seed: int
    threads: int


@dataclass
class Stages:
    """Translates the steps of a training into a share done."""

    report: Progress | None = None
    done: float = 0.0
    total: float = FOLDS + 3.0
    figures: dict[str, Any] = field(default_factory=dict)

    def step(self, words: str, weight: float = 1.0, **figures: Any) -> None:
        self.done += weight
        if self.report is not None:
            self.report(words, min(self.done / self.total, 1.0), figures)

    def fold(self, number: int, block: Headlines) -> None:
        self.step(f"Fold {number + 1} of {FOLDS} done", fold=number + 1, **_headlines(block))

    def start(self, words: str) -> None:
        self.step(words, 0.0)


def train(
    tables: Sequence[SignalTable],
    *,
    seed: int = 0,
    facts: Sequence[TableFacts] = (),
    parameters: Parameters | None = None,
    search_trials: int = 0,
    search_seconds: float | None = None,
    threads: int = 2,
    created: dt.datetime | None = None,
    progress: Progress | None = None,
) -> ExoplanetClassifier:
    """Train on harmonised ``tables``; ``facts`` describe their files, ``created`` is the time to
    record.

    ``search_trials`` random changes of ``parameters`` compete first, judged on the development
    stars alone; after ``search_seconds`` no further one is begun.

    Raises ``TooFewSignals``. See the module's docstring for the protocol and ``docs/model-card.md``
    for its figures.
    """
    parameters, stages = parameters or Parameters(), Stages(progress)
    stages.start("Gathering signals and stars")
    signals = gather(tables, facts)
    development_rows, test_rows = folds_by_star(signals, TEST_FOLDS, seed)[0]
    development, test = signals.take(development_rows), signals.take(test_rows)

    run = Run(seed=seed, threads=threads)
    searched = _search(development, parameters, search_trials, search_seconds, stages, **run)
    stages.start("Cross-validating by star")
    probe = FirmnessProbe.of(development, seed)
    out_of_fold = cross_validate(
        development, searched.best, **run, choose_rounds=True, on_fold=stages.fold, ask=probe.score
    )
    chosen = replace(searched.best, rounds=out_of_fold.rounds)
    metadata = _metadata(signals, seed, chosen, created)
    tried = {"trials": search_trials, "seconds": search_seconds, "tried": searched.tried}
    metadata["search"] = tried
    stages.step("Fitting what the test stars will judge", rounds=chosen.rounds)
    pipeline = fit_pipeline(development, chosen, **run)
    judged = _judged(pipeline, development, test, out_of_fold, probe, signals, metadata, stages)

    stages.step("Fitting once more on all stars")
    # Answers, and what was said of stars held out, stay those of the classifier that was judged.
    final = judged.refitted(fit_pipeline(signals, chosen, **run), signals.ephemerides)
    stages.step("Done", **_headlines(metadata["metrics"]["test"]["all"]["pooled"]))
    final.points = known_points(tables)
    return final


def _judged(
    pipeline: Pipeline,
    development: TrainingSet,
    test: TrainingSet,
    out_of_fold: OutOfFold,
    probe: FirmnessProbe,
    signals: TrainingSet,
    metadata: dict[str, Any],
    stages: Stages,
) -> ExoplanetClassifier:
    """What the development stars made, with its figures put into ``metadata``; it keeps what was
    said of them and of the test stars while they were not seen."""
    answering = fit_answers(development, out_of_fold, np.arange(len(development)))
    judged = judge_out_of_fold(development, out_of_fold, answering)
    stages.start("Judging on stars that nothing has touched")
    familiarity = Familiarity.fit(signals.frame)
    held_out = _held_out(development, judged.answers[Regime.ALL])
    candidate = ExoplanetClassifier(pipeline, answering, familiarity, held_out, metadata)
    metadata["metrics"] = _metrics(
        candidate, development, judged, out_of_fold, test, metadata["seed"]
    )
    firmness = probe.figures(development, out_of_fold, answering)
    metadata["metrics"]["firmness"] = firmness
    held_out = join(held_out, _held_out(test, candidate.predict(test.frame)))
    return ExoplanetClassifier(pipeline, answering, familiarity, held_out, metadata)


def _search(
    development: TrainingSet,
    parameters: Parameters,
    trials: int,
    seconds: float | None,
    stages: Stages,
    *,
    seed: int,
    threads: int,
) -> Searched:
    """The best parameters found on the development stars, of which SEARCH_FOLDS hold each other
    out; the given ones without a trial."""
    if not trials:
        return Searched(parameters)
    usual, done = stages.total, stages.done
    stages.total += trials + 1  # the given parameters are judged too
    deadline = time.monotonic() + seconds if seconds else math.inf
    searched = search(
        development,
        parameters,
        trials=trials,
        seed=seed,
        cross_validate=lambda signals, candidate: cross_validate(
            signals,
            candidate,
            seed=seed,
            threads=threads,
            folds=SEARCH_FOLDS,
            calibrate=False,
            views={str(regime): reduce_to(signals.frame, regime) for regime in Regime},
        ),
        time_is_up=lambda: time.monotonic() > deadline,
        on_trial=lambda number, loss: stages.step(
            f"Search: {number} of {trials} choices tried", log_loss=loss
        ),
    )
    stages.total = usual + stages.done - done  # time may have been up before any of them
    return searched


def _headlines(block: Headlines | MetricsBlock) -> dict[str, Any]:
    return {
        "accuracy": block["accuracy"],
        "macro_f1": block["macro_f1"],
        "roc_auc": block["roc_auc"],
    }


def _metrics(
    classifier: ExoplanetClassifier,
    development: TrainingSet,
    judged: Judged,
    out_of_fold: OutOfFold,
    test: TrainingSet,
    seed: int,
) -> VersionMetrics:
    on_test = {}
    for regime in Regime:
        answers = classifier.predict(reduce_to(test.frame, regime))
        on_test[str(regime)] = metrics_by_mission(
            test.truth, answers.probabilities, test.missions, answers.prediction_sets
        )
    return {
        "protocol": {
            "folds": FOLDS,
            "seed": seed,
            "set_level": classifier.answering.level,
            "development_signals": len(development),
            "development_stars": len(np.unique(development.groups)),
            "test_signals": len(test),
            "test_stars": len(np.unique(test.groups)),
            "refitted_on_all_stars": True,
        },
        "cross_validation": regime_metrics(development, judged),
        "subsets": subset_metrics(development, judged),
        "fold_spread": fold_spread(development, judged, out_of_fold.fold),
        "test": on_test,
        "absent_cost": absent_cost(classifier, test),
        "input_gain": input_gain(classifier, test),
        "importance": importance_of(classifier, test.frame, seed),
    }


def _held_out(signals: TrainingSet, answers: Predictions) -> HeldOut:
    return HeldOut(
        signals.signals,
        signals.stars,
        answers.probabilities.astype(np.float32),
        signals.truth,
        signals.missions,
        signals.sky,
        hash_inputs(rows_of(signals.frame)),
        answers.prediction_sets,
        answers.open_score.astype(np.float32),
        answers.planet_sets,
    )


LIBRARIES: Final = (
    "numpy",
    "pandas",
    "scikit-learn",
    "imbalanced-learn",
    "lightgbm",
    "shap",
    "joblib",
)


def _metadata(
    signals: TrainingSet, seed: int, parameters: Parameters, created: dt.datetime | None
) -> dict[str, Any]:
    moment = created or dt.datetime.now(dt.UTC)
    counts = {str(d): int((signals.truth == k).sum()) for k, d in enumerate(DISPOSITIONS)}
    return {
        "format_version": FORMAT_VERSION,
        "created": moment.isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
        "schema": schema_fingerprint(),
        "seed": seed,
        "parameters": {
            name: str(v) if isinstance(v, str) else v for name, v in asdict(parameters).items()
        },
        "tables": [asdict(table) for table in signals.tables] or _tables_without_files(signals),
        "signals": len(signals),
        "stars": len(np.unique(signals.groups)),
        "dispositions": counts,
        "profile": feature_profile(signals.frame),
        "training_sha256": hashlib.sha256(np.sort(signals.signals).tobytes()).hexdigest(),
    }


def _tables_without_files(signals: TrainingSet) -> list[dict[str, Any]]:
    counts = signals.frame["mission"].value_counts()
    return [
        asdict(TableFacts("", "", "", str(mission), int(rows), int(rows)))
        for mission, rows in sorted(counts.items())
    ]
