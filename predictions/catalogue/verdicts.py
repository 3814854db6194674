"""The verdict on a signal as its page shows it: what is stored of the honest answer, and the
reasons of the version itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from predictions.catalogue.models import Score, ScoreFields, Signal
from predictions.catalogue.others.models import OtherSignal
from predictions.catalogue.scoring import rows_as_answered
from predictions.signals.pages import ShownAnswer
from predictions.signals.services import signal_classify, signal_inputs
from predictions.signals.variations import Variations, vary
from training.ml.errors import ArtifactError
from training.models import ModelVersion


@dataclass(frozen=True)
class Verdict:
    """``variations``: how firm the version's own answer is, which may have learnt from the signal
    (``has_learnt``) where the one that is shown has not."""

    shown: ShownAnswer | None = None
    variations: Variations | None = None
    has_learnt: bool = False


def verdict_of(signal: Signal | OtherSignal, scores: Sequence[ScoreFields]) -> Verdict:
    """Nothing where no version is in service, or its files cannot be used."""
    try:
        version = ModelVersion.objects.active()
        rows = rows_as_answered(version.classifier, [signal])
    except (ModelVersion.DoesNotExist, ArtifactError):
        return Verdict()
    said = signal_classify(rows, version=version, counted=False)
    stored = next((score for score in scores if score.version_id == version.pk), None)
    answer = said.as_json()
    variations = vary(version.classifier, rows, str(answer["disposition"]))
    if stored:
        if stored.disposition != answer["disposition"]:
            answer.pop("explanation", None)  # of another disposition than the one that is named
        answer |= _stored(stored)
    shown = ShownAnswer(answer, signal_inputs(rows), signal.mission, version)
    return Verdict(shown, variations, bool(stored and stored.basis != Score.Basis.UNSEEN))


def _stored(score: ScoreFields) -> dict[str, Any]:
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
