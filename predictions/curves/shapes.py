"""The outcome of a search as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from math import isfinite
from typing import TYPE_CHECKING, Any, TypedDict

from predictions.curves.asking import GivenJson

if TYPE_CHECKING:
    from predictions.curves.services import Answered, Outcome
    from training.ml.curves.measure import Signal


class Measured(TypedDict):
    value: float
    error: float | None


class SignalJson(TypedDict):
    """``period`` in days and ``epoch`` (BJD; in the file's own time where its zero point is not
    known) are null where the period is not known. ``inputs`` is what was classified; ``stated``:
    who gave the period, where it was not searched for."""

    order: int
    period: Measured | None
    epoch: Measured
    duration_hours: Measured
    depth_ppm: Measured
    radius_ratio: Measured
    ingress_share: float
    snr: float
    sde: float
    max_single_event_statistic: float
    max_multiple_event_statistic: float
    transit_count: int
    odd_even: dict[str, float]
    secondary: dict[str, float]
    centroid: dict[str, float] | None
    sine_ratio: float
    vetoes: list[str]
    no_verdict: list[str]
    inputs: dict[str, float | str]
    verdict: dict[str, Any] | None
    stated: GivenJson | None


class OutcomeJson(TypedDict):
    files: list[str]
    star: dict[str, Any]
    star_from: Mapping[str, str]
    curve: dict[str, float | int | None]
    notes: list[str]
    signals: list[SignalJson]
    ended: str


def outcome_json(outcome: Outcome) -> OutcomeJson:
    curve = outcome.curve
    return {
        "files": outcome.files,
        "star": asdict(curve.star),
        "star_from": outcome.star_from,
        "curve": {
            "points": len(curve),
            "span_days": curve.span,
            "minutes_per_point": 1_440 * curve.exposure,
            "time_zero": curve.zero,
        },
        "notes": curve.notes,
        "signals": [_signal_json(answered, curve.zero or 0.0) for answered in outcome.answers],
        "ended": outcome.ended,
    }


def finite(value: Any) -> Any:
    """``value`` as a database keeps it: JSON knows no NaN and no infinity."""
    if isinstance(value, dict):
        return {name: finite(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(one) for one in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def _signal_json(answered: Answered, zero: float) -> SignalJson:
    signal, verdict = answered.signal, answered.verdict
    period: Measured = {"value": signal.period, "error": signal.period_error}
    return {
        "order": signal.order,
        "period": None if signal.unknown else period,
        "epoch": {"value": zero + signal.epoch, "error": signal.epoch_error},
        "duration_hours": {"value": signal.duration_hours, "error": signal.duration_error},
        "depth_ppm": {"value": signal.depth_ppm, "error": signal.depth_error},
        "radius_ratio": {"value": signal.radius_ratio, "error": signal.radius_ratio_error},
        "ingress_share": signal.shape.ingress,
        "snr": signal.snr,
        "sde": signal.sde,
        "max_single_event_statistic": signal.single_event,
        "max_multiple_event_statistic": signal.multiple_event,
        "transit_count": signal.transits,
        "odd_even": _odd_even(signal),
        "secondary": _secondary(signal),
        "centroid": _centroid(signal),
        "sine_ratio": signal.sine_ratio,
        "vetoes": signal.vetoes,
        "no_verdict": answered.why_none,
        "inputs": answered.inputs,
        "verdict": verdict.as_json() if verdict else None,
        "stated": None,
    }


def _odd_even(signal: Signal) -> dict[str, float]:
    return {
        "odd_depth_ppm": signal.depth_odd,
        "even_depth_ppm": signal.depth_even,
        "sigma": signal.odd_even,
    }


def _secondary(signal: Signal) -> dict[str, float]:
    second = signal.secondary
    return {"phase": second.phase, "depth_ppm": 1e6 * second.depth, "sigma": second.sigma}


def _centroid(signal: Signal) -> dict[str, float] | None:
    """Pixels; null where the files do not say where the middle of the light is."""
    found = signal.centroid
    if found is None:
        return None
    return {
        "shift_pixels": found.shift,
        "error_pixels": found.error,
        "sigma": found.sigma,
        "source_pixels": found.source,
    }
