"""The outcome of a search in words, for people at a terminal."""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING, Final

from training.ml.errors import join_words
from training.ml.schema import DISPOSITIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from predictions.curves.services import Answered, Outcome
    from predictions.signals.services import Verdict
    from training.ml.curves.curve import Star
    from training.ml.curves.measure import Signal

NOT_SEEN = (
    "A light curve alone cannot show whether the light of a neighbouring star is what varies; that"
    " takes the pixels."
)


_ON_PAGES: Final = {
    "with --teff": "under “The star”",
    "with --radius": "under “The star”",
    "with --time-column": "as “Column of the time”",
    "with --flux-column": "as “Column of the flux”",
    "state it with --time-zero": "state it as “Times count from”",
    "--time-zero": "“Times count from”",
}


def on_pages(sentence: str) -> str:
    """A sentence that names options of the command, for those who have a form instead."""
    for option, field in _ON_PAGES.items():
        sentence = sentence.replace(option, field)
    return sentence


def outcome_words(outcome: Outcome) -> Iterator[str]:
    """Line by line."""
    curve = outcome.curve
    yield _star_words(curve.star)
    if known := [name for name, source in outcome.star_from.items() if source == "catalogue"]:
        yield f"From the catalogue: {', '.join(known)}."
    files = f"{len(outcome.files)} file{'s' if len(outcome.files) > 1 else ''}"
    minutes = f"{1_440 * curve.exposure:.1f} min each"
    yield f"{len(curve):,} points over {curve.span:.1f} d, {minutes}, from {files}."
    yield from curve.notes
    for answered in outcome.answers:
        yield ""
        yield from _signal_words(answered, curve.zero)
    yield ""
    if not outcome.answers:
        yield "No significant transit signal."
    yield outcome.ended
    if outcome.answers:
        yield NOT_SEEN


def _star_words(star: Star) -> str:
    facts = [
        f"{label} {value:g}{unit}"
        for label, value, unit in (
            ("Teff", star.teff, " K"),
            ("radius", star.radius, " R☉"),
            ("log g", star.logg, ""),
            ("magnitude", star.magnitude, ""),
        )
        if value is not None
    ]
    name = star.name or "A star without a name"
    mission = f" ({star.mission})" if star.mission else ", mission not known"
    return f"{name}{mission}: {', '.join(facts) or 'nothing is known of the star'}."


def _signal_words(answered: Answered, zero: float | None) -> Iterator[str]:
    signal = answered.signal
    yield f"Signal {signal.order}: {_headline(signal)}"
    when = "in the file's time" if zero is None else "BJD"
    epoch = signal.epoch + (zero or 0.0)
    if not signal.unknown:
        yield f"  period       {with_error(signal.period, signal.period_error)} d"
    yield f"  mid-transit  {with_error(epoch, signal.epoch_error)} {when}"
    yield f"  duration     {with_error(signal.duration_hours, signal.duration_error)} h"
    yield f"  depth        {with_error(signal.depth_ppm, signal.depth_error)} ppm"
    yield f"  Rp/Rs        {with_error(signal.radius_ratio, signal.radius_ratio_error)}"
    yield f"  S/N          {signal.snr:.1f} in {signal.transits} transits, SDE {signal.sde:.1f}"
    yield f"  odd–even     {signal.odd_even:.1f} sigma"
    second = signal.secondary
    yield f"  second dip   {second.sigma:.1f} sigma at phase {second.phase:.2f}"
    if signal.centroid:
        moved = signal.centroid
        yield (
            f"  centroid     moves {1e3 * moved.shift:.2f} ± {1e3 * moved.error:.2f} millipixels"
            f" ({moved.sigma:.1f} sigma): the source would stand {moved.source:.2f} pixels away"
        )
    yield from (f"  Against a planet: {veto}" for veto in signal.vetoes)
    yield from (f"  No verdict: {reason}" for reason in answered.why_none)
    if answered.verdict:
        yield from _verdict_words(answered.verdict)


def _headline(signal: Signal) -> str:
    if signal.unknown:
        return "a dip whose period is not known."
    return f"a dip every {signal.period:.5g} d."


def _verdict_words(verdict: Verdict) -> Iterator[str]:
    shares = ", ".join(f"{d} {verdict.probabilities[d]:.0%}" for d in DISPOSITIONS)
    yield f"  Verdict      {verdict.disposition} ({shares}) by {verdict.model_version}"
    if verdict.explanation:
        yield from (f"    {sentence}" for sentence in verdict.explanation.sentences)
    if verdict.warnings:
        yield f"    {' '.join(verdict.warnings)}"
    if verdict.learnt_from and not verdict.out_of_fold:
        yield "    This version has learnt from this star: its answer is no test."
    named = join_words([str(disposition) for disposition in verdict.prediction_set], "or")
    yield f"    Not ruled out: {named}."


def with_error(value: float, error: float) -> str:
    """The value to the second digit of its uncertainty: "3.28872 ± 0.00012"."""
    if not error > 0:
        return f"{value:.6g}"
    digits = max(0, 1 - floor(log10(error)))
    return f"{value:,.{digits}f} ± {error:,.{digits}f}"
