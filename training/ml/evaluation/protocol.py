"""Judging the training procedure itself: what a classifier trained like ours is worth on stars it
never saw.

Folds cover all stars and every dispositioned signal counts. Nothing is chosen here: parameters come
from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from training.ml.calibrate import Floats, softmax
from training.ml.evaluation.measures import metrics_by_mission, planet_auc, spread
from training.ml.fitting.cross_validation import cross_validate, fit_pipeline, pipeline_scores
from training.ml.fitting.judging import (
    Judged,
    judge_out_of_fold,
    regime_metrics,
    subset_metrics,
)
from training.ml.fitting.parameters import Balance, Parameters
from training.ml.fitting.training_set import TrainingSet
from training.ml.fitting.views import FIVE, NAMED, subset, unseen_views
from training.ml.given import Regime
from training.ml.schema import DISPOSITIONS, NUMERIC_NAMES, Mission

Report = Callable[[str], None]
BOOTSTRAPS: Final = 500
OWN, OTHER = "gaps of own disposition", "gaps of another disposition"
"""Only period, duration, depth, Teff and stellar radius:
nothing that a catalogue fills in later."""


def swap_gaps(signals: TrainingSet, *, other: bool, seed: int) -> pd.DataFrame:
    """Each row also lacks what a random row of its mission lacks, one of its own disposition or one
    of another.

    If a classifier does no worse on the latter, it has not learnt who gets followed up.
    """
    generator = np.random.default_rng(seed)
    values = signals.frame[list(NUMERIC_NAMES)].to_numpy(dtype=np.float64)
    gaps, missions, swapped = np.isnan(values), signals.missions, values.copy()
    for mission in np.unique(missions):
        for number in range(len(DISPOSITIONS)):
            rows = np.flatnonzero((missions == mission) & (signals.truth == number))
            pool = np.flatnonzero((missions == mission) & ((signals.truth == number) != other))
            if len(rows) and len(pool):
                swapped[rows] = np.where(
                    gaps[generator.choice(pool, len(rows))], np.nan, values[rows]
                )
    frame = signals.frame.copy()
    frame[list(NUMERIC_NAMES)] = swapped
    return frame


def evaluate_seed(
    signals: TrainingSet, parameters: Parameters, *, seed: int, threads: int
) -> dict[str, Any]:
    """Figures of five folds by star with one seed: per regime and mission, and the test on gaps."""
    views = {
        OWN: swap_gaps(signals, other=False, seed=seed),
        OTHER: swap_gaps(signals, other=True, seed=seed),
        **unseen_views(signals.frame, seed),
    }
    found = cross_validate(signals, parameters, seed=seed, threads=threads, views=views)
    judged = judge_out_of_fold(signals, found)
    return {
        "seed": seed,
        "regimes": regime_metrics(signals, judged),
        "views": {
            name: auc_by_mission(signals, judged.probabilities[name]) for name in (*views, FIVE)
        },
        "subsets": subset_metrics(signals, judged),
        "intervals": _intervals(signals, judged, seed),
    }


def auc_by_mission(signals: TrainingSet, probabilities: Floats) -> dict[str, float | None]:
    """ROC-AUC of the planet score per mission and pooled."""
    return {
        name: planet_auc(signals.truth[rows], probabilities[rows])
        for name, rows in mission_rows(signals).items()
    }


def mission_rows(signals: TrainingSet) -> dict[str, npt.NDArray[np.bool_]]:
    groups = {
        str(m): signals.missions == k
        for k, m in enumerate(Mission)
        if (signals.missions == k).any()
    }
    return {**groups, "pooled": np.ones(len(signals), dtype=bool)}


def _intervals(
    signals: TrainingSet, judged: Judged, seed: int
) -> dict[str, dict[str, list[float]]]:
    """95 % bootstrap intervals by star of the ROC-AUC, per regime and mission."""
    return {
        str(regime): {
            name: bootstrap_auc(
                signals.truth[rows], judged.probabilities[regime][rows], signals.groups[rows], seed
            )
            for name, rows in mission_rows(signals).items()
        }
        for regime in Regime
    }


def bootstrap_auc(
    truth: npt.NDArray[np.int8], probabilities: Floats, groups: npt.NDArray[np.intp], seed: int
) -> list[float]:
    """2.5 % and 97.5 % quantiles of the ROC-AUC when stars are drawn with replacement."""
    generator = np.random.default_rng(seed)
    # Signals of one star stand or fall together: drawn singly, intervals would be too narrow.
    order = np.argsort(groups, kind="stable")
    stars = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
    values: list[float] = []
    for _ in range(BOOTSTRAPS):
        rows = np.concatenate([stars[i] for i in generator.integers(0, len(stars), len(stars))])
        if (value := planet_auc(truth[rows], probabilities[rows])) is not None:
            values.append(value)
    return [float(q) for q in np.quantile(values, [0.025, 0.975])] if values else []


def specialists(
    signals: TrainingSet, parameters: Parameters, *, seed: int, threads: int
) -> dict[str, Any]:
    """ROC-AUC of classifiers trained on nothing but one subset of the columns and judged on just
    these."""
    found = {}
    for name in NAMED:
        own = replace(signals, frame=subset(signals.frame, name))
        scores = cross_validate(
            # These columns are all that it will ever get; masking would hide some of them.
            own,
            replace(parameters, masking=False),
            seed=seed,
            threads=threads,
            calibrate=False,
        )
        found[name] = auc_by_mission(own, softmax(scores.raw[Regime.ALL]))
    return found


def one_mission_only(
    signals: TrainingSet, parameters: Parameters, *, seed: int, threads: int
) -> dict[str, dict[str, float | None]]:
    """ROC-AUC per mission of classifiers that know that mission alone, with all its columns and
    with five."""
    found = {}
    for number in np.unique(signals.missions):
        own = signals.take(np.flatnonzero(signals.missions == number))
        scores = cross_validate(
            own,
            parameters,
            seed=seed,
            threads=threads,
            views={FIVE: subset(own.frame, FIVE)},
            calibrate=False,
        )
        name = str(tuple(Mission)[number])
        found[name] = {
            view: auc_by_mission(own, softmax(scores.raw[view]))[name]
            for view in (str(Regime.ALL), FIVE)
        }
    return found


def leave_one_mission_out(
    signals: TrainingSet, parameters: Parameters, *, seed: int, threads: int
) -> dict[str, float | None]:
    """ROC-AUC on each mission of a classifier that never saw it, nor a star of it; and of each pair
    of missions."""
    found: dict[str, float | None] = {}
    numbers = [int(number) for number in np.unique(signals.missions)]
    names = tuple(Mission)
    for target in numbers:
        others = [number for number in numbers if number != target]
        for sources in [[number] for number in others] + ([others] if len(others) > 1 else []):
            words = f"{' + '.join(names[number] for number in sources)} → {names[target]}"
            found[words] = _transfer(signals, parameters, sources, target, seed, threads)
    return found


def _transfer(
    signals: TrainingSet,
    parameters: Parameters,
    sources: Sequence[int],
    target: int,
    seed: int,
    threads: int,
) -> float | None:
    judged_rows = np.flatnonzero(signals.missions == target)
    # A star that both missions looked at would bring its answer along.
    shared = np.isin(signals.groups, signals.groups[judged_rows])
    train_rows = np.flatnonzero(np.isin(signals.missions, sources) & ~shared)
    pipeline = fit_pipeline(signals.take(train_rows), parameters, seed=seed, threads=threads)
    judged = signals.take(judged_rows)
    return planet_auc(judged.truth, softmax(pipeline_scores(pipeline, judged.frame)))


def ablation(
    signals: TrainingSet, parameters: Parameters, *, seed: int, threads: int
) -> dict[str, Any]:
    """Pooled and per-mission headline figures with SMOTE, class weights and neither."""
    found = {}
    for balance in Balance:
        own = replace(parameters, balance=balance)
        scores = cross_validate(signals, own, seed=seed, threads=threads)
        judged = judge_out_of_fold(signals, scores)
        blocks = metrics_by_mission(
            signals.truth, judged.probabilities[Regime.ALL], signals.missions
        )
        found[str(balance)] = {name: spread([block]) for name, block in blocks.items()}
    return found


def evaluate_procedure(
    signals: TrainingSet,
    parameters: Parameters,
    *,
    seeds: Sequence[int],
    threads: int,
    report: Report = print,
) -> dict[str, Any]:
    """All figures about the procedure, over ``seeds``; the side studies use the first seed."""
    per_seed = []
    for seed in seeds:
        report(f"five folds by star, seed {seed}")
        per_seed.append(evaluate_seed(signals, parameters, seed=seed, threads=threads))
    first = {"seed": seeds[0], "threads": threads}
    report("classifiers trained on one set of columns only")
    own_columns = specialists(signals, parameters, **first)
    report("classifiers trained on one mission only")
    own_mission = one_mission_only(signals, parameters, **first)
    report("leaving one mission out")
    transfer = leave_one_mission_out(signals, parameters, **first)
    report("SMOTE, class weights, neither")
    return {
        "seeds": list(seeds),
        "signals": len(signals),
        "stars": len(np.unique(signals.groups)),
        "figures": _over_seeds(per_seed),
        "views": _views_over_seeds(per_seed),
        "subsets": _subsets_over_seeds(per_seed),
        "intervals": per_seed[0]["intervals"],
        "specialists": own_columns,
        "one_mission": own_mission,
        "transfer": transfer,
        "ablation": ablation(signals, parameters, **first),
    }


def _over_seeds(per_seed: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Mean and standard deviation over seeds per regime and mission, with the prediction sets' mean
    coverage."""
    first = per_seed[0]["regimes"]
    return {
        regime: {
            mission: {
                **spread([run["regimes"][regime][mission] for run in per_seed]),
                "signals": first[regime][mission]["signals"],
                "prediction_sets": _mean_sets(
                    [run["regimes"][regime][mission]["prediction_sets"] for run in per_seed]
                ),
            }
            for mission in first[regime]
        }
        for regime in first
    }


def _mean_sets(blocks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    names = blocks[0]["dispositions"]
    return {
        "coverage": float(np.mean([block["coverage"] for block in blocks])),
        "mean_size": float(np.mean([block["mean_size"] for block in blocks])),
        "dispositions": {
            name: float(np.mean([block["dispositions"][name] for block in blocks]))
            for name in names
            if blocks[0]["dispositions"][name] is not None
        },
    }


def _views_over_seeds(per_seed: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    views = per_seed[0]["views"]
    return {
        view: {
            mission: float(np.mean([run["views"][view][mission] for run in per_seed]))
            for mission, value in views[view].items()
            if value is not None
        }
        for view in views
    }


def _subsets_over_seeds(per_seed: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        view: {
            mission: _mean([run["subsets"][view][mission] for run in per_seed])
            for mission in missions
        }
        for view, missions in per_seed[0]["subsets"].items()
    }


def _mean(blocks: Sequence[Any]) -> Any:
    """The mean of nested figures, name by name; a list of bands stays that of the first seed."""
    first = blocks[0]
    if isinstance(first, dict):
        return {name: _mean([block[name] for block in blocks]) for name in first}
    if isinstance(first, list) or any(block is None for block in blocks):
        return first
    return float(np.mean(blocks)) if isinstance(first, float) else first
