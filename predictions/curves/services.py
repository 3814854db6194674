"""From files of one star to its signals, each with a verdict of the version in service or the
reason why there is none."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from predictions.curves.asking import Asked
from predictions.curves.known_stars import star_sources, with_catalogue
from predictions.signals.services import Verdict, signal_classify
from training.ml.curves.curve import LightCurve
from training.ml.curves.find import Found, find_signals
from training.ml.curves.handover import signal_inputs, star_lacks
from training.ml.curves.measure import Signal
from training.ml.curves.read import Reading, read_curve
from training.ml.curves.stars import with_overrides
from training.ml.curves.stating import Stated, measure_stated
from training.ml.inputs import parse_signal
from training.ml.schema import EPOCH_ZERO, Mission
from training.ml.sky.place import Place

if TYPE_CHECKING:
    from training.models import ModelVersion


@dataclass(frozen=True)
class Answered:
    """One signal; ``inputs``: the row that was classified; ``why_none``: why there is no verdict,
    in sentences."""

    signal: Signal
    inputs: dict[str, float | str]
    verdict: Verdict | None
    why_none: list[str]


@dataclass(frozen=True)
class Outcome:
    """What came of the files. ``ended``: why the search looked no further; ``star_from``: where
    each fact of the star is from."""

    files: list[str]
    curve: LightCurve
    answers: list[Answered]
    ended: str
    star_from: Mapping[str, str]


def curve_classify(
    sources: Sequence[tuple[str, Path | BinaryIO]],
    *,
    reading: Reading,
    stated: Mapping[str, object],
    version: ModelVersion | None,
    judged: bool = True,
    at: Stated | None = None,
) -> Outcome:
    """Search the files of one star. ``stated``: facts of the star that go before the files' own,
    which go before the catalogue's;
    ``judged=False`` measures only; ``at``: a period that is measured instead of a search, its epoch
    as a Julian date where the curve has any.

    Raises ``CurveError`` for files that cannot be used, and ``ModelVersion.DoesNotExist`` where no
    version is in service.
    """
    curve = read_curve(sources, reading)
    told = _said(asdict(curve.star))
    asked = Asked(reading, _said(stated))
    asked = with_catalogue(told, asked) if judged else asked
    curve = with_star(curve, reading.mission, asked.star)
    found = _measured(curve, at) if at else find_signals(curve)
    answers, ended = curve_answer(curve, found, version=version, judged=judged)
    sources_of = star_sources(asdict(curve.star), told, asked.known)
    return Outcome([name for name, _ in sources], curve, answers, ended, sources_of)


def _said(facts: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in facts.items() if value not in (None, "")}


def _measured(curve: LightCurve, at: Stated) -> Found:
    epoch = None if at.epoch is None else at.epoch - (curve.zero or 0.0)
    return measure_stated(curve, [replace(at, epoch=epoch)])


def with_star(
    curve: LightCurve, mission: Mission | None, stated: Mapping[str, object]
) -> LightCurve:
    """``curve`` with what a person states of its star."""
    return replace(curve, star=with_overrides(curve.star, mission=mission, **stated))


def curve_answer(
    curve: LightCurve, found: Found, *, version: ModelVersion | None, judged: bool = True
) -> tuple[list[Answered], str]:
    """What the version says about each signal that was found, and why no more was looked for."""
    answers = [
        _answered(signal, found.accepted, curve, version, judged) for signal in found.signals
    ]
    return answers, found.ended


def _answered(
    signal: Signal,
    accepted: Sequence[Signal],
    curve: LightCurve,
    version: ModelVersion | None,
    judged: bool,
) -> Answered:
    if signal.unknown:
        return Answered(signal, {}, None, signal.unknown)
    inputs = signal_inputs(signal, accepted, curve.star)
    if not judged:
        return Answered(signal, inputs, None, ["No verdict was asked for."])
    if lacking := star_lacks(curve.star):
        return Answered(signal, inputs, None, lacking)
    verdict = signal_classify(
        parse_signal(inputs),
        version=version,
        identifier=curve.star.name,
        place=_place(signal, curve),
    )
    return Answered(signal, inputs, verdict, [])


def _place(signal: Signal, curve: LightCurve) -> Place:
    star = curve.star
    epoch = math.nan if curve.zero is None else signal.epoch + curve.zero - EPOCH_ZERO
    return Place(
        ra=math.nan if star.ra is None else star.ra,
        dec=math.nan if star.dec is None else star.dec,
        epoch=epoch,
    )
