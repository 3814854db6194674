"""The queue is made anew when tables or the version in service have changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

from predictions.catalogue.derived.deriving import rows_of_signals
from predictions.catalogue.models import CatalogueTable, Score, Signal
from predictions.catalogue.twins.services import twins_listed
from predictions.reviewing.models import FLAGS, ReviewItem, ReviewQueue
from training.ml.errors import ArtifactError
from training.ml.reviewing.suspected_labels import UNLABELLED, Suspicions, suspected_labels
from training.ml.reviewing.worth import Reason, apartness, evenness, unlikeness, worth
from training.ml.schema import Disposition
from training.models import ModelVersion

if TYPE_CHECKING:
    from training.ml.model import ExoplanetClassifier

Floats = npt.NDArray[np.float64]
CHUNK: Final = 2_000
LABELS: Final = {str(Disposition.CONFIRMED): 0, str(Disposition.FALSE_POSITIVE): 1}
"""What can be wrong: a CANDIDATE says that nobody has decided."""
_READ: Final = (
    "signal_id",
    "signal__mission",
    "signal__disposition",
    "planet_score",
    "open_score",
    "p_confirmed",
    "p_false_positive",
    "prediction_set",
    "planet_set",
    "basis",
)
_SENTENCES: Final = 6
"""Of what is unfamiliar, so many are kept for the page."""


@dataclass(frozen=True)
class Scored:
    """What the version in service says of the listed signals, column by column, (n,) each."""

    keys: npt.NDArray[np.int64]
    missions: list[str]
    dispositions: list[str]
    planet_score: Floats
    open_score: Floats
    probabilities: Floats  # (n, 2): of CONFIRMED and FALSE POSITIVE, were it one of them
    sets: list[str]
    planet_sets: list[str]
    honest: npt.NDArray[np.bool_]  # answered by what had not seen the star

    def __len__(self) -> int:
        return len(self.keys)


@dataclass
class Found:
    """Strength of each reason, (n,), NaN where it does not hold, and what it rests on."""

    strengths: dict[Reason, Floats] = field(default_factory=dict)
    facts: dict[int, dict[str, Any]] = field(default_factory=dict)

    def note(self, row: int, reason: Reason, fact: Any) -> None:
        self.facts.setdefault(row, {})[reason.value] = fact


def queue_follow() -> bool:
    """Make the queue anew where it is of another state, and all signals are scored. Returns whether
    it was made."""
    version = ModelVersion.objects.filter(is_active=True).first()
    # An empty catalogue has no queue: the classifier is not loaded for it.
    if version is None or not Signal.objects.exists():
        return False
    kept, _ = ReviewQueue.objects.get_or_create(pk=1)
    if kept.state == _state(version) or Signal.objects.waiting_for(version).exists():
        return False
    return queue_make(version)


def queue_make(version: ModelVersion) -> bool:
    """Put the queue in place of what was there. False, with the reason kept for the page, where the
    version's files cannot be used."""
    state = _state(version)
    try:
        scored, classifier = _scored(version), version.classifier
    except ArtifactError as error:
        ReviewQueue.objects.filter(pk=1).update(reason=error.message)
        return False
    suspicions = _suspicions(scored)
    found = _found(scored, suspicions, version, classifier)
    _store(version, state, scored, suspicions, found)
    return True


def queue_state() -> str:
    version = ModelVersion.objects.filter(is_active=True).only("pk").first()
    return _state(version) if version else ""


def _state(version: ModelVersion) -> str:
    """Version and tables in charge: while they are the same, so is the queue."""
    tables = CatalogueTable.objects.current().order_by("pk").values_list("pk", flat=True)
    return f"version {version.pk}, tables {' '.join(map(str, tables))}"


def _scored(version: ModelVersion) -> Scored:
    scores = Score.objects.filter(version=version, signal__is_listed=True).order_by("signal_id")
    rows = list(scores.values_list(*_READ))
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(_READ)
    named = dict(zip(_READ, columns, strict=True))
    planet = np.column_stack([_floats(named["p_confirmed"]), _floats(named["p_false_positive"])])
    total = planet.sum(axis=1, keepdims=True)
    return Scored(
        keys=np.array(named["signal_id"], dtype=np.int64),
        missions=list(named["signal__mission"]),
        dispositions=list(named["signal__disposition"]),
        planet_score=_floats(named["planet_score"]),
        open_score=_floats(named["open_score"]),
        probabilities=np.divide(planet, total, out=np.full(planet.shape, np.nan), where=total > 0),
        sets=list(named["prediction_set"]),
        planet_sets=list(named["planet_set"]),
        honest=np.array([basis != Score.Basis.STAR_KNOWN for basis in named["basis"]], dtype=bool),
    )


def _floats(values: Any) -> Floats:
    return np.array(values, dtype=np.float64)


# --- Reasons --------------------------------------------------------------------------------------


def _found(
    scored: Scored, suspicions: Suspicions, version: ModelVersion, classifier: ExoplanetClassifier
) -> Found:
    found = Found()
    _add_suspected(found, suspicions)
    _add_conflicts(found, scored)
    _add_versions(found, scored, version)
    _add_unfamiliar(found, scored, classifier)
    _add_several(found, scored)
    return found


def _suspicions(scored: Scored) -> Suspicions:
    labels = np.array([LABELS.get(word, UNLABELLED) for word in scored.dispositions], dtype=int)
    # An answer that may repeat what the version was told about the star finds nothing wrong.
    honest = np.where(scored.honest, labels, UNLABELLED)
    _, missions = np.unique(np.array(scored.missions, dtype=str), return_inverse=True)
    return suspected_labels(honest, scored.probabilities, missions)


def _add_suspected(found: Found, suspicions: Suspicions) -> None:
    rows = suspicions.suspected
    found.strengths[Reason.SUSPECTED_LABEL] = np.where(rows, suspicions.margin, np.nan)
    for row in np.flatnonzero(rows).tolist():
        found.note(row, Reason.SUSPECTED_LABEL, round(float(suspicions.margin[row]), 4))


def _add_conflicts(found: Found, scored: Scored) -> None:
    row_of = {int(key): row for row, key in enumerate(scored.keys)}
    strengths = np.full(len(scored), np.nan)
    for pair in twins_listed(conflicts_only=True):
        for own, other in ((pair.one, pair.other), (pair.other, pair.one)):
            if (row := row_of.get(own.pk)) is not None:
                strengths[row] = 1.0
                twin = {"name": other.name, "slug": other.slug, "mission": other.mission}
                found.facts.setdefault(row, {}).setdefault(Reason.CONFLICT.value, []).append(twin)
    found.strengths[Reason.CONFLICT] = strengths


def _add_versions(found: Found, scored: Scored, version: ModelVersion) -> None:
    others = Score.objects.exclude(version=version).filter(signal__is_listed=True).order_by()
    ends = others.values("signal_id").annotate(low=Min("planet_score"), high=Max("planet_score"))
    of_signal = {one["signal_id"]: (one["low"], one["high"]) for one in ends}
    pairs = [of_signal.get(int(key), (None, None)) for key in scored.keys]
    low, high = _floats([pair[0] for pair in pairs]), _floats([pair[1] for pair in pairs])
    strengths = apartness(scored.planet_score, low, high)
    found.strengths[Reason.VERSIONS] = strengths
    for row in np.flatnonzero(~np.isnan(strengths)).tolist():
        found.note(row, Reason.VERSIONS, [round(float(low[row]), 4), round(float(high[row]), 4)])


def _add_unfamiliar(found: Found, scored: Scored, classifier: ExoplanetClassifier) -> None:
    counts = np.zeros(len(scored), dtype=np.intp)
    for row, sentences in enumerate(_unfamiliar(scored, classifier)):
        counts[row] = len(sentences)
        if sentences:
            found.note(row, Reason.UNFAMILIAR, sentences[:_SENTENCES])
    found.strengths[Reason.UNFAMILIAR] = unlikeness(counts)


def _unfamiliar(scored: Scored, classifier: ExoplanetClassifier) -> Iterator[list[str]]:
    for first in range(0, len(scored), CHUNK):
        keys = scored.keys[first : first + CHUNK].tolist()
        signals = Signal.objects.only("pk", "mission", "inputs").in_bulk(keys)
        yield from classifier.unfamiliar(rows_of_signals([signals[key] for key in keys]))


def _add_several(found: Found, scored: Scored) -> None:
    """Sets with several members, of dispositions or of the answers for open signals."""
    is_open = np.array([word not in LABELS for word in scored.dispositions], dtype=bool)
    sets = zip(is_open.tolist(), scored.sets, scored.planet_sets, strict=True)
    several = [
        "|" in members or (one_is_open and "|" in planet_set)
        for one_is_open, members, planet_set in sets
    ]
    scores = np.where(is_open, scored.open_score, scored.planet_score)
    strengths = np.nan_to_num(evenness(scores))
    found.strengths[Reason.SEVERAL] = np.where(several, strengths, np.nan)


# --- Keeping --------------------------------------------------------------------------------------


@transaction.atomic
def _store(
    version: ModelVersion, state: str, scored: Scored, suspicions: Suspicions, found: Found
) -> None:
    """Readers see the old queue until the new one is whole; makers wait for each other."""
    ReviewQueue.objects.get_or_create(pk=1)
    ReviewQueue.objects.select_for_update().get(pk=1)
    ReviewItem.objects.all().delete()
    ReviewItem.objects.bulk_create(_items(scored, found), batch_size=CHUNK)
    ReviewQueue.objects.filter(pk=1).update(
        state=state,
        version=version,
        made_at=timezone.now(),
        signals=len(scored),
        labelled=int(np.count_nonzero(~np.isnan(suspicions.margin))),
        reason="",
    )


def _items(scored: Scored, found: Found) -> Iterator[ReviewItem]:
    worths = worth(found.strengths)
    holds = {FLAGS[reason]: ~np.isnan(s) for reason, s in found.strengths.items()}
    for row in np.flatnonzero(~np.isnan(worths)).tolist():
        yield ReviewItem(
            signal_id=int(scored.keys[row]),
            mission=scored.missions[row],
            worth=float(worths[row]),
            facts=found.facts.get(row, {}),
            **{flag: bool(mask[row]) for flag, mask in holds.items()},
        )
