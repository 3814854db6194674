"""Two boosters that answer as one: planet or not, and which of three dispositions.

Whether a signal is a planet is learnt from decided signals alone. Candidates are seven in ten TESS
signals, and among them a three-way comparison learns who was followed up as much as who is a
planet: looked at years later, its planet scores order the open signals worse
(``docs/model-card.md`` has the figures). So the first booster compares CONFIRMED with FALSE
POSITIVE, counts a candidate that its own observers doubt (TESS's APC) as a weak FALSE POSITIVE, and
alone decides the planet score. The second starts from there (residual boosting: Friedman 2001,
Annals of Statistics 29, 1189), learns all three dispositions, and decides how probable it is that
the signal is still open: a CANDIDATE. Only the second sees how long a survey looks at a place: that
tells who was followed up.

For a signal that is still open a third answers. Half of TESS's confirmed planets were known before
TESS looked, hot Jupiters around bright stars nearly all, and they teach what open signals are not
like. The third learns from decided signals without them, several times with other random draws,
whose mean it says.

One set of trees for any inputs tells less where all are given. A Kepler signal of which nearly
everything is known has a booster in place of the second, which starts from the first like that one
and learns from Kepler's signals as they are, and from no others. The fuller a signal, the more of
the answer is its own (``given.py``), so that one missing input takes but a part of it.
"""

from __future__ import annotations

from typing import Any, Final

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.class_weight import compute_sample_weight

from training.ml.answering.boosters import NO_COLUMN, Boosters
from training.ml.calibrate import Floats, Integers, softmax
from training.ml.evaluation.measures import CANDIDATE, CONFIRMED
from training.ml.schema import DISPOSITIONS

DOUBTED: Final = len(DISPOSITIONS)
"""A label for training only: a CANDIDATE that the table itself marks as doubtful."""
DOUBTED_WEIGHT: Final = 0.6
"""Of 45 doubted candidates of 2021 that were decided by 2025, 44 were false positives (TOI tables
of both dates)."""
KNOWN_BEFORE: Final = DOUBTED + 1
"""A label for training only: a CONFIRMED planet that others had found before the survey did."""
PLANET_ONLY: Final = 8
"""Added to the label of a row, for training only, that teaches what is a planet and not what the
catalogue says; where there are such rows, the others teach the latter alone."""
FULL_ONLY: Final = 16
"""Added to the label of a row, for training only, that teaches the booster of full rows alone."""
OPEN_SETTINGS: Final = {"num_leaves": 31, "feature_fraction": 0.25}
FOREIGN_SETTINGS: Final = {"num_leaves": 15, "learning_rate": 0.05, "min_child_samples": 40}


def truth_of(labels: Integers) -> Integers:
    """Positions in ``DISPOSITIONS`` from labels that tell doubted candidates and known planets
    apart."""
    truth = np.where(labels == DOUBTED, CANDIDATE, labels)
    return np.where(labels == KNOWN_BEFORE, CONFIRMED, truth).astype(np.int8)


class PlanetFirstClassifier(Boosters, ClassifierMixin, BaseEstimator):
    """``planet_`` after ``planet_rounds``, ``dispositions_`` after ``rounds``, of which
    ``used_rounds_`` count.

    Labels are positions in ``DISPOSITIONS``, ``DOUBTED`` or ``KNOWN_BEFORE``; both CONFIRMED and
    FALSE POSITIVE must occur. ``circumstances`` are the columns that ``planet_`` must not see.
    ``open_`` are ``open_seeds`` boosters of ``open_rounds`` each. ``full_`` after ``full_rounds``
    is for rows whose ``fullness``, a column that no booster sees, is more than 0.
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
        open_rounds: int = 200,
        open_seeds: int = 3,
        scale_free: slice = slice(0, 0),
        missions: slice = slice(0, 0),
        one_sided: slice = slice(0, 0),
        full_rounds: int = 0,
        fullness: slice = NO_COLUMN,
        foreign_rounds: int = 150,
    ) -> None:
        self.planet_rounds = planet_rounds
        self.rounds = rounds
        self.weighted = weighted
        self.seed = seed
        self.threads = threads
        self.settings = settings
        self.circumstances = circumstances
        self.open_rounds = open_rounds
        self.open_seeds = open_seeds
        self.scale_free = scale_free
        self.missions = missions
        self.one_sided = one_sided
        self.full_rounds = full_rounds
        self.fullness = fullness
        self.foreign_rounds = foreign_rounds

    def fit(self, X: Floats, y: Integers) -> PlanetFirstClassifier:
        self.classes_ = np.arange(len(DISPOSITIONS))
        self.n_features_in_ = X.shape[1]
        # Rows for the boosters of planets alone, or that of full rows, carry a mark on top of their
        # label.
        full, planet_only = y >= FULL_ONLY, (y >= PLANET_ONLY) & (y < FULL_ONLY)
        y = y % PLANET_ONLY
        truth = truth_of(y)
        weights = compute_sample_weight("balanced", truth) if self.weighted else np.ones(len(y))
        of_planets = planet_only if planet_only.any() else ~full
        taught = X[of_planets], y[of_planets], weights[of_planets]
        self.planet_ = self._fit_planet(*taught, self.planet_rounds)
        self.open_ = self._fit_open(*taught)
        self.foreign_ = self._fit_foreign(*taught)
        self.seen_: npt.NDArray[np.bool_] = np.any(X[:, self.missions], axis=0)
        self.seen_[-1:] = False  # the last mission is "other", of which none was ever seen
        of_catalogue = ~planet_only & ~full
        self.dispositions_ = self._fit_dispositions(
            X[of_catalogue], truth[of_catalogue], weights[of_catalogue], self.rounds
        )
        self.used_rounds_ = self.rounds
        self.full_ = self._fit_full(X[full], truth[full], weights[full])
        return self

    def _fit_dispositions(
        self, X: Floats, truth: Integers, weights: Floats, rounds: int
    ) -> lgb.Booster:
        planet: Any = self.planet_.predict(X, raw_score=True, num_threads=self.threads)
        seen = X.copy()
        seen[:, self.fullness] = 0
        # From where the first booster ends: what is left to learn is how probable CANDIDATE is.
        data = lgb.Dataset(seen, truth, weight=weights, init_score=_start(planet))
        return lgb.train(self._settings("multiclass", num_class=len(DISPOSITIONS)), data, rounds)

    def _fit_full(self, X: Floats, truth: Integers, weights: Floats) -> lgb.Booster | None:
        """Tables without vetting measurements, or without Kepler, hold no full rows: then there is
        none."""
        if not self.full_rounds or len(np.unique(truth)) < len(DISPOSITIONS):
            return None
        return self._fit_dispositions(X, truth, weights, self.full_rounds)

    def _fit_planet(
        self, X: Floats, y: Integers, weights: Floats, rounds: int, **settings: Any
    ) -> lgb.Booster:
        decided = y != CANDIDATE
        weights = np.where(y == DOUBTED, DOUBTED_WEIGHT * weights, weights)[decided]
        seen = X[decided]
        # A constant column is never split on: the matrix keeps its shape, the booster sees nothing.
        seen[:, self.circumstances] = 0
        seen[:, self.fullness] = 0
        planets = (truth_of(y[decided]) == CONFIRMED).astype(np.int8)
        data = lgb.Dataset(seen, planets, weight=weights)
        falling = np.zeros(X.shape[1], dtype=int)
        # More of these never speaks for a planet, whatever a few rows seem to say.
        falling[self.one_sided] = -1
        settings["monotone_constraints"] = falling.tolist()
        return lgb.train(self._settings("binary", **settings), data, rounds)

    def _fit_open(self, X: Floats, y: Integers, weights: Floats) -> list[lgb.Booster]:
        """A table of known planets alone teaches nothing about others: then there are none."""
        rows = np.flatnonzero(y != KNOWN_BEFORE)
        if not (y[rows] == CONFIRMED).any():
            return []
        X, y, weights = X[rows], y[rows], weights[rows]
        return [
            self._fit_planet(
                X, y, weights, self.open_rounds, **OPEN_SETTINGS, seed=self.seed * 100 + number
            )
            for number in range(self.open_seeds)
        ]

    def _fit_foreign(self, X: Floats, y: Integers, weights: Floats) -> lgb.Booster | None:
        """For missions that were never seen: it sees what means the same to every survey."""
        columns = X[:, self.scale_free]
        if not columns.shape[1]:
            return None
        seen = np.zeros_like(X)
        seen[:, self.scale_free] = columns
        seen[:, self.one_sided] = X[:, self.one_sided]
        return self._fit_planet(seen, y, weights, self.foreign_rounds, **FOREIGN_SETTINGS)

    def _settings(self, objective: str, **more: Any) -> dict[str, Any]:
        return {
            "objective": objective,
            "seed": self.seed,
            "num_threads": self.threads,
            # The same trees from the same rows, on any number of threads.
            "deterministic": True,
            "force_col_wise": True,
            "verbosity": -1,
            **(self.settings or {}),
            **more,
        }

    def predict_proba(self, X: Floats) -> Floats:
        """Uncalibrated probabilities of shape (n, 3)."""
        return softmax(self.scores(X, threads=self.threads))

    def predict(self, X: Floats) -> npt.NDArray[np.intp]:
        numbers: npt.NDArray[np.intp] = self.predict_proba(X).argmax(axis=1)
        return numbers


def _start(planet: Floats) -> Floats:
    """Where the second booster starts: scores of shape (n, 3) whose difference is what the first
    one says."""
    return np.column_stack([planet / 2, np.zeros(len(planet)), -planet / 2])
