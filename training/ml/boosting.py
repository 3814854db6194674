"""Two boosters that answer as one: planet or not, and which of three dispositions.

Whether a signal is a planet is learnt from decided signals alone. Candidates are seven in ten TESS signals, and among
them a three-way comparison learns who was followed up as much as who is a planet: looked at years later, its planet
scores order the open signals worse (``docs/model-card.md`` has the figures). So the first booster compares CONFIRMED
with FALSE POSITIVE, counts a candidate that its own observers doubt (TESS's APC) as a weak FALSE POSITIVE, and alone
decides the planet score. The second starts from there (residual boosting: Friedman 2001, Annals of Statistics
29, 1189), learns all three dispositions, and decides how probable it is that the signal is still open: a CANDIDATE.
Only the second sees how long a survey looks at a place: that tells who was followed up.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, Final
from weakref import WeakKeyDictionary

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.class_weight import compute_sample_weight

from training.ml.calibrate import Floats, Integers, softmax
from training.ml.evaluate import CANDIDATE, CONFIRMED, FALSE_POSITIVE
from training.ml.schema import DISPOSITIONS

DOUBTED: Final = len(DISPOSITIONS)
"""A label for training only: a CANDIDATE that the table itself marks as doubtful."""
DOUBTED_WEIGHT: Final = 0.6
"""Of 45 doubted candidates of 2021 that were decided by 2025, 44 were false positives (TOI tables of both dates)."""


class PlanetFirstClassifier(ClassifierMixin, BaseEstimator):
    """``planet_`` after ``planet_rounds``, ``dispositions_`` after ``rounds``, of which ``used_rounds_`` count.

    Labels are positions in ``DISPOSITIONS``, or ``DOUBTED``; both CONFIRMED and FALSE POSITIVE must occur.
    ``circumstances`` are the columns that ``planet_`` must not see.
    """

    def __init__(
        self,
        planet_rounds: int = 200,
        rounds: int = 220,
        weighted: bool = False,
        seed: int = 0,
        threads: int = 1,
        settings: dict[str, Any] | None = None,
        circumstances: slice = slice(0, 0),
    ) -> None:
        self.planet_rounds = planet_rounds
        self.rounds = rounds
        self.weighted = weighted
        self.seed = seed
        self.threads = threads
        self.settings = settings
        self.circumstances = circumstances

    def fit(self, X: Floats, y: Integers) -> PlanetFirstClassifier:
        self.classes_ = np.arange(len(DISPOSITIONS))
        self.n_features_in_ = X.shape[1]
        truth = np.where(y == DOUBTED, CANDIDATE, y).astype(np.int8)
        weights = compute_sample_weight("balanced", truth) if self.weighted else np.ones(len(y))
        self.planet_ = self._fit_planet(X, y, weights)
        planet: Any = self.planet_.predict(X, raw_score=True, num_threads=self.threads)
        start = _start(planet)
        data = lgb.Dataset(X, truth, weight=weights, init_score=start)
        self.dispositions_ = lgb.train(self._settings("multiclass", num_class=len(DISPOSITIONS)), data, self.rounds)
        self.used_rounds_ = self.rounds
        return self

    def _fit_planet(self, X: Floats, y: Integers, weights: Floats) -> lgb.Booster:
        decided = y != CANDIDATE
        weights = np.where(y == DOUBTED, DOUBTED_WEIGHT * weights, weights)[decided]
        seen = X[decided]
        seen[:, self.circumstances] = 0
        data = lgb.Dataset(seen, (y[decided] == CONFIRMED).astype(np.int8), weight=weights)
        return lgb.train(self._settings("binary"), data, self.planet_rounds)

    def _settings(self, objective: str, **more: Any) -> dict[str, Any]:
        return {
            "objective": objective, "seed": self.seed, "num_threads": self.threads, "deterministic": True,
            "force_row_wise": True, "verbosity": -1, **(self.settings or {}), **more,
        }  # fmt: skip

    def scores(self, X: Floats, *, threads: int = 1, rounds: int | None = None) -> Floats:
        """Raw scores of shape (n, 3), whose softmax is uncalibrated probabilities.

        CONFIRMED minus FALSE POSITIVE is what ``planet_`` says; the sum of their probabilities is what
        ``dispositions_`` says, after ``rounds`` where given.
        """
        planet: Any = self.planet_.predict(X, raw_score=True, num_threads=threads)
        whole: Any = self.dispositions_.predict(
            X, raw_score=True, num_threads=threads, num_iteration=rounds or self.used_rounds_
        )
        half = planet / 2
        decided = np.logaddexp(whole[:, CONFIRMED] + half, whole[:, FALSE_POSITIVE] - half)
        spread = np.logaddexp(half, -half)
        return np.column_stack([decided + half - spread, whole[:, CANDIDATE], decided - half - spread])

    def contributions(self, X: Floats, disposition: int, *, threads: int = 1) -> Floats:
        """SHAP contributions to the evidence for a disposition, shape (n, columns + 1), the last one the base value.

        For CONFIRMED the evidence is the log-odds of a planet against a false positive, for FALSE POSITIVE the same
        with the sign turned, for CANDIDATE its score among the three. The values are those of ``shap.TreeExplainer``.
        LightGBM gives a thread at least a row; here two threads share the trees of a single row. However many threads,
        the trees are summed in the same order, so that the numbers are the same to the last bit.
        """
        first, *rest = tree_parts(*self.evidence(disposition))
        if len(X) == 1 and threads > 1:
            others = [_helpers(os.getpid()).submit(_tree_shap, X, part, 1) for part in rest]
            found = _tree_shap(X, first, 1) + sum(other.result() for other in others)
        else:
            found = _tree_shap(X, first, threads) + sum(_tree_shap(X, part, threads) for part in rest)
        contributions: Floats = -found if disposition == FALSE_POSITIVE else found
        return contributions

    def evidence(self, disposition: int) -> tuple[lgb.Booster, int]:
        """The booster whose trees speak for or against a disposition, and how many of its rounds count."""
        if disposition == CANDIDATE:
            return candidate_booster(self.dispositions_), self.used_rounds_
        return self.planet_, self.planet_.current_iteration()

    def predict_proba(self, X: Floats) -> Floats:
        """Uncalibrated probabilities of shape (n, 3)."""
        return softmax(self.scores(X, threads=self.threads))

    def predict(self, X: Floats) -> npt.NDArray[np.intp]:
        numbers: npt.NDArray[np.intp] = self.predict_proba(X).argmax(axis=1)
        return numbers


def _start(planet: Floats) -> Floats:
    """Where the second booster starts: scores of shape (n, 3) whose difference is what the first one says."""
    return np.column_stack([planet / 2, np.zeros(len(planet)), -planet / 2])


@cache
def _helpers(process: int) -> ThreadPoolExecutor:
    """This process's own: the threads of the one that it was forked from do not live on in it."""
    return ThreadPoolExecutor(os.cpu_count() or 1, f"tree-shap-{process}")


def _tree_shap(X: Floats, booster: lgb.Booster, threads: int) -> Any:
    return booster.predict(X, pred_contrib=True, num_threads=threads)


_TREE_PARTS: WeakKeyDictionary[lgb.Booster, dict[int, list[lgb.Booster]]] = WeakKeyDictionary()


def tree_parts(booster: lgb.Booster, rounds: int) -> list[lgb.Booster]:
    """The first and the second half of ``rounds`` as boosters of their own, whose contributions add up. Made once.

    One booster cannot be asked about two ranges of its rounds at the same time: it keeps the range that it was asked.
    """
    known = _TREE_PARTS.setdefault(booster, {})
    if rounds not in known:
        middle = rounds // 2
        ranges = [(0, middle), (middle, rounds - middle)] if middle else [(0, rounds)]
        known[rounds] = [
            lgb.Booster(model_str=booster.model_to_string(num_iteration=number, start_iteration=first))
            for first, number in ranges
        ]
    return known[rounds]


_CANDIDATE_BOOSTERS: WeakKeyDictionary[lgb.Booster, lgb.Booster] = WeakKeyDictionary()


def candidate_booster(whole: lgb.Booster) -> lgb.Booster:
    """The trees of CANDIDATE as a model of their own: the same contributions for a third of the work. Made once."""
    if whole not in _CANDIDATE_BOOSTERS:
        _CANDIDATE_BOOSTERS[whole] = lgb.Booster(model_str=_one_class(whole.model_to_string(num_iteration=-1)))
    return _CANDIDATE_BOOSTERS[whole]


def _one_class(model: str) -> str:
    """LightGBM's text of a model: a header, trees (one per class and round, class by class) and a tail."""
    body, _, _ = model.partition("\nend of trees")
    header, *trees = body.split("\nTree=")
    lines = [_single_class(line) for line in header.splitlines() if not line.startswith("tree_sizes=")]
    own = trees[CANDIDATE :: len(DISPOSITIONS)]
    numbered = [f"Tree={number}\n{tree.partition(chr(10))[2]}" for number, tree in enumerate(own)]
    return "\n".join([*lines, "", *numbered, "end of trees", ""])


def _single_class(line: str) -> str:
    changed = {"num_class": "num_class=1", "num_tree_per_iteration": "num_tree_per_iteration=1",
               "objective": "objective=regression"}  # fmt: skip
    return changed.get(line.partition("=")[0], line)
