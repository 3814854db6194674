"""The verdict on a signal as its page shows it: what is stored of the honest answer, and the
reasons of the version itself."""

from __future__ import annotations

from typing import Any

from predictions.catalogue.models import Score, Signal
from predictions.catalogue.scoring import rows_as_answered
from predictions.signals.pages import ShownAnswer
from predictions.signals.services import signal_classify, signal_inputs
from training.ml.errors import ArtifactError
from training.models import ModelVersion


def verdict_shown(signal: Signal, scores: list[Score]) -> ShownAnswer | None:
    """None where no version is in service, or its files cannot be used."""
    try:
        version = ModelVersion.objects.active()
        rows = rows_as_answered(version.classifier, [signal])
    except (ModelVersion.DoesNotExist, ArtifactError):
        return None
    said = signal_classify(rows, version=version, counted=False)
    stored = next((score for score in scores if score.version_id == version.pk), None)
    answer = said.as_json()
    if stored:
        if stored.disposition != answer["disposition"]:
            answer.pop("explanation", None)  # of another disposition than the one that is named
        answer |= _stored(stored)
    return ShownAnswer(answer, signal_inputs(rows), signal.mission, version)


def _stored(score: Score) -> dict[str, Any]:
    """What lists say of the signal, so that its page says the same."""
    return {
        "disposition": score.disposition,
        "probabilities": score.probabilities,
        "planet_score": score.planet_score,
        "open_score": score.open_score,
        "prediction_set": score.set_members,
        "planet_set": score.planet_set_members,
        "out_of_fold": score.basis == Score.Basis.OUT_OF_FOLD,
        "learnt_from": score.basis != Score.Basis.UNSEEN,
    }
