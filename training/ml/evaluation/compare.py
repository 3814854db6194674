"""Two versions, judged on the same signals of stars that neither had seen: differences and how
certain they are.

The interval of a difference comes from a paired bootstrap by star: stars are drawn with
replacement, with all their signals and for both versions at once (Efron & Tibshirani 1993, An
Introduction to the Bootstrap, ch. 8 and 16).

The judge is neither's: only signals count whose disposition is the same in the tables of both.
Where these hardly agree beyond chance, only the names are the same, and nothing is compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from training.ml.answers import HeldOut
from training.ml.calibrate import Floats, Integers
from training.ml.evaluation.measures import BINS, CANDIDATE, CONFIRMED, planet_scores
from training.ml.evaluation.shapes import ChangeJson, ComparedFigureJson, ComparisonJson
from training.ml.schema import DISPOSITIONS, Mission

RESAMPLES: Final = 400
BATCH: Final = 50
MIN_AGREEMENT: Final = 0.4
"""Cohen's kappa of the dispositions of two tables; less is called slight or fair by Landis & Koch
(1977, Biometrics 33, 159). Independent tables have 0."""
MIN_STARS: Final = 50
POOLED: Final = "pooled"
HEADLINES: Final = ("accuracy", "macro_f1", "roc_auc")
"""What a version is held back for: figures that no choice of threshold or calibration can talk
away."""

LABELS: Final = {
    "accuracy": "Accuracy",
    "macro_f1": "Macro-F1",
    "roc_auc": "ROC-AUC, planet or false positive",
    "pr_auc": "PR-AUC, planet or false positive",
    "log_loss": "Log loss",
    "calibration_error": "Calibration error",
    **{f"recall_{k}": f"Recall of {d}" for k, d in enumerate(DISPOSITIONS)},
    **{f"precision_{k}": f"Precision of {d}" for k, d in enumerate(DISPOSITIONS)},
    **{f"f1_{k}": f"F1 of {d}" for k, d in enumerate(DISPOSITIONS)},
}
PART_OF: Final = {
    "calibration_error": "log_loss",
    **{f"{part}_{k}": f"f1_{k}" for part in ("recall", "precision") for k in range(3)},
}
"""A figure that can be bought at the price of another one, and the figure that weighs both: who
calls everything CONFIRMED recalls every planet, and who always names the base rates is
calibrated."""

SMALLER_IS_BETTER: Final = ("log_loss", "calibration_error")


@dataclass(frozen=True)
class Figure:
    """One figure of both versions. ``low`` and ``high``: the 95 % interval of ``second`` −
    ``first``."""

    name: str
    label: str
    first: float
    second: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        return self.second - self.first

    @property
    def gain(self) -> float:
        """Positive where the second version is better."""
        return -self.difference if self.name in SMALLER_IS_BETTER else self.difference

    @property
    def verdict(self) -> str:
        """ "better" or "worse" where the interval leaves no doubt about it, else "same"."""
        low, high = (
            (-self.high, -self.low) if self.name in SMALLER_IS_BETTER else (self.low, self.high)
        )
        return "better" if low > 0 else "worse" if high < 0 else "same"

    def as_json(self) -> ComparedFigureJson:
        return {
            "name": self.name,
            "label": self.label,
            "first": self.first,
            "second": self.second,
            "difference": self.difference,
            "low": self.low,
            "high": self.high,
            "verdict": self.verdict,
        }


@dataclass(frozen=True)
class Change:
    """A signal about which the two versions do not agree."""

    key: int
    mission: str
    truth: str
    first: str
    second: str
    first_probability: float
    second_probability: float

    @property
    def confidence(self) -> float:
        return max(self.first_probability, self.second_probability)

    def as_json(self) -> ChangeJson:
        return {
            "key": f"{self.key:016x}",
            "mission": self.mission,
            "truth": self.truth,
            "first": self.first,
            "second": self.second,
            "first_probability": self.first_probability,
            "second_probability": self.second_probability,
        }


@dataclass(frozen=True)
class Comparison:
    signals: int  # with the same disposition in the tables of both, by which both are judged
    stars: int
    relabelled: int  # shared signals with another disposition: they judge neither
    groups: dict[str, list[Figure]]  # "pooled" and per mission
    changes: list[Change]  # the most confident first
    missions_lost: tuple[str, ...] = ()  # that the first version has learnt from, the second never
    agreement: float = 1.0  # of the two tables: Cohen's kappa

    @property
    def possible(self) -> bool:
        return self.stars >= MIN_STARS and self.is_about_the_same

    @property
    def is_about_the_same(self) -> bool:
        """Whether the signals of one name are taken for the same signals."""
        return self.agreement >= MIN_AGREEMENT

    @property
    def worse(self) -> list[Figure]:
        """The headline figures that are certainly worse in the second version."""
        return [
            f for f in self.groups.get(POOLED, []) if f.name in HEADLINES and f.verdict == "worse"
        ]

    @property
    def losses(self) -> list[tuple[str, Figure]]:
        """Every figure that is certainly worse in the second version, with its group; not a part
        of a trade that is for the better (``PART_OF``)."""
        return [
            (group, figure)
            for group, figures in self.groups.items()
            for figure in figures
            if figure.verdict == "worse" and not _is_good_trade(figure, figures)
        ]

    @property
    def compared(self) -> int:
        """How many figures were compared: one in forty looks worse by luck alone."""
        return sum(len(figures) for figures in self.groups.values())

    def as_json(self) -> ComparisonJson:
        return {
            "signals": self.signals,
            "stars": self.stars,
            "relabelled": self.relabelled,
            "missions_lost": list(self.missions_lost),
            "groups": {
                name: [figure.as_json() for figure in figures]
                for name, figures in self.groups.items()
            },
            "changes": [change.as_json() for change in self.changes],
        }


def _is_good_trade(figure: Figure, figures: list[Figure]) -> bool:
    whole = PART_OF.get(figure.name)
    return any(other.name == whole and other.gain > 0 for other in figures)


@dataclass(frozen=True)
class _Answers:
    """What one version said about n signals, prepared for being weighted again and again."""

    probabilities: Floats
    confusion: Floats  # (n, 9) one-hot
    bins: Floats  # (n, BINS × 2) said − observed parts for the calibration error
    losses: Floats  # (n,)


def compare(
    first: HeldOut, second: HeldOut, *, seed: int = 0, resamples: int = RESAMPLES
) -> Comparison:
    """``second`` against ``first`` on the signals that both held out; too few shared stars give no
    figures."""
    here, there = _shared(first, second)
    changes = _changes(first, second, here, there)
    agreement, agreed = _agreement(first.truth[here], second.truth[there])
    relabelled = int((~agreed).sum())
    here, there = here[agreed], there[agreed]
    stars, star_of = np.unique(second.stars[there], return_inverse=True)
    lost = _missions_lost(first, second)
    found = Comparison(len(here), len(stars), relabelled, {}, changes, lost, agreement)
    if not found.possible:
        return found
    one, two = (
        first.probabilities[here].astype(np.float64),
        second.probabilities[there].astype(np.float64),
    )
    truth = second.truth[there]
    for name, rows in _groups(second.missions[there]):
        if len(np.unique(star_of[rows])) >= MIN_STARS:
            found.groups[name] = _figures(
                truth[rows], one[rows], two[rows], star_of[rows], seed, resamples
            )
    return found


def _agreement(
    first: npt.NDArray[np.int8], second: npt.NDArray[np.int8]
) -> tuple[float, npt.NDArray[np.bool_]]:
    """Cohen's kappa (1960, Educ. Psychol. Meas. 20, 37) of two lists, and where they agree."""
    same: npt.NDArray[np.bool_] = first == second
    shares = [np.bincount(each, minlength=len(DISPOSITIONS)) for each in (first, second)]
    by_chance = float(shares[0] @ shares[1]) / max(len(first), 1) ** 2
    if len(first) == 0 or by_chance == 1:
        return 1.0, same
    return (float(same.mean()) - by_chance) / (1 - by_chance), same


def _missions_lost(first: HeldOut, second: HeldOut) -> tuple[str, ...]:
    """Each learns from the missions of the stars that it also held out."""
    lost = set(first.missions.tolist()) - set(second.missions.tolist())
    return tuple(str(mission) for number, mission in enumerate(Mission) if number in lost)


def _shared(first: HeldOut, second: HeldOut) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Positions of the signals that both know; a key that stands twice names no signal."""
    _, here, there = np.intersect1d(
        _unique(first.signals), _unique(second.signals), return_indices=True
    )
    return unique_at(first.signals)[here], unique_at(second.signals)[there]


def _unique(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    return keys[unique_at(keys)]


def unique_at(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.intp]:
    """Where those keys stand that stand there once, in the order of the keys."""
    _, at, counts = np.unique(keys, return_index=True, return_counts=True)
    single: npt.NDArray[np.intp] = at[counts == 1]
    return single


def _groups(missions: Integers) -> Iterator[tuple[str, npt.NDArray[np.bool_]]]:
    yield POOLED, np.ones(len(missions), dtype=bool)
    for number, mission in enumerate(Mission):
        if (rows := missions == number).any() and not rows.all():
            yield str(mission), rows


def _figures(
    truth: Integers,
    one: Floats,
    two: Floats,
    star_of: npt.NDArray[np.intp],
    seed: int,
    resamples: int,
) -> list[Figure]:
    answers = [_answers(truth, probabilities) for probabilities in (one, two)]
    measured = [_measure(truth, each, np.ones((1, len(truth)))) for each in answers]
    differences = [
        {name: after[name] - before[name] for name in before}
        for weights in _star_weights(star_of, seed, resamples)
        for before, after in [[_measure(truth, each, weights) for each in answers]]
    ]
    figures = []
    for name, label in LABELS.items():
        drawn = np.concatenate([difference[name] for difference in differences])
        values = [float(figures_of[name][0]) for figures_of in measured]
        if np.isfinite(values).all() and np.isfinite(drawn).any():
            low, high = np.nanquantile(drawn, (0.025, 0.975))
            figures.append(Figure(name, label, values[0], values[1], float(low), float(high)))
    return figures


def _star_weights(star_of: npt.NDArray[np.intp], seed: int, resamples: int) -> Iterator[Floats]:
    """(BATCH, n) at a time: how often each signal's star was drawn."""
    generator = np.random.default_rng(seed)
    _, star = np.unique(star_of, return_inverse=True)
    count = int(star.max()) + 1
    for start in range(0, resamples, BATCH):
        drawn = generator.multinomial(
            count, np.full(count, 1 / count), size=min(BATCH, resamples - start)
        )
        yield drawn[:, star].astype(np.float64)


def _answers(truth: Integers, probabilities: Floats) -> _Answers:
    rows, classes = np.arange(len(truth)), len(DISPOSITIONS)
    said, top = probabilities.argmax(axis=1), probabilities.max(axis=1)
    confusion = np.zeros((len(truth), classes * classes))
    confusion[rows, truth * classes + said] = 1
    bins = np.zeros((len(truth), BINS))
    bins[rows, np.minimum((top * BINS).astype(int), BINS - 1)] = top - (said == truth)
    losses = -np.log(np.clip(probabilities[rows, truth], 1e-12, 1))
    return _Answers(probabilities, confusion, bins, losses)


def measured(truth: Integers, probabilities: Floats) -> dict[str, float]:
    """Every figure of ``LABELS`` for n signals: ``truth`` (n,), ``probabilities`` (n, 3); NaN where
    it is not defined."""
    answers = _answers(truth, probabilities)
    found = _measure(truth, answers, np.ones((1, len(truth))))
    return {name: float(values[0]) for name, values in found.items()}


def _measure(truth: Integers, answers: _Answers, weights: Floats) -> dict[str, Floats]:
    """Every figure for each row of ``weights`` (b, n): shape (b,)."""
    classes, total = len(DISPOSITIONS), weights.sum(axis=1)
    confusion = (weights @ answers.confusion).reshape(-1, classes, classes)
    hits = np.diagonal(confusion, axis1=1, axis2=2)
    actual, said = confusion.sum(axis=2), confusion.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        recall, precision = hits / actual, np.where(said > 0, hits / said, 0)
        f1 = np.where(actual > 0, 2 * hits / (actual + said), np.nan)
        roc, pr = _ranked(truth, answers.probabilities, weights)
    figures = {
        "accuracy": hits.sum(axis=1) / total,
        "macro_f1": np.nanmean(f1, axis=1),
        "roc_auc": roc,
        "pr_auc": pr,
        "log_loss": weights @ answers.losses / total,
        "calibration_error": np.abs(weights @ answers.bins).sum(axis=1) / total,
    }
    figures |= {f"recall_{k}": recall[:, k] for k in range(classes)}
    figures |= {f"f1_{k}": f1[:, k] for k in range(classes)}
    return figures | {
        f"precision_{k}": np.where(actual[:, k] > 0, precision[:, k], np.nan)
        for k in range(classes)
    }


def _ranked(truth: Integers, probabilities: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Weighted ROC-AUC and average precision of the planet score;
    equal scores count as one step."""
    decided = np.flatnonzero(truth != CANDIDATE)
    scores = planet_scores(probabilities)[decided]
    if not len(scores):
        unknown = np.full(len(weights), np.nan)
        return unknown, unknown
    order = np.argsort(-scores, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(scores[order]) != 0])
    ranked = weights[:, decided[order]]
    planet = truth[decided[order]] == CONFIRMED
    hits = np.add.reduceat(ranked * planet, starts, axis=1)
    misses = np.add.reduceat(ranked * ~planet, starts, axis=1)
    above, wrong_above = hits.cumsum(axis=1), misses.cumsum(axis=1)
    positives, negatives = above[:, -1], wrong_above[:, -1]
    roc = 1 - (hits * (wrong_above - misses / 2)).sum(axis=1) / (positives * negatives)
    purity = np.divide(
        above, above + wrong_above, out=np.zeros_like(above), where=above + wrong_above > 0
    )
    return roc, (hits * purity).sum(axis=1) / positives


def _changes(
    first: HeldOut, second: HeldOut, here: npt.NDArray[np.intp], there: npt.NDArray[np.intp]
) -> list[Change]:
    """Of all shared signals, with the disposition that the second version's tables have."""
    one, two = (
        first.probabilities[here].astype(np.float64),
        second.probabilities[there].astype(np.float64),
    )
    before, after = one.argmax(axis=1), two.argmax(axis=1)
    names = tuple(Mission)
    changed = [
        Change(
            int(second.signals[there[k]]),
            str(names[second.missions[there[k]]]),
            str(DISPOSITIONS[second.truth[there[k]]]),
            str(DISPOSITIONS[before[k]]),
            str(DISPOSITIONS[after[k]]),
            float(one[k, before[k]]),
            float(two[k, after[k]]),
        )
        for k in np.flatnonzero(before != after)
    ]
    return sorted(changed, key=lambda change: -change.confidence)
