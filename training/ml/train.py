"""Training: split by star, validate, cross-validate, calibrate, judge on untouched stars, fit once more on everything.

One seed and one set of tables give one classifier. Test stars are touched by nothing but the last evaluation.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from imblearn.pipeline import Pipeline
from sklearn.base import clone
from sklearn.model_selection import StratifiedGroupKFold

from training.ml.boosting import DOUBTED
from training.ml.calibrate import Calibration, Floats, Integers, PredictionSets, log_loss, softmax
from training.ml.data_loader import star_groups
from training.ml.errors import UserError
from training.ml.evaluate import CANDIDATE, metrics_block, metrics_by_mission, spread
from training.ml.familiarity import Familiarity
from training.ml.features import label_of
from training.ml.lineage import TableFacts
from training.ml.model import FORMAT_VERSION, ExoplanetClassifier, HeldOut, hash_keys, mission_numbers
from training.ml.preprocess import Parameters, Regime, build_pipeline, encoded_matrix, reduce_to, regime_of
from training.ml.profile import feature_profile
from training.ml.schema import (
    DISPOSITIONS,
    FEATURES,
    NUMERIC_NAMES,
    Group,
    schema_fingerprint,
)
from training.ml.search import SEARCH_FOLDS, Searched, search
from training.ml.signal_table import SignalTable
from training.ml.stars import sky_vectors

Indices = npt.NDArray[np.intp]
Progress = Callable[[str, float, dict[str, Any]], None]
"""Called with a stage in words, the share done (0 to 1) and figures that have become known."""

FOLDS: Final = 5
TEST_FOLDS: Final = 7  # one in seven stars is for the last evaluation only
LEAST_PER_DISPOSITION: Final = 20
IMPORTANCE_SAMPLE: Final = 400
ROUND_STEP: Final = 20


class TooFewSignals(UserError):
    code = "too_few_signals"

    def __init__(self, disposition: str, found: int) -> None:
        super().__init__(
            f"Training needs at least {LEAST_PER_DISPOSITION} signals of each disposition on different stars, but the "
            f"tables hold {found} {disposition}. Add a table that holds more of them."
        )


@dataclass(frozen=True)
class TrainingSet:
    """The dispositioned signals of all tables: n rows, with one star group namespace."""

    frame: pd.DataFrame
    truth: Integers  # (n,) positions in DISPOSITIONS
    doubted: npt.NDArray[np.bool_]  # (n,) candidates that their own table marks as doubtful
    groups: Indices  # (n,) one number per star, across missions
    signals: npt.NDArray[np.uint64]  # (n,) hashed
    stars: npt.NDArray[np.uint64]  # (n,) hashed
    sky: npt.NDArray[np.float32]  # (n, 3) unit vectors, NaN = unknown
    tables: tuple[TableFacts, ...] = ()

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def missions(self) -> Integers:
        return mission_numbers(self.frame)

    @property
    def labels(self) -> Integers:
        """What the booster is fitted on: ``truth``, with doubted candidates told apart."""
        return np.where(self.doubted & (self.truth == CANDIDATE), DOUBTED, self.truth).astype(np.int8)

    @property
    def strata(self) -> Integers:
        """Mission and disposition together: each fold gets its share of both."""
        strata: Integers = (self.missions * len(DISPOSITIONS) + self.truth).astype(np.int8)
        return strata

    def take(self, rows: Indices) -> TrainingSet:
        frame = self.frame.iloc[rows].reset_index(drop=True)
        return replace(
            self, frame=frame, truth=self.truth[rows], doubted=self.doubted[rows], groups=self.groups[rows],
            signals=self.signals[rows], stars=self.stars[rows], sky=self.sky[rows],
        )  # fmt: skip


def gather(tables: Sequence[SignalTable], facts: Sequence[TableFacts] = ()) -> TrainingSet:
    """One training set from harmonised tables; signals without a disposition are left out.

    Raises ``TooFewSignals`` where a disposition is too rare to be learnt and judged.
    """
    groups = np.concatenate(star_groups(tables))
    frame = pd.concat([table.frame for table in tables], ignore_index=True)
    words = pd.concat([table.dispositions for table in tables], ignore_index=True)
    number = {str(disposition): k for k, disposition in enumerate(DISPOSITIONS)}
    known = np.flatnonzero(words.notna().to_numpy())
    signals = hash_keys(pd.concat([_signal_keys(table) for table in tables], ignore_index=True))
    stars = hash_keys(pd.concat([table.stars.astype(str) for table in tables], ignore_index=True))
    truth: Integers = words.map(number).fillna(-1).to_numpy().astype(np.int8)
    doubted = np.concatenate([table.doubted for table in tables])
    sky = np.concatenate([_sky(table) for table in tables])
    whole = TrainingSet(frame, truth, doubted, groups, signals, stars, sky, tuple(facts))
    chosen = whole.take(known)
    _check_enough(chosen)
    return chosen


def _signal_keys(table: SignalTable) -> pd.Series[str]:
    return table.frame["mission"].astype(str) + " " + table.signals.astype(str)


def _sky(table: SignalTable) -> npt.NDArray[np.float32]:
    ra, dec = (table.positions[name].to_numpy(dtype=np.float64) for name in ("ra", "dec"))
    return sky_vectors(ra, dec).astype(np.float32)


def _check_enough(signals: TrainingSet) -> None:
    for number, disposition in enumerate(DISPOSITIONS):
        stars = len(np.unique(signals.groups[signals.truth == number]))
        if stars < LEAST_PER_DISPOSITION:
            raise TooFewSignals(disposition, stars)


def folds_by_star(signals: TrainingSet, folds: int, seed: int) -> list[tuple[Indices, Indices]]:
    """(training rows, held-out rows) per fold; no star stands on both sides."""
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    return list(splitter.split(np.zeros(len(signals)), signals.strata, signals.groups))


def fit_pipeline(signals: TrainingSet, parameters: Parameters, *, seed: int, threads: int) -> Pipeline:
    """A fitted pipeline that keeps nothing of the rows it was fitted on."""
    pipeline = build_pipeline(parameters, seed=seed, threads=threads).fit(signals.frame, signals.labels)
    # SMOTE keeps its neighbours, that is the training rows; prediction skips it.
    return Pipeline([(name, clone(step) if name == "balance" else step) for name, step in pipeline.steps])


def pipeline_scores(pipeline: Pipeline, frame: pd.DataFrame) -> Floats:
    """Raw scores of shape (n, 3)."""
    scores: Floats = pipeline[-1].scores(encoded_matrix(pipeline, frame), threads=pipeline[-1].threads)
    return scores


def best_rounds(pipeline: Pipeline, validation: TrainingSet, most: int) -> int:
    """Where to stop boosting dispositions: the round of least log loss on the validation stars, by ``ROUND_STEP``."""
    encoded = encoded_matrix(pipeline, validation.frame)
    boosters = pipeline[-1]
    candidates = range(min(ROUND_STEP, most), most + 1, ROUND_STEP)
    losses = [
        log_loss(softmax(boosters.scores(encoded, threads=boosters.threads, rounds=rounds)), validation.truth)
        for rounds in candidates
    ]
    return candidates[int(np.argmin(losses))]


def regime_views(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The same signals, row by row, as each regime knows them."""
    return {str(regime): reduce_to(frame, regime) for regime in Regime}


@dataclass
class OutOfFold:
    """Raw scores (n, 3) of held-out signals in each view of them, and which fold held them out."""

    raw: dict[str, Floats]
    fold: Integers


def cross_validate(
    signals: TrainingSet,
    parameters: Parameters,
    *,
    seed: int,
    threads: int,
    folds: int = FOLDS,
    views: Mapping[str, pd.DataFrame] | None = None,
    on_fold: Callable[[int, dict[str, Any]], None] | None = None,
) -> OutOfFold:
    """Out-of-fold raw scores by star; samplers act in the training folds only.

    ``views`` are further versions of ``signals.frame``, row by row, to be scored by the same fitted pipelines.
    """
    frames = {**regime_views(signals.frame), **(views or {})}
    blank = np.zeros((len(signals), len(DISPOSITIONS)))
    found = OutOfFold({name: blank.copy() for name in frames}, np.full(len(signals), -1, dtype=np.int8))
    for number, (train_rows, held_rows) in enumerate(folds_by_star(signals, folds, seed)):
        pipeline = fit_pipeline(signals.take(train_rows), parameters, seed=seed, threads=threads)
        found.fold[held_rows] = number
        for name, frame in frames.items():
            found.raw[name][held_rows] = pipeline_scores(pipeline, frame.iloc[held_rows])
        if on_fold is not None:
            on_fold(number, metrics_block(signals.truth[held_rows], softmax(found.raw[Regime.ALL][held_rows])))
    return found


@dataclass(frozen=True)
class _Views:
    """Out-of-fold rows of all regimes stacked: each row calibrates the regime that it was reduced to."""

    raw: Floats
    truth: Integers
    missions: Integers
    regimes: Integers


def _stack(signals: TrainingSet, out_of_fold: OutOfFold, rows: Indices) -> _Views:
    regimes = [regime_of(reduce_to(signals.frame.iloc[rows], regime)) for regime in Regime]
    views = len(Regime)
    return _Views(
        np.concatenate([out_of_fold.raw[regime][rows] for regime in Regime]),
        np.tile(signals.truth[rows], views),
        np.tile(signals.missions[rows], views),
        np.concatenate(regimes),
    )


def fit_calibration(signals: TrainingSet, out_of_fold: OutOfFold, rows: Indices) -> tuple[Calibration, PredictionSets]:
    """Calibration and prediction sets from the out-of-fold scores of ``rows``."""
    views = _stack(signals, out_of_fold, rows)
    calibration = Calibration.fit(views.raw, views.truth, views.missions, views.regimes)
    probabilities = calibration.apply(views.raw, views.missions, views.regimes)
    return calibration, PredictionSets.fit(probabilities, views.truth, views.missions, views.regimes)


@dataclass(frozen=True)
class Judged:
    """Calibrated probabilities and prediction sets of held-out signals, per regime."""

    probabilities: dict[Regime, Floats]
    sets: dict[Regime, npt.NDArray[np.bool_]]


def judge_out_of_fold(signals: TrainingSet, out_of_fold: OutOfFold) -> Judged:
    """Calibrated out-of-fold answers; each fold is calibrated by the other folds, never by itself."""
    rows = len(signals)
    judged = Judged(
        {regime: np.zeros((rows, 3)) for regime in Regime},
        {regime: np.zeros((rows, 3), dtype=bool) for regime in Regime},
    )
    for number in range(int(out_of_fold.fold.max()) + 1):
        held = np.flatnonzero(out_of_fold.fold == number)
        calibration, sets = fit_calibration(signals, out_of_fold, np.flatnonzero(out_of_fold.fold != number))
        frame, missions = signals.frame.iloc[held], signals.missions[held]
        for regime in Regime:
            regimes = regime_of(reduce_to(frame, regime))
            probabilities = calibration.apply(out_of_fold.raw[regime][held], missions, regimes)
            judged.probabilities[regime][held] = probabilities
            judged.sets[regime][held] = sets.apply(probabilities, missions, regimes)
    return judged


def regime_metrics(signals: TrainingSet, judged: Judged) -> dict[str, Any]:
    return {
        str(regime): metrics_by_mission(
            signals.truth, judged.probabilities[regime], signals.missions, judged.sets[regime]
        )
        for regime in Regime
    }


def fold_spread(signals: TrainingSet, judged: Judged, fold: Integers) -> dict[str, Any]:
    """Mean and standard deviation over folds of the headline figures, all columns, pooled and per mission."""
    per_fold = [
        metrics_by_mission(signals.truth[rows], judged.probabilities[Regime.ALL][rows], signals.missions[rows])
        for number in range(int(fold.max()) + 1)
        if (rows := fold == number).any()
    ]
    names = dict.fromkeys(name for blocks in per_fold for name in blocks)
    return {name: spread([blocks[name] for blocks in per_fold if name in blocks]) for name in names}


def importance_of(classifier: ExoplanetClassifier, frame: pd.DataFrame, seed: int) -> list[dict[str, Any]]:
    """Mean absolute SHAP of the predicted disposition per quantity, over a fixed sample of rows."""
    sample = frame.sample(min(IMPORTANCE_SAMPLE, len(frame)), random_state=seed)
    matrix, predicted = classifier.matrix(sample), classifier.predict(sample).numbers
    chosen = np.zeros(matrix.shape)
    for number in np.unique(predicted):
        rows = predicted == number
        chosen[rows] = np.abs(classifier.contributions(matrix[rows], int(number))[:, :-1])
    totals = pd.Series(chosen.mean(axis=0)).groupby(classifier.columns).sum().sort_values(ascending=False)
    return [{"feature": name, "label": label_of(str(name)), "value": float(value)} for name, value in totals.items()]


def absent_cost(classifier: ExoplanetClassifier, test: TrainingSet) -> list[dict[str, Any]]:
    """What each group of inputs is worth: the figures of the test stars with that group taken away."""
    rows = []
    whole = metrics_by_mission(test.truth, classifier.predict(test.frame).probabilities, test.missions)
    for group in Group:
        names = [f.name for f in FEATURES if f.group is group and f.name in NUMERIC_NAMES and not f.required]
        reduced = test.frame.assign(**dict.fromkeys(names, np.nan))
        without = metrics_by_mission(test.truth, classifier.predict(reduced).probabilities, test.missions)
        rows += [
            {
                "group": str(group), "mission": mission, "signals": block["signals"],
                "accuracy_loss": whole[mission]["accuracy"] - block["accuracy"],
                "macro_f1_loss": whole[mission]["macro_f1"] - block["macro_f1"],
                "roc_auc_loss": _difference(whole[mission]["roc_auc"], block["roc_auc"]),
            }
            for mission, block in without.items()
        ]  # fmt: skip
    return rows


def _difference(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first - second


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

    def fold(self, number: int, block: dict[str, Any]) -> None:
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
    """Train on harmonised ``tables``; ``facts`` describe their files, ``created`` is the time to record.

    ``search_trials`` random changes of ``parameters`` compete first, judged on the development stars alone; after
    ``search_seconds`` no further one is begun.

    Raises ``TooFewSignals``. See the module's docstring for the protocol and ``docs/model-card.md`` for its figures.
    """
    parameters, stages = parameters or Parameters(), Stages(progress)
    stages.start("Gathering signals and stars")
    signals = gather(tables, facts)
    development_rows, test_rows = folds_by_star(signals, TEST_FOLDS, seed)[0]
    development, test = signals.take(development_rows), signals.take(test_rows)

    searched = None
    if search_trials:
        searched = _search(development, parameters, search_trials, search_seconds, seed, threads, stages)
        parameters = searched.best

    stages.start("Finding when to stop boosting, on validation stars")
    fit_rows, validation_rows = folds_by_star(development, TEST_FOLDS, seed)[0]
    judge = fit_pipeline(development.take(fit_rows), parameters, seed=seed, threads=threads)
    rounds = best_rounds(judge, development.take(validation_rows), parameters.rounds)
    chosen = replace(parameters, rounds=rounds)
    stages.step("Cross-validating by star", rounds=rounds)

    out_of_fold = cross_validate(
        development, chosen, seed=seed, threads=threads,
        on_fold=stages.fold,
    )  # fmt: skip
    judged = judge_out_of_fold(development, out_of_fold)
    calibration, sets = fit_calibration(development, out_of_fold, np.arange(len(development)))

    stages.start("Judging on stars that nothing has touched")
    familiarity = Familiarity.fit(signals.frame)
    metadata = _metadata(signals, seed, chosen, created)
    tried = searched.tried if searched else 0
    metadata["search"] = {"trials": search_trials, "seconds": search_seconds, "tried": tried}
    judge[-1].used_rounds_ = rounds
    held_out = _held_out(development, judged)
    candidate = ExoplanetClassifier(judge, calibration, sets, familiarity, held_out, metadata)
    metadata["metrics"] = _metrics(candidate, development, judged, out_of_fold, test, seed)
    held_out = _join(held_out, _held_out_test(candidate, test))

    stages.step("Fitting once more on all stars")
    final = fit_pipeline(signals, chosen, seed=seed, threads=threads)
    stages.step("Done", **_headlines(metadata["metrics"]["test"]["all"]["pooled"]))
    return ExoplanetClassifier(final, calibration, sets, familiarity, held_out, metadata)


def _search(
    development: TrainingSet, parameters: Parameters, trials: int, seconds: float | None, seed: int, threads: int,
    stages: Stages,
) -> Searched:  # fmt: skip
    """The best parameters found on the development stars, of which SEARCH_FOLDS hold each other out."""
    usual, done = stages.total, stages.done
    stages.total += trials + 1  # the given parameters are judged too
    deadline = time.monotonic() + seconds if seconds else math.inf
    searched = search(
        development, parameters, trials=trials, seed=seed,
        cross_validate=lambda signals, candidate: cross_validate(
            signals, candidate, seed=seed, threads=threads, folds=SEARCH_FOLDS
        ),
        time_is_up=lambda: time.monotonic() > deadline,
        on_trial=lambda number, loss: stages.step(f"Search: {number} of {trials} choices tried", log_loss=loss),
    )  # fmt: skip
    stages.total = usual + stages.done - done  # time may have been up before any of them
    return searched


def _headlines(block: dict[str, Any]) -> dict[str, Any]:
    return {name: block[name] for name in ("accuracy", "macro_f1", "roc_auc")}


def _metrics(
    classifier: ExoplanetClassifier, development: TrainingSet, judged: Judged, out_of_fold: OutOfFold,
    test: TrainingSet, seed: int,
) -> dict[str, Any]:  # fmt: skip
    on_test = {}
    for regime in Regime:
        answers = classifier.predict(reduce_to(test.frame, regime))
        on_test[str(regime)] = metrics_by_mission(
            test.truth, answers.probabilities, test.missions, answers.prediction_sets
        )
    return {
        "protocol": {
            "folds": FOLDS, "seed": seed, "set_level": classifier.sets.level,
            "development_signals": len(development), "development_stars": len(np.unique(development.groups)),
            "test_signals": len(test), "test_stars": len(np.unique(test.groups)),
            "refitted_on_all_stars": True,
        },
        "cross_validation": regime_metrics(development, judged),
        "fold_spread": fold_spread(development, judged, out_of_fold.fold),
        "test": on_test,
        "absent_cost": absent_cost(classifier, test),
        "importance": importance_of(classifier, test.frame, seed),
    }  # fmt: skip


def _held_out(signals: TrainingSet, judged: Judged) -> HeldOut:
    probabilities = judged.probabilities[Regime.ALL].astype(np.float32)
    return HeldOut(signals.signals, signals.stars, probabilities, signals.truth, signals.missions, signals.sky)


def _held_out_test(classifier: ExoplanetClassifier, test: TrainingSet) -> HeldOut:
    probabilities = classifier.predict(test.frame).probabilities.astype(np.float32)
    return HeldOut(test.signals, test.stars, probabilities, test.truth, test.missions, test.sky)


def _join(first: HeldOut, second: HeldOut) -> HeldOut:
    return HeldOut(
        *(np.concatenate([getattr(first, name), getattr(second, name)]) for name in HeldOut.__dataclass_fields__)
    )


LIBRARIES: Final = ("numpy", "pandas", "scikit-learn", "imbalanced-learn", "lightgbm", "shap", "joblib")


def _metadata(signals: TrainingSet, seed: int, parameters: Parameters, created: dt.datetime | None) -> dict[str, Any]:
    moment = created or dt.datetime.now(dt.UTC)
    counts = {str(d): int((signals.truth == k).sum()) for k, d in enumerate(DISPOSITIONS)}
    return {
        "format_version": FORMAT_VERSION,
        "created": moment.isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
        "schema": schema_fingerprint(),
        "seed": seed,
        "parameters": {name: str(v) if isinstance(v, str) else v for name, v in asdict(parameters).items()},
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
        asdict(TableFacts("", "", "", str(mission), int(rows), int(rows))) for mission, rows in sorted(counts.items())
    ]
