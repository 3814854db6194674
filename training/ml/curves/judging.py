"""When a dip is a signal, when its period is known, and what speaks against a planet: sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from training.ml.curves.vetting import DEPTH_VETO, ODD_EVEN_VETO, SECONDARY_VETO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.ml.curves.measure import Signal

LEAST_SNR: Final = 7.0
LEAST_SDE: Final = 5.5
SHORT_PERIOD: Final = 0.5  # days: below, variable stars and systematics are many
LEAST_SNR_SHORT: Final = 12.0  # of such short periods, and of variable stars
VARIABLE: Final = 3.0  # noise so much redder than white has more outliers than its width tells
LEAST_SNR_FEW: Final = 9.0  # one or two dips, which no periodogram confirms
WHOLE: Final = 0.85  # of the S/N is there in transits that were seen whole, ends of data aside
LONGEST_DUTY: Final = 0.25  # of the period in transit
SINUSOIDAL: Final = 1.0
LEAST_TRANSITS: Final = 3
DOMINATES: Final = 0.8  # strongest single event over all events together
MANY: Final = 5  # transits, of which one may dominate if the others are a signal without it
DISAGREE: Final = 0.25  # share of transits whose depth is off
MULTIPLES: Final = 6  # of a binary's period, at which its own variation makes dips
SAME_PERIOD: Final = 0.003  # relative difference of two periods that are one


def is_alarm(signal: Signal, dip: str = "The strongest dip left") -> str:
    """Why this is no significant signal; "" where it is one. ``dip``: how the sentence begins."""
    few = signal.transits < LEAST_TRANSITS
    snr = min(signal.snr, signal.multiple_event / (1 if few else WHOLE))
    what = f"{dip} (P = {signal.period:.4g} d, S/N {snr:.1f})"
    needed = snr_needed(signal)
    if snr < needed:
        return f"{what} is not significant; S/N {needed:g} is asked for."
    if not few and signal.sde < LEAST_SDE:
        return f"{what} does not stand out of its periodogram (SDE {signal.sde:.1f})."
    if signal.duration_hours / 24 > LONGEST_DUTY * signal.period:
        return f"{what} lasts {signal.duration_hours:.1f} h: too much of its period for a transit."
    if signal.sine_ratio > SINUSOIDAL:
        return f"{what} is as well described by a sinusoid: the star itself varies."
    return ""


def snr_needed(signal: Signal) -> float:
    """The S/N from which on such a dip is significant."""
    if signal.period < SHORT_PERIOD or signal.red > VARIABLE:
        return LEAST_SNR_SHORT
    return LEAST_SNR_FEW if signal.transits < LEAST_TRANSITS else LEAST_SNR


def is_wave(signal: Signal) -> bool:
    """Is it the star's own variation, which lasts longer than a transit or swings?"""
    too_long = signal.duration_hours / 24 > LONGEST_DUTY * signal.period
    return too_long or signal.sine_ratio > SINUSOIDAL


def unknown_because(signal: Signal) -> list[str]:
    """Why the period, and so a verdict, cannot be given."""
    reasons = []
    if signal.transits < LEAST_TRANSITS:
        seen = "one transit was" if signal.transits == 1 else f"{signal.transits} transits were"
        reasons.append(f"The period is not known: {seen} seen, and three are needed.")
    elif signal.single_event > DOMINATES * signal.multiple_event and not _others_suffice(signal):
        reasons.append(
            "The period is not known: one event is nearly all of the signal"
            f" ({signal.single_event:.1f} of {signal.multiple_event:.1f} sigma)."
        )
    elif signal.disagreement > DISAGREE:
        reasons.append(
            "The period is not known: the transits do not agree in depth"
            f" ({signal.disagreement:.0%} of them are off); they may be of several planets, or vary"
            " in time."
        )
    return reasons


def _others_suffice(signal: Signal) -> bool:
    """Are the transits a signal without the strongest one, which a flaw of the light deepened?"""
    number = signal.transits
    if number < MANY:
        return False
    others = signal.multiple_event * math.sqrt(number) - signal.single_event
    return others / math.sqrt(number - 1) >= snr_needed(signal)


def other_eclipse(signal: Signal, earlier: Sequence[Signal]) -> list[str]:
    """Why this is the other eclipse of a signal that was found before, if it is."""
    for one in earlier:
        longer, shorter = max(one.period, signal.period), min(one.period, signal.period)
        ratio = longer / shorter
        most = MULTIPLES if one.vetoes else 2
        if round(ratio) <= most and abs(ratio / round(ratio) - 1) < SAME_PERIOD:
            return [
                f"This has the period of signal {one.order}"
                f"{'' if round(ratio) == 1 else ', or a multiple or part of it'}: its other eclipse"
                " or a remainder of it, no signal of its own."
            ]
    return []


def vetoes_of(signal: Signal) -> list[str]:
    """What the light says against a planet; the classifier's score knows nothing of it."""
    reasons = []
    if signal.odd_even > ODD_EVEN_VETO and signal.transits >= LEAST_TRANSITS:
        twice = "; the period given here is twice the one found" if signal.alternating else ""
        reasons.append(
            f"Odd and even transits differ in depth by {signal.odd_even:.1f} sigma"
            f" ({signal.depth_odd:,.0f} and {signal.depth_even:,.0f} ppm), as in an eclipsing"
            f" binary{twice}."
        )
    second = signal.secondary
    if second.sigma > SECONDARY_VETO and 1e6 * second.depth > signal.planet_light:
        reasons.append(
            f"There is a second dip at phase {second.phase:.2f}, {1e6 * second.depth:,.0f} ppm deep"
            f" ({second.sigma:.1f} sigma): deeper than a planet's own light can make it."
        )
    if signal.shape.depth > DEPTH_VETO:
        reasons.append(
            f"The transit is {100 * signal.shape.depth:.1f} % deep; no planet takes more than"
            f" {100 * DEPTH_VETO:.0f} % of a star's light."
        )
    return reasons
