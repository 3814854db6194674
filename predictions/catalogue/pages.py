"""What the pages of the catalogue show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from predictions.catalogue.derived.doubts import doubles_of, radius_doubt
from predictions.catalogue.finding import host_keys, letter_sentence
from predictions.catalogue.links import signal_links, star_links
from predictions.catalogue.models import CatalogueTable, Signal, Star
from predictions.catalogue.others.linking import also_listed
from predictions.catalogue.others.models import OtherSignal
from predictions.catalogue.plots.orbits import orbits_of
from predictions.catalogue.plots.timeline import timeline
from predictions.catalogue.twins.services import twins_of
from predictions.catalogue.verdicts import verdict_of
from predictions.observing.notes import follow_up_value, near_signals, next_transit
from predictions.signals.surroundings import surroundings
from training.figures import measured_text, with_unit
from training.ml.errors import UserError, join_words
from training.ml.numbers import number_text, with_minus
from training.ml.schema import REQUIRED_NAMES
from training.ml.sky.typed import read_typed

AnySignal = Signal | OtherSignal


def signal_context(signal: Signal) -> dict[str, Any]:
    """Everything about one signal."""
    scores = list(signal.scores.select_related("version").defer("version__metadata"))
    changes = list(signal.changes.select_related("table"))
    siblings = list(signal.star.signals.exclude(pk=signal.pk).order_by("period"))
    current = CatalogueTable.objects.current().filter(mission=signal.mission).first()
    verdict = verdict_of(signal, scores)
    score = next((one for one in scores if one.version_id == signal.scored_by_id), None)
    return {
        "signal": signal,
        "shown": verdict.shown,
        "variations": verdict.variations,
        "has_learnt": verdict.has_learnt,
        "score": score,
        "scores": scores,
        "names": other_names(signal),
        "siblings": siblings,
        "also": also_listed(signal),
        "twins": twins_of(signal, siblings),
        "doubles": doubles_of(signal, siblings),
        "radius_doubt": radius_doubt(signal),
        "history": timeline(signal, changes, scores, (current or signal.last_table).as_of),
        # Without period, duration and depth there is nothing to draw.
        "around": surroundings(signal.inputs, signal.name) if is_whole(signal) else None,
        "epoch": epoch_text(signal),
        "place": place_text(signal),
        "current": current,
        "links": signal_links(signal),
        "near": near_signals(signal),
        "next_transit": next_transit(signal, timezone.now()),
        "follow_up": follow_up_value(signal),
    }


def is_whole(signal: AnySignal) -> bool:
    return all(name in signal.inputs for name in REQUIRED_NAMES)


def other_names(signal: AnySignal) -> list[str]:
    names = dict.fromkeys(signal.names.values_list("name", flat=True))
    return [name for name in names if name != signal.name]


def epoch_text(signal: AnySignal) -> str:
    if signal.epoch is None:
        return ""
    text = number_text(round(signal.epoch, 6))
    if signal.epoch_error:
        text = measured_text(signal.epoch, signal.epoch_error)
    return with_unit(text, "BJD")


def place_text(one: AnySignal | Star) -> str:
    if one.ra is None or one.dec is None:
        return ""
    return with_minus(f"{one.ra:.5f}° {one.dec:+.5f}°")


def star_context(star: Star, named: str = "") -> dict[str, Any]:
    """``named``: the planet by whose letter somebody came here."""
    signals = list(star.signals.order_by("period", "name").select_related("star"))
    names = dict.fromkeys(star.names.values_list("name", flat=True))
    listed = star.others.listed().select_related("list", "star", "same_as")
    others = list(listed.order_by("period", "list__name", "name"))
    alone, both = [one for one in others if one.same_as_id is None], (*signals, *others)
    made_up = any(signal.is_simulated for signal in signals)
    return {
        "star": star,
        "is_simulated": made_up,
        "named": _letter_words(star, named),
        "signals": signals,
        "names": [name for name in names if name != star.name],
        "missions": join_words(sorted({signal.mission for signal in signals})),
        "others": others,
        "alone": len(alone),
        "orbits": orbits_of(_once(sorted((*signals, *alone), key=lambda one: one.period or 0))),
        "links": star_links(star, is_simulated=made_up),
        "place": place_text(star),
        "facts": next((one.inputs for one in both if "stellar_teff" in one.inputs), {}),
    }


def _letter_words(star: Star, named: str) -> str:
    """Said only of a planet that could be this star's."""
    try:
        typed = read_typed(named)
    except UserError:
        return ""
    is_host = star.names.filter(key__in=host_keys(typed)).exists()
    return letter_sentence(typed.text) if is_host else ""


def _once(signals: Sequence[AnySignal]) -> list[AnySignal]:
    """Of what two missions have seen of one planet, the first is drawn."""
    kept: list[AnySignal] = []
    for signal in signals:
        last = kept[-1].period if kept else None
        if signal.period and last and signal.period / last - 1 < 1e-3:
            continue
        kept.append(signal)
    return kept
