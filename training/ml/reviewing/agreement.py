"""How far people agree, beyond what chance would bring.

Fleiss 1971, Psychological Bulletin 76, 378; for unequal numbers of people per signal as in Gwet
2014, Handbook of Inter-Rater Reliability, section 2.5. Cohen 1960, Educational and Psychological
Measurement 20, 37.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def fleiss_kappa(counts: npt.NDArray[np.integer]) -> float | None:
    """``counts``: (signals, answers), how many people gave each answer; signals with fewer than two
    are left out. None where nothing is left, or everybody gave one and the same answer."""
    counts = counts[counts.sum(axis=1) >= 2]
    if not len(counts):
        return None
    people = counts.sum(axis=1)
    agreeing = ((counts * (counts - 1)).sum(axis=1) / (people * (people - 1))).mean()
    by_chance = ((counts / people[:, None]).mean(axis=0) ** 2).sum()
    return _beyond_chance(float(agreeing), float(by_chance))


def cohen_kappa(one: Sequence[str], other: Sequence[str]) -> float | None:
    """Of two people's answers to the same signals, in one order. None as above."""
    if not one:
        return None
    first, second = np.array(one), np.array(other)
    names = np.union1d(first, second)
    by_chance = sum(float((first == n).mean() * (second == n).mean()) for n in names)
    return _beyond_chance(float((first == second).mean()), by_chance)


def _beyond_chance(agreeing: float, by_chance: float) -> float | None:
    return None if by_chance >= 1 else (agreeing - by_chance) / (1 - by_chance)
