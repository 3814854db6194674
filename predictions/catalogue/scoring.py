"""What the version in service says about every signal of the catalogue, honestly: a signal that it
learnt from gets the answer from when it had not seen the signal's star."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from predictions.answers import JOINT, pattern_names
from predictions.catalogue.derived.deriving import derived_make, rows_of_signals, values_of
from predictions.catalogue.following import catalogue_changed
from predictions.catalogue.models import Score, Signal
from predictions.catalogue.others.models import OtherScore, OtherSignal, known_as
from predictions.signals.words import PLANET_SET
from training.ml.libraries import pandas as pd
from training.ml.numbers import finite_or_none
from training.ml.schema import DISPOSITIONS, EPOCH_ZERO
from training.ml.signal_rows import SignalRows, rows_of
from training.ml.sky.ephemerides import Ephemerides
from training.ml.sky.stars import hash_stars
from training.models import ModelVersion

if TYPE_CHECKING:
    from training.ml.answers import Predictions
    from training.ml.model import ExoplanetClassifier

CHUNK: Final = 5_000
_COPIED: Final = ("planet_score", "open_score", "basis")
_READ: Final = (
    "pk",
    "mission",
    "listed_name",
    "star_key",
    "ra",
    "dec",
    "epoch",
    "period",
    "duration",
    "depth",
    "inputs",
)

_READ_OF_SAME: Final = tuple(f"same_as__{name}" for name in ("mission", "listed_name", "star_key"))

AnySignal = Signal | OtherSignal
Floats = npt.NDArray[np.float64]


def scores_make(progress: Callable[[int], None] = lambda done: None) -> int:
    """Score what the version in service has not scored as it is now. Returns how many signals.

    A chunk is stored whole: who comes second finds it done. What a score is multiplied by is made
    before.
    """
    derived_make()
    version = ModelVersion.objects.filter(is_active=True).first()
    if version is None:
        return 0
    done = 0
    for rows in _waiting(version):
        _store(version, rows, _scores(version.classifier, rows))
        done += len(rows)
        progress(done)
    if done:
        catalogue_changed.send(sender=Score)
    return done


def _waiting(version: ModelVersion) -> Iterator[Sequence[Signal] | Sequence[OtherSignal]]:
    """Of the missions first, then of other lists; each chunk is looked for when it is asked for."""
    while rows := list(Signal.objects.waiting_for(version).order_by("pk").only(*_READ)[:CHUNK]):
        yield rows
    others = OtherSignal.objects.waiting_for(version).order_by("pk").select_related("same_as")
    while found := list(others.only(*_READ, *_READ_OF_SAME)[:CHUNK]):
        yield found


def _scores(classifier: ExoplanetClassifier, signals: Sequence[AnySignal]) -> list[dict[str, Any]]:
    """The columns of a ``Score`` per signal."""
    answers = classifier.predict(rows_as_answered(classifier, signals))
    known_by = [known_as(one) for one in signals]
    names = pd.Series([name for name, _ in known_by], dtype="str")
    keys = pd.Series([star or None for _, star in known_by], dtype="str")
    answers = classifier.held_out.put_named(answers, names, keys.fillna(""))
    known = classifier.held_out.has_star(keys, _column(signals, "ra"), _column(signals, "dec"))
    return _columns(answers, known)


def rows_as_answered(classifier: ExoplanetClassifier, signals: Sequence[AnySignal]) -> SignalRows:
    """Their inputs with what the signals that the version learnt from say about neighbours."""
    frame = rows_of_signals(signals).frame()
    return rows_of(classifier.with_neighbours(frame, _ephemerides(signals)))


def _columns(answers: Predictions, known: npt.NDArray[np.bool_]) -> list[dict[str, Any]]:
    basis = np.where(known, Score.Basis.STAR_KNOWN.value, Score.Basis.UNSEEN.value)
    basis = np.where(answers.out_of_fold, Score.Basis.OUT_OF_FOLD.value, basis)
    sets = pattern_names(answers.prediction_sets, DISPOSITIONS)
    planet_sets = pattern_names(answers.planet_sets, PLANET_SET)
    return [
        {
            "planet_score": finite_or_none(score),
            "open_score": finite_or_none(open_score),
            **dict(zip(("p_confirmed", "p_candidate", "p_false_positive"), three, strict=True)),
            "prediction_set": JOINT.join(members),
            "planet_set": JOINT.join(planet_members),
            "basis": why,
        }
        for score, open_score, three, members, planet_members, why in zip(
            answers.planet_score.tolist(),
            answers.open_score.tolist(),
            answers.probabilities.tolist(),
            sets,
            planet_sets,
            basis.tolist(),
            strict=True,
        )
    ]


def _ephemerides(signals: Sequence[AnySignal]) -> Ephemerides:
    ra, dec, period, epoch, duration, depth = (
        _column(signals, name) for name in ("ra", "dec", "period", "epoch", "duration", "depth")
    )
    stars = hash_stars([one.star_key or None for one in signals])
    return Ephemerides.of(ra, dec, period, epoch - EPOCH_ZERO, duration, depth, stars)


def _column(signals: Sequence[AnySignal], name: str) -> Floats:
    return np.array([getattr(one, name) for one in signals], dtype=np.float64)


@transaction.atomic
def _store(
    version: ModelVersion, signals: Sequence[AnySignal], scores: Sequence[dict[str, Any]]
) -> None:
    of, kept = _tables_of(signals[0])
    now = timezone.now()
    kept.objects.bulk_create(
        [
            kept(signal=signal, version=version, made_at=now, **score)
            for signal, score in zip(signals, scores, strict=True)
        ],
        update_conflicts=True,
        unique_fields=("signal", "version"),
        update_fields=[*scores[0], "made_at"],
    )
    theirs = kept.objects.filter(signal=OuterRef("pk"), version=version)
    first, last = signals[0].pk, signals[-1].pk
    copied = {name: Subquery(theirs.values(name)) for name in _COPIED}
    of.objects.waiting_for(version).filter(pk__range=(first, last)).update(
        scored_by=version, **copied, **values_of(copied["open_score"])
    )


def _tables_of(signal: AnySignal) -> tuple[Any, Any]:
    """Where such signals and their scores stand."""
    return (OtherSignal, OtherScore) if isinstance(signal, OtherSignal) else (Signal, Score)
