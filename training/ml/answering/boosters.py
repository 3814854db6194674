"""Several boosters that answer as one; ``training/ml/boosting.py`` says what each is for, and fits
them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from training.ml.calibrate import Floats
from training.ml.evaluation.measures import CANDIDATE, CONFIRMED, FALSE_POSITIVE
from training.ml.schema import DISPOSITIONS

if TYPE_CHECKING:
    import lightgbm as lgb


NO_COLUMN: Final = slice(0, 0)


class Boosters:
    planet_: lgb.Booster
    dispositions_: lgb.Booster
    full_: lgb.Booster | None
    open_: list[lgb.Booster]
    foreign_: lgb.Booster | None
    used_rounds_: int
    seen_: npt.NDArray[np.bool_]
    missions: slice
    scale_free: slice
    one_sided: slice
    fullness = NO_COLUMN  # as classifiers that were made before ``full_`` existed

    def shared(self, X: Floats) -> tuple[npt.NDArray[np.intp], Floats]:
        """The rows that ``full_`` answers as well, shape (k,), and its share of each, shape
        (k, 1)."""
        if getattr(self, "full_", None) is None:
            return np.empty(0, dtype=np.intp), np.empty((0, 1))
        shares = X[:, self.fullness]
        rows = np.flatnonzero(shares > 0)
        return rows, shares[rows]

    def _is_foreign(self, X: Floats) -> npt.NDArray[np.bool_]:
        """Which rows are of a mission that was never seen, shape (n,)."""
        if getattr(self, "foreign_", None) is None:
            return np.zeros(len(X), dtype=bool)
        return np.asarray(~np.any(X[:, self.missions] * self.seen_, axis=1))

    def _with_foreign(self, X: Floats, scores: Any, threads: int) -> Floats:
        """``scores`` of shape (n,), with those of foreign rows put in."""
        said: Floats = np.array(scores)
        rows = np.flatnonzero(self._is_foreign(X))
        if len(rows) and self.foreign_ is not None:
            only = np.zeros((len(rows), X.shape[1]))
            for part in (self.scale_free, self.one_sided):
                only[:, part] = X[rows, part]
            said[rows] = self.foreign_.predict(only, raw_score=True, num_threads=threads)
        return said

    def scores(self, X: Floats, *, threads: int = 1) -> Floats:
        """Raw scores of shape (n, 3), whose softmax is uncalibrated probabilities.

        CONFIRMED minus FALSE POSITIVE is what ``planet_`` says; the sum of their probabilities is
        what ``dispositions_`` says, and the fuller a row is, the more what ``full_`` says.
        """
        return next(self.scores_after(X, [self.used_rounds_], threads=threads))

    def scores_after(
        self, X: Floats, rounds: Iterable[int], *, threads: int = 1
    ) -> Iterator[Floats]:
        """``scores`` after each number of rounds of ``dispositions_``; the others are asked
        once."""
        planet = self.planet_.predict(X, raw_score=True, num_threads=threads)
        half = self._with_foreign(X, planet, threads) / 2
        spread = np.logaddexp(half, -half)
        rows, share = self.shared(X)
        if len(rows) and self.full_ is not None:
            full: Any = self.full_.predict(X[rows], raw_score=True, num_threads=threads)
        for number in rounds:
            whole: Any = self.dispositions_.predict(
                X, raw_score=True, num_threads=threads, num_iteration=number
            )
            if len(rows):
                whole[rows] = mixed(whole[rows], full, share)
            # The two keep the sum that the second booster gives them, divided as the first one
            # says.
            decided = np.logaddexp(whole[:, CONFIRMED] + half, whole[:, FALSE_POSITIVE] - half)
            yield np.column_stack(
                [decided + half - spread, whole[:, CANDIDATE], decided - half - spread]
            )

    def open_scores(self, X: Floats, *, threads: int = 1) -> Floats:
        """Raw log-odds of shape (n,) that a signal, should it still be open, is a planet.

        Classifiers that were made before these boosters existed answer with ``planet_``.
        """
        boosters = getattr(self, "open_", None) or [self.planet_]
        said = [booster.predict(X, raw_score=True, num_threads=threads) for booster in boosters]
        return self._with_foreign(X, np.mean(said, axis=0), threads)

    def contributions(self, X: Floats, disposition: int, *, threads: int = 1) -> Floats:
        """SHAP contributions to the evidence for a disposition, shape (n, columns + 1), the last
        one the base value.

        For CONFIRMED the evidence is the log-odds of a planet against a false positive, for FALSE
        POSITIVE the same with the sign turned, for CANDIDATE its score among the three. The values
        are those of ``shap.TreeExplainer``, on one thread or several; where two boosters share an
        answer, each has its part of them. How full a row is contributes nothing and has no column.
        """
        booster, rounds = self.evidence(disposition)
        found: Any = booster.predict(
            X, pred_contrib=True, num_iteration=rounds, num_threads=threads
        )
        rows, share = self.shared(X)
        if disposition == CANDIDATE and len(rows) and self.full_ is not None:
            own: Any = candidate_booster(self.full_).predict(
                X[rows], pred_contrib=True, num_threads=threads
            )
            found[rows] = mixed(found[rows], own, share)
        if self.fullness != NO_COLUMN:
            found = np.delete(found, np.arange(X.shape[1])[self.fullness], axis=1)
        contributions: Floats = -found if disposition == FALSE_POSITIVE else found
        return contributions

    def evidence(self, disposition: int) -> tuple[lgb.Booster, int]:
        """The booster whose trees speak for or against a disposition of a signal that is not full,
        and how many of its rounds count."""
        if disposition == CANDIDATE:
            return candidate_booster(self.dispositions_), self.used_rounds_
        return self.planet_, self.planet_.current_iteration()


def mixed(of_all: Floats, of_full: Floats, share: Floats) -> Floats:
    """What two boosters say together, of which ``of_full`` has a ``share``, shape (n, 1)."""
    return share * of_full + (1 - share) * of_all


_CANDIDATE_BOOSTERS: WeakKeyDictionary[lgb.Booster, lgb.Booster] = WeakKeyDictionary()


def candidate_booster(whole: lgb.Booster) -> lgb.Booster:
    """The trees of CANDIDATE as a model of their own: the same contributions for a third of the
    work. Made once."""
    if whole not in _CANDIDATE_BOOSTERS:
        _CANDIDATE_BOOSTERS[whole] = type(whole)(
            model_str=_one_class(whole.model_to_string(num_iteration=-1))
        )
    return _CANDIDATE_BOOSTERS[whole]


def _one_class(model: str) -> str:
    """LightGBM's text of a model: a header, trees (one per class and round, class by class) and a
    tail."""
    body, _, _ = model.partition("\nend of trees")
    header, *trees = body.split("\nTree=")
    lines = [
        _single_class(line) for line in header.splitlines() if not line.startswith("tree_sizes=")
    ]
    own = trees[CANDIDATE :: len(DISPOSITIONS)]
    numbered = [f"Tree={number}\n{tree.partition(chr(10))[2]}" for number, tree in enumerate(own)]
    return "\n".join([*lines, "", *numbered, "end of trees", ""])


def _single_class(line: str) -> str:
    changed = {
        "num_class": "num_class=1",
        "num_tree_per_iteration": "num_tree_per_iteration=1",
        "objective": "objective=regression",
    }
    return changed.get(line.partition("=")[0], line)
