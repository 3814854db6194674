"""Scores are kept as they stood before a decision, and judged by it."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from django.db.models import Max

from predictions.catalogue.foresight.models import Foresight, ProspectiveCard
from predictions.catalogue.foresight.shapes import ProspectiveFiguresJson
from predictions.catalogue.models import (
    DECIDED,
    MISSIONS,
    OPEN,
    CatalogueTable,
    DispositionChange,
    Score,
    ScoreFields,
)
from predictions.signals.words import PLANET_SET
from training.ml.errors import ArtifactError
from training.ml.libraries import pandas as pd
from training.ml.schema import DISPOSITIONS, Disposition
from training.models import ModelVersion

if TYPE_CHECKING:
    from training.ml.answers import Predictions

POOLED: Final = "pooled"
SEED: Final = 0
_FACTS: Final = tuple(field.attname for field in ScoreFields._meta.concrete_fields)


# --- Keeping --------------------------------------------------------------------------------------


def foresights_keep(table: CatalogueTable) -> int:
    """Of every signal that ``table`` decides, what each version had said. Returns how many. What a
    simulated table decides tells nothing of a version.
    """
    if table.dataset.is_simulated:
        return 0
    decisions = table.changes.filter(
        kind=DispositionChange.Kind.CHANGED, old__in=OPEN, new__in=[str(d) for d in DECIDED]
    )
    change_of = dict(decisions.values_list("signal_id", "pk"))
    scores = Score.objects.filter(signal__in=decisions.values("signal"), planet_score__isnull=False)
    kept = [
        Foresight(
            change_id=change_of[score.signal_id],
            **{name: getattr(score, name) for name in _FACTS},
        )
        for score in scores
    ]
    return len(Foresight.objects.bulk_create(kept))


# --- Judging --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Decision:
    """What a version had said of a signal, and what became of it."""

    said: Foresight
    mission: str
    star: int
    became: str
    day: date


def known_until(version: ModelVersion, mission: str) -> date:
    """The last day of which the version may know decisions of a mission: of its tables, or of its
    making where a table says no day."""
    tables = version.metadata.get("tables", [])
    days = [table.get("date", "") for table in tables if table.get("mission") == mission]
    days = days or [table.get("date", "") for table in tables]
    if not days or not all(days):
        return version.created_at.date()
    return max(_last_day(day) for day in days)


def _last_day(text: str) -> date:
    """Of a day, or of a month."""
    year, month, *day = (int(part) for part in text.split("-"))
    return date(year, month, day[0] if day else monthrange(year, month)[1])


def decisions_since(version: ModelVersion) -> list[Decision]:
    """Per signal the latest: decided by a table that is younger than those of the version, decided
    still, and nothing that the version had learnt as decided: a catalogue that was behind hears
    late of what its version knew.

    Raises ``ArtifactError`` where the version's files cannot be used.
    """
    latest: dict[int, Decision] = {}
    until = {mission: known_until(version, mission) for mission, _ in MISSIONS}
    for said in _foresights(version):
        change = said.change
        mission, day = change.table.mission, change.table.as_of
        if day > until[mission] and change.signal.disposition in DECIDED:
            signal = change.signal
            latest[signal.pk] = Decision(said, mission, signal.star_id, signal.disposition, day)
    return _not_known(version, list(latest.values()))


def _not_known(version: ModelVersion, decisions: list[Decision]) -> list[Decision]:
    if not decisions:
        return []
    names = [f"{one.mission} {one.said.change.signal.listed_name}" for one in decisions]
    learnt = version.classifier.held_out.learnt_as(pd.Series(names, dtype="str"))
    is_open = DISPOSITIONS.index(Disposition.CANDIDATE)
    unknown = (learnt == is_open) | (learnt < 0)
    return [one for one, counts in zip(decisions, unknown, strict=True) if counts]


def _foresights(version: ModelVersion) -> Iterator[Foresight]:
    found = Foresight.objects.filter(version=version).select_related(
        "change__table", "change__signal"
    )
    return found.defer("change__signal__inputs").order_by("change").iterator()


def cards_are_stale() -> bool:
    return bool(_stale(_state()))


def cards_update() -> int:
    """Count anew what each version's foresight was worth, where a table has come since."""
    state = _state()
    versions = ModelVersion.objects.filter(pk__in=_stale(state))
    for version in versions:
        facts = {"state": state, "missions": _missions(version)}
        ProspectiveCard.objects.update_or_create(version=version, defaults=facts)
    return len(versions)


def _missions(version: ModelVersion) -> dict[str, ProspectiveFiguresJson]:
    try:
        return figures_by_mission(decisions_since(version))
    except ArtifactError:  # what it has learnt from cannot be asked, and it serves nobody
        return {}


def _state() -> int:
    ready = CatalogueTable.objects.filter(status=CatalogueTable.Status.READY)
    return ready.aggregate(newest=Max("pk"))["newest"] or 0


def _stale(state: int) -> list[int]:
    fresh = ProspectiveCard.objects.filter(state=state).values("version")
    said = Foresight.objects.exclude(version__in=fresh).order_by()
    return list(said.values_list("version", flat=True).distinct())


def figures_by_mission(
    decisions: Sequence[Decision],
) -> dict[str, ProspectiveFiguresJson]:
    if not decisions:
        return {}
    missions = {mission: _of_mission(decisions, mission) for mission, _ in MISSIONS}
    found = {mission: figures(some) for mission, some in missions.items() if some}
    return {POOLED: figures(decisions), **found}


def _of_mission(decisions: Sequence[Decision], mission: str) -> list[Decision]:
    return [one for one in decisions if one.mission == mission]


def figures(decisions: Sequence[Decision]) -> ProspectiveFiguresJson:
    """The same figures as of a backtest, of what this site itself had said."""
    from training.ml.evaluation.backtest import decided_figures

    number = {str(disposition): k for k, disposition in enumerate(DISPOSITIONS)}
    truth = np.array([number[one.became] for one in decisions], dtype=np.int8)
    stars = np.array([one.star for one in decisions], dtype=np.intp)
    found = decided_figures(truth, _answers(decisions), stars, SEED)
    days = [one.day for one in decisions]
    return {
        "decided": found["decided"],
        "confirmed": found["confirmed"],
        "false_positive": found["false_positive"],
        "stars": len(set(stars.tolist())),
        "accuracy": found["accuracy_by_score"],
        "roc_auc": found["roc_auc"],
        "roc_auc_interval": found["roc_auc_interval"],
        "coverage": found["prediction_sets"]["coverage"],
        "open_roc_auc": found["open"]["roc_auc"],
        "open_coverage": found["open"]["covered"],
        "since": min(days).isoformat(),
        "until": max(days).isoformat(),
    }


def _answers(decisions: Sequence[Decision]) -> Predictions:
    """What was said, as a classifier says it."""
    from training.ml.answers import Predictions

    said = [one.said for one in decisions]
    probabilities = np.array([list(one.probabilities.values()) for one in said])
    return Predictions(
        probabilities=probabilities,
        prediction_sets=_mask([one.set_members for one in said], DISPOSITIONS),
        raw_scores=probabilities,
        open_score=np.array([_open_score(one) for one in said]),
        planet_sets=_mask([one.planet_set_members for one in said], PLANET_SET),
        out_of_fold=np.ones(len(said), dtype=bool),
    )


def _open_score(said: Foresight) -> float:
    score = said.planet_score if said.open_score is None else said.open_score
    return float(score or 0.0)


def _mask(members: Sequence[Sequence[str]], names: Sequence[Any]) -> np.ndarray[Any, Any]:
    return np.array([[str(name) in some for name in names] for some in members], dtype=bool)
