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
        """
        if disposition == CANDIDATE:
            booster, rounds = candidate_booster(self.dispositions_), self.used_rounds_
        else:
            booster, rounds = self.planet_, -1
        found: Any = booster.predict(X, pred_contrib=True, num_threads=threads, num_iteration=rounds)
        contributions: Floats = -found if disposition == FALSE_POSITIVE else found
        return contributions

    def predict_proba(self, X: Floats) -> Floats:
        """Uncalibrated probabilities of shape (n, 3)."""
        return softmax(self.scores(X, threads=self.threads))

    def predict(self, X: Floats) -> npt.NDArray[np.intp]:
        numbers: npt.NDArray[np.intp] = self.predict_proba(X).argmax(axis=1)
        return numbers


def _start(planet: Floats) -> Floats:
    """Where the second booster starts: scores of shape (n, 3) whose difference is what the first one says."""
    return np.column_stack([planet / 2, np.zeros(len(planet)), -planet / 2])


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
