"""When a signal's next transit comes, and how well that is known.

The error of a period adds up: after N orbits the transit is uncertain by √(σ(T0)² + N² σ(P)²), T0
and P taken as independent (as a linear ephemeris has them around its own epoch; far from it, the
second term is nearly all).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LOST_HOURS: Final = 1.0
"""One sigma beyond which an observation of one transit needs luck: 20 % of TESS's open candidates
are there today."""


@dataclass(frozen=True, eq=False)
class NextTransits:
    """Of n signals, each array (n,), NaN where unknown: ``mid_transit`` in days of the epochs' time
    scale, ``orbits`` since the epoch, ``error`` one sigma in hours."""

    mid_transit: Floats
    orbits: Floats
    error: Floats

    @property
    def lost(self) -> npt.NDArray[np.bool_]:
        """Where the time is uncertain by more than ``LOST_HOURS``; what is unknown is not said to
        be lost."""
        return np.asarray(self.error > LOST_HOURS)


def next_transits(
    epoch: Floats, epoch_error: Floats, period: Floats, period_error: Floats, after: float
) -> NextTransits:
    """The first transits at or after ``after``, which may lie before an epoch, too.

    Everything in days, epochs and ``after`` of one time scale; errors are one sigma, (n,) each.
    """
    period = np.where(period > 0, period, np.nan)
    orbits = np.ceil((after - epoch) / period)
    error = np.hypot(epoch_error, orbits * period_error) * 24
    return NextTransits(epoch + orbits * period, orbits, error)


def lost_from(epoch: Floats, epoch_error: Floats, period: Floats, period_error: Floats) -> Floats:
    """After which day the next transit is ``lost``, in days of the epochs' time scale, (n,): from
    its epoch on where that is uncertain enough; NaN where an error is not known, or is zero."""
    period = np.where(period > 0, period, np.nan)
    period_error = np.where(period_error > 0, period_error, np.nan)
    left = (LOST_HOURS / 24) ** 2 - epoch_error**2
    orbits = np.floor(np.sqrt(np.maximum(left, 0)) / period_error)
    found: Floats = epoch + orbits * period
    return found


def lost_sentence(error: float) -> str:
    """What is said where a transit is ``lost``; ``error`` in hours."""
    amount = f"{error:.1f} h" if error < 48 else f"{error / 24:.0f} d"
    return (
        f"The next transit is uncertain by {amount} (1σ), by the errors of period and epoch: look"
        " for a newer ephemeris before observing it."
    )
