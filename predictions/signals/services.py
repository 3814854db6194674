"""Steps of classifying one signal that the pages, the API and the command line share."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User

from predictions.signals.counting import prediction_count
from predictions.signals.known import learnt_from
from predictions.signals.models import Prediction
from predictions.signals.words import PLANET_SET, AbsentGroup, Help, absent_groups, most_helpful
from training.ml.inputs import parse_signal
from training.ml.numbers import finite_or_none
from training.ml.schema import DISPOSITIONS, FEATURE_BY_NAME, FEATURE_NAMES, Disposition
from training.models import ModelVersion
from training.versions.drift import inputs_count

if TYPE_CHECKING:
    from training.ml.answers import Predictions
    from training.ml.explanations.explanation import Explanation
    from training.ml.model import ExoplanetClassifier
    from training.ml.signal_rows import SignalRows
    from training.ml.sky.place import Place


@dataclass(frozen=True)
class Verdict:
    """What the site says about one signal."""

    disposition: Disposition
    probabilities: dict[Disposition, float]
    planet_score: float | None
    prediction_set: list[Disposition]
    explanation: Explanation | None
    missing: list[str]
    absent_groups: list[AbsentGroup]
    warnings: list[str]
    open_score: float | None
    planet_set: list[str]
    learnt_from: bool
    out_of_fold: bool
    helpful: list[Help]
    version: ModelVersion
    rows: SignalRows
    """The signal as it was answered: with what its place told."""
    told: list[str]
    """Names of the inputs that its place told."""

    @property
    def model_version(self) -> str:
        return self.version.name

    def as_json(self) -> dict[str, Any]:
        """The answer of the API, and what a prediction stores; without an explanation the key is
        left out."""
        answer: dict[str, Any] = {
            "disposition": str(self.disposition),
            "probabilities": {str(disposition): p for disposition, p in self.probabilities.items()},
            "planet_score": self.planet_score,
            "prediction_set": [str(disposition) for disposition in self.prediction_set],
            "missing": self.missing,
            "absent_groups": [absent.as_json() for absent in self.absent_groups],
            "warnings": self.warnings,
            "model_version": self.model_version,
            "open_score": self.open_score,
            "planet_set": self.planet_set,
            "learnt_from": self.learnt_from,
            "out_of_fold": self.out_of_fold,
            "helpful": [help_.as_json() for help_ in self.helpful],
        }
        if self.explanation is not None:
            answer["explanation"] = self.explanation.as_json()
        return answer


def signal_classify(
    signal: SignalRows,
    *,
    version: ModelVersion | None = None,
    explain: bool = True,
    identifier: str = "",
    place: Place | None = None,
    counted: bool = True,
) -> Verdict:
    """The verdict on one harmonised signal, by ``version`` or by the one in service.

    ``identifier`` changes nothing of the answer: it tells whether the version has learnt from this
    star, as ``place`` does. From ``place`` the star's surroundings are looked up besides.

    ``counted=False`` for what nobody asks about a real signal.

    Raises ``ModelVersion.DoesNotExist`` where none is in service.
    """
    version = version or ModelVersion.objects.serving()
    classifier = version.classifier
    stated, signal = signal, place.filled(signal, classifier.ephemerides) if place else signal
    answer, explanation = _answer(classifier, signal, explain)
    if counted:
        inputs_count(version, signal)
        prediction_count(str(answer.dispositions[0]), version.name)
    missing, mission = classifier.missing(signal)[0], str(signal["mission"][0])
    metrics = classifier.metadata.get("metrics", {})
    out_of_fold = bool(answer.out_of_fold[0])
    return Verdict(
        disposition=answer.dispositions[0],
        probabilities={
            d: float(p) for d, p in zip(DISPOSITIONS, answer.probabilities[0], strict=True)
        },
        planet_score=finite_or_none(answer.planet_score[0]),
        prediction_set=list(compress(DISPOSITIONS, answer.prediction_sets[0])),
        explanation=explanation,
        missing=missing,
        absent_groups=absent_groups(missing, mission, metrics),
        warnings=[*classifier.warnings(signal)[0], *(place.warnings if place else ())],
        version=version,
        open_score=finite_or_none(answer.open_score[0]),
        planet_set=list(compress(PLANET_SET, answer.planet_sets[0])),
        learnt_from=out_of_fold or learnt_from(classifier.held_out, identifier, place),
        out_of_fold=out_of_fold,
        helpful=most_helpful(missing, mission, metrics),
        rows=signal,
        told=sorted(set(signal_inputs(signal)) - set(signal_inputs(stated))) if place else [],
    )


def _answer(
    classifier: ExoplanetClassifier, signal: SignalRows, explain: bool
) -> tuple[Predictions, Explanation | None]:
    if not explain:
        return classifier.predict(signal), None
    from training.ml.explanations.explain import (
        answer_and_explain,
    )  # not needed by whoever asks for no explanation

    return answer_and_explain(classifier, signal)


def prediction_create(
    *,
    user: User,
    raw: Collection[str],
    verdict: Verdict,
    identifier: str = "",
    note: str = "",
) -> Prediction:
    """Keep a verdict. ``raw`` says which inputs the person gave, as opposed to what the schema's
    rules added; what the signal's place told is kept with them, for it is part of what was
    answered."""
    return Prediction.objects.create(
        owner=user,
        version=verdict.version,
        identifier=identifier,
        note=note,
        mission=str(verdict.rows["mission"][0]),
        inputs=signal_inputs(verdict.rows, [*raw, *verdict.told]),
        answer=verdict.as_json(),
        disposition=str(verdict.disposition),
        p_confirmed=verdict.probabilities[Disposition.CONFIRMED],
        p_candidate=verdict.probabilities[Disposition.CANDIDATE],
        p_false_positive=verdict.probabilities[Disposition.FALSE_POSITIVE],
        planet_score=verdict.planet_score,
    )


def prediction_rows(prediction: Prediction) -> SignalRows:
    """The harmonised row that a prediction was made from."""
    return parse_signal({"mission": prediction.mission, **prediction.inputs})


def signal_inputs(
    signal: SignalRows, given: Collection[str] = FEATURE_NAMES
) -> dict[str, float | int | str]:
    """What one signal holds of the inputs that were given, in schema order, as JSON numbers and
    texts."""
    row = {name: signal[name][0] for name in FEATURE_NAMES}
    names = [
        name
        for name in FEATURE_NAMES
        if name in given and row[name] is not None and row[name] == row[name]
    ]
    return {name: _json_value(name, row[name]) for name in names}


def _json_value(name: str, value: Any) -> float | int | str:
    feature = FEATURE_BY_NAME[name]
    if feature.is_categorical:
        return str(value)
    return int(value) if feature.integer else float(value)
