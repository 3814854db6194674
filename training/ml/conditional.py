"""Probabilities and prediction sets that hold whatever is given of a signal.

Both are fitted on out-of-fold scores of held-out signals, each shown many times with other inputs
taken away, and both are functions of what is given (``given.py``), per mission. Probabilities: two
logistic regressions, planet against false positive on decided signals, and candidate against
decided, whose intercepts and slopes depend on what is given. Sets: class-conditional conformal
thresholds (Vovk 2012, arXiv:1209.2673) as a quantile regression on what is given (Gibbs, Cherian
and Candès 2023, arXiv:2305.12616), so that nine in ten signals of each disposition are covered for
each way to know little, and not only on the average over them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from training.ml.answers import KEPT, Predictions
from training.ml.calibrate import MISSIONS, Floats, Integers
from training.ml.given import WAYS, Booleans, Given
from training.ml.regressions import (
    Logistic,
    column_of,
    fit_logistic,
    fit_quantile,
    row_by_row,
    sigmoid,
)
from training.ml.schema import DISPOSITIONS, Mission
from training.ml.signal_rows import SignalRows

CONFIRMED, CANDIDATE, FALSE_POSITIVE = range(len(DISPOSITIONS))
OTHER: Final = MISSIONS.index(Mission.OTHER)
KEPLER: Final = MISSIONS.index(Mission.KEPLER)
MIN_SIGNALS: Final = 100
"""A mission with fewer is answered as one that was never seen."""
MIN_OF_DISPOSITION: Final = 20
"""With fewer of them no threshold is known, and a disposition is in every set."""


@dataclass(frozen=True)
class HeldOutScores:
    """Scores of n held-out rows: signals, each in several versions that give more or less."""

    raw: Floats  # (n, 3)
    open: Floats  # (n,) log-odds of a planet for an open signal
    given: Booleans  # (n, len(NUMERIC_NAMES))
    missions: Integers  # (n,) as stated in the row
    sources: Integers  # (n,) the mission that it is really from
    truth: Integers  # (n,)
    teaches_open: Booleans  # (n,) stands for what becomes of open signals
    signal: npt.NDArray[np.intp]  # (n,) which signal it is

    @classmethod
    def stack(cls, parts: Sequence[HeldOutScores]) -> HeldOutScores:
        names = cls.__dataclass_fields__
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    def take(self, rows: Booleans) -> HeldOutScores:
        return HeldOutScores(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def openness(self) -> Floats:
        """How likely each signal is still open, over that it is decided, (n,): as the version that
        gives the most has it."""
        order = np.lexsort((self.given.sum(axis=1), self.signal))
        fullest = order[np.flatnonzero(np.diff(self.signal[order], append=-1))]
        odds = np.zeros(self.signal.max(initial=0) + 1)
        odds[self.signal[fullest]] = openness(self.raw[fullest])
        found: Floats = odds[self.signal]
        return found

    def known(self) -> Booleans:
        """What is known of each signal,
        shape (signals, len(NUMERIC_NAMES)): its versions joined."""
        order = np.argsort(self.signal, kind="stable")
        starts = np.flatnonzero(np.diff(self.signal[order], prepend=-1))
        known: Booleans = np.logical_or.reduceat(self.given[order], starts, axis=0)
        return known

    @property
    def weights(self) -> Floats:
        """Every signal counts once, however often it is shown."""
        return 1.0 / np.bincount(self.signal)[self.signal]


# --- standing for open signals --------------------------------------------------------------------

OPENNESS: Final = (1 / 3, 3.0)
"""No signal counts more than this, so that few do not stand for all."""


def openness(raw: Floats) -> Floats:
    """The odds that a signal is open, by its raw scores (n, 3), up to a factor; shape (n,)."""
    first, second, third = (column_of(raw[:, number]) for number in range(3))
    odds: Floats = np.exp(second - np.logaddexp(first, third)).clip(*OPENNESS)
    return odds


def as_many_signals(counts: Floats, odds: Floats) -> Floats:
    """``counts`` of rows by their ``odds``, in total as many signals as they are worth (Kish 1965,
    Survey Sampling)."""
    weights = counts * odds
    found: Floats = weights * (weights.sum() / max(float((weights * odds).sum()), 1e-9))
    return found


def evenly(weights: Floats, planet: Booleans) -> Floats:
    """``weights`` (n,) with as much in all for planets as for others."""
    half, even = weights.sum() / 2, weights.copy()
    for own in (planet, ~planet):
        even[own] *= half / max(float(weights[own].sum()), 1e-9)
    return even


# --- what the scores say --------------------------------------------------------------------------


def planet_base(raw: Floats) -> Floats:
    """What tells planets from false positives, shape (n, 3): 1, log-odds, and these bent."""
    log_odds = column_of(raw[:, CONFIRMED] - raw[:, FALSE_POSITIVE])
    return _saturating_design(log_odds)


def open_base(log_odds: Floats) -> Floats:
    return _saturating_design(column_of(log_odds))


def _saturating_design(log_odds: Floats) -> Floats:
    # The last column levels off, so that extreme scores may be bent back without moving the rest.
    return np.column_stack([np.ones_like(log_odds), log_odds, 2 * np.tanh(log_odds / 2)])


def candidate_base(raw: Floats) -> Floats:
    """What tells candidates from decided signals, shape (n, 5)."""
    first, second, third = (column_of(raw[:, number]) for number in range(3))
    planet, candidate = first - third, second - np.logaddexp(first, third)
    sure = np.tanh(planet / 4)
    return np.column_stack([_saturating_design(candidate), np.abs(sure), sure])


def interactions(base: Floats, covariates: Floats, blocks: int) -> Floats:
    """``base`` itself, its first two columns by every covariate, the others by how much is given
    in all."""
    # Level and slope may depend on every block, bends on the amount alone: few rows are that
    # extreme.
    amount = column_of(covariates[:, :blocks]).sum(axis=1) / blocks
    products = base[:, :2, np.newaxis] * covariates[:, np.newaxis, :]
    rows = len(base)
    return np.hstack([base, products.reshape(rows, -1), base[:, 2:] * amount[:, np.newaxis]])


# --- one mission ----------------------------------------------------------------------------------


@dataclass
class Thresholds:
    """What must speak for an answer so that it is in the set, by what is given: never more than
    speaks for the one that is named.

    One row of weights per answer; None: it is in every set.
    """

    weights: list[Floats | None]

    @classmethod
    def fit(
        cls, support: Floats, truth: Integers, covariates: Floats, counts: Floats, level: float
    ) -> Thresholds:
        """From the ``_support`` (n, k) of held-out rows whose truth is 0 to k − 1."""
        design, weights = _threshold_design(covariates), []
        for number in range(support.shape[1]):
            own = truth == number
            signals = counts[own].sum()
            # As the rank of a conformal threshold among so many signals, not just their quantile.
            share = max((signals + 1) * (1 - level) - 1, 0) / max(signals, 1)
            enough = signals >= MIN_OF_DISPOSITION
            weights.append(
                fit_quantile(design[own], support[own, number], counts[own], share)
                if enough
                else None
            )
        return cls(weights)

    def reached(self, support: Floats, design: Floats) -> Booleans:
        """Membership of shape (n, k)."""
        members = np.ones(support.shape, dtype=bool)
        for number, weights in enumerate(self.weights):
            if weights is not None:
                # Never above one half, which the support of the named answer reaches: it stays in
                # its set.
                members[:, number] = support[:, number] >= np.minimum(
                    row_by_row(design, weights), HALF
                )
        return members


def _threshold_design(covariates: Floats) -> Floats:
    return np.hstack([np.ones((len(covariates), 1)), covariates])


@dataclass
class MissionAnswers:
    """Calibration and thresholds of the signals of one mission."""

    given: Given
    planet: Logistic
    candidate: Logistic
    open: Logistic
    sets: list[Thresholds] = field(default_factory=list)
    open_sets: list[Thresholds] = field(default_factory=list)

    @classmethod
    def fit(
        cls, seen: HeldOutScores, given: Given, level: float, start: MissionAnswers | None = None
    ) -> MissionAnswers:
        """``start``: a fit on nearly the same rows, to save time."""
        covariates, counts = given.covariates(seen.given), seen.weights
        decided = seen.truth != CANDIDATE
        planet = _fit(
            planet_base(seen.raw),
            covariates,
            seen.truth == CONFIRMED,
            counts,
            decided,
            start.planet if start else None,
        )
        candidate = _fit(
            candidate_base(seen.raw),
            covariates,
            ~decided,
            counts,
            counts > 0,
            start.candidate if start else None,
        )
        # What was known before a survey was never open in it, and tells nothing of what is.
        taught = decided & seen.teaches_open
        standing = np.where(taught, as_many_signals(counts * taught, seen.openness()), 0)
        opened = _fit(
            open_base(seen.open),
            covariates,
            seen.truth == CONFIRMED,
            evenly(standing, seen.truth == CONFIRMED),
            taught,
            start.open if start else None,
        )
        fitted = cls(given, planet, candidate, opened)
        fitted._fit_sets(seen, covariates, counts, standing, level)
        return fitted

    def _fit_sets(
        self,
        seen: HeldOutScores,
        covariates: Floats,
        counts: Floats,
        standing: Floats,
        level: float,
    ) -> None:
        """Thresholds per mission that the rows are really from: for mission "other" several.
        ``standing``: how much each row counts for open signals."""
        support = _support(self.probabilities(seen.raw, covariates))
        score = self.open_score(seen.open, covariates)
        open_support = _support(np.column_stack([score, 1 - score]))
        outcome = np.where(seen.truth == CONFIRMED, 0, 1).astype(np.int8)
        for source in np.unique(seen.sources):
            own = seen.sources == source
            self.sets.append(
                Thresholds.fit(support[own], seen.truth[own], covariates[own], counts[own], level)
            )
            taught = own & (standing > 0)
            self.open_sets.append(
                Thresholds.fit(
                    open_support[taught],
                    outcome[taught],
                    covariates[taught],
                    standing[taught],
                    level,
                )
            )

    def probabilities(self, raw: Floats, covariates: Floats) -> Floats:
        """Shape (n, 3), each row summing to 1."""
        planet = self._calibrated(self.planet, planet_base(raw), covariates)
        candidate = self._calibrated(self.candidate, candidate_base(raw), covariates)
        decided = 1 - candidate
        return np.column_stack([decided * planet, candidate, decided * (1 - planet)])

    def open_score(self, log_odds: Floats, covariates: Floats) -> Floats:
        """The probability of a planet for an open signal, shape (n,)."""
        return self._calibrated(self.open, open_base(log_odds), covariates)

    def _calibrated(self, fitted: Logistic, base: Floats, covariates: Floats) -> Floats:
        design = interactions(base, covariates, len(self.given.blocks))
        return sigmoid(row_by_row(design, fitted.weights))

    def answer(self, raw: Floats, log_odds: Floats, given: Booleans) -> Predictions:
        covariates = self.given.covariates(given)
        probabilities = self.probabilities(raw, covariates)
        score = self.open_score(log_odds, covariates)
        either = np.column_stack([score, 1 - score])
        return Predictions(
            probabilities,
            _members(self.sets, probabilities, covariates),
            raw,
            score,
            _members(self.open_sets, either, covariates),
            np.zeros(len(raw), dtype=bool),
        )


def _fit(
    base: Floats,
    covariates: Floats,
    positive: Booleans,
    counts: Floats,
    rows: Booleans,
    start: Logistic | None,
) -> Logistic:
    blocks = (covariates.shape[1] - WAYS) // 2
    design = interactions(base[rows], covariates[rows], blocks)
    return fit_logistic(design, positive[rows], counts[rows], base.shape[1], start)


HALF: Final = float(np.log(0.5))


def _support(probabilities: Floats) -> Floats:
    """What speaks for each answer, shape (n, k): the logarithm of its probability, and for the one
    that is named no less than that of one half, which no other answer exceeds."""
    columns = [column_of(column) for column in probabilities.T]
    highest = np.maximum.reduce(columns)
    return np.column_stack(
        [
            np.maximum(np.log(np.maximum(column, 1e-6)), np.where(column == highest, HALF, -np.inf))
            for column in columns
        ]
    )


def _members(sets: Sequence[Thresholds], probabilities: Floats, covariates: Floats) -> Booleans:
    """What any of ``sets`` lets in, shape (n, k)."""
    support, design = _support(probabilities), _threshold_design(covariates)
    members = np.zeros(support.shape, dtype=bool)
    for thresholds in sets:
        members |= thresholds.reached(support, design)
    return members


# --- all missions ---------------------------------------------------------------------------------


@dataclass
class ConditionalAnswers:
    """What a classifier's scores mean: probabilities, sets and scores by mission and what is given.

    A mission that was never seen, or hardly, is answered as mission "other": from the signals of
    all missions without a word of which they are from, with what any mission's thresholds let in.
    """

    missions: dict[int, MissionAnswers]
    level: float = 0.9

    @classmethod
    def fit(
        cls, seen: HeldOutScores, start: ConditionalAnswers | None = None, level: float = 0.9
    ) -> ConditionalAnswers:
        """``seen`` must hold rows that state mission "other"."""
        found = {}
        for mission in np.unique(seen.missions).tolist():
            own = seen.take(seen.missions == mission)
            if mission == OTHER or own.weights.sum() >= MIN_SIGNALS:
                first = start.missions.get(mission) if start else None
                full = mission == KEPLER
                given = first.given if first else Given.fit(own.known(), may_be_full=full)
                # One thread: the same numbers on every machine, and small matrices gain nothing.
                with threadpool_limits(1, "blas"):
                    found[mission] = MissionAnswers.fit(own, given, level, first)
        return cls(found, level)

    def answer(self, raw: Floats, log_odds: Floats, rows: SignalRows) -> Predictions:
        """Answers to n rows from their scores (n, 3) and (n,); every row on its own."""
        n, given = len(raw), ~np.isnan(rows.numbers)
        known = {MISSIONS[number]: number for number in self.missions}
        answered_as = np.array([known.get(mission, OTHER) for mission in rows["mission"]])
        missions = set(answered_as.tolist())
        if len(missions) == 1:  # one signal, or a table of one mission
            return self.missions[missions.pop()].answer(raw, log_odds, given)
        sets, planet_sets, out_of_fold = (np.zeros(of, dtype=bool) for of in ((n, 3), (n, 2), n))
        found = Predictions(np.empty((n, 3)), sets, raw, np.empty(n), planet_sets, out_of_fold)
        for mission in missions:
            own = answered_as == mission
            part = self.missions[mission].answer(raw[own], log_odds[own], given[own])
            for name in KEPT:
                getattr(found, name)[own] = getattr(part, name)
        return found
