"""Steps of classifying one signal that the pages, the API and the command line share."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User

from predictions.counting import prediction_count
from predictions.models import Prediction
from predictions.words import AbsentGroup, absent_groups
from training.ml.inputs import parse_signal
from training.ml.schema import DISPOSITIONS, FEATURE_BY_NAME, FEATURE_NAMES, Disposition
from training.models import ModelVersion
from training.services_drift import inputs_count

if TYPE_CHECKING:
    from training.ml.explanation import Explanation
    from training.ml.model import ExoplanetClassifier, Predictions
    from training.ml.signal_rows import SignalRows


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
    model_version: str

    def as_json(self) -> dict[str, Any]:
        """The answer of the API, and what a prediction stores; without an explanation the key is left out."""
        answer: dict[str, Any] = {
            "disposition": str(self.disposition),
            "probabilities": {str(disposition): p for disposition, p in self.probabilities.items()},
            "planet_score": self.planet_score,
            "prediction_set": [str(disposition) for disposition in self.prediction_set],
            "missing": self.missing,
            "absent_groups": [absent.as_json() for absent in self.absent_groups],
            "warnings": self.warnings,
            "model_version": self.model_version,
        }
        if self.explanation is not None:
            answer["explanation"] = self.explanation.as_json()
        return answer


def signal_classify(signal: SignalRows, *, version: ModelVersion | None = None, explain: bool = True) -> Verdict:
    """The verdict on one harmonised signal, by ``version`` or by the one in service.

    Raises ``ModelVersion.DoesNotExist`` where none is in service.
    """
    version = version or ModelVersion.objects.serving()
    classifier = version.classifier
    answer, explanation = _answer(classifier, signal, explain)
    inputs_count(version, signal)
    prediction_count(str(answer.dispositions[0]), version.name)
    score = float(answer.planet_score[0])
    missing = classifier.missing(signal)[0]
    return Verdict(
        disposition=answer.dispositions[0],
        probabilities={d: float(p) for d, p in zip(DISPOSITIONS, answer.probabilities[0], strict=True)},
        planet_score=score if score == score else None,  # NaN: neither a planet nor a false positive is possible
        prediction_set=[d for d, member in zip(DISPOSITIONS, answer.prediction_sets[0], strict=True) if member],
        explanation=explanation,
        missing=missing,
        absent_groups=absent_groups(missing, str(signal["mission"][0]), classifier.metadata.get("metrics", {})),
        warnings=classifier.warnings(signal)[0],
        model_version=version.name,
    )


def _answer(
    classifier: ExoplanetClassifier, signal: SignalRows, explain: bool
) -> tuple[Predictions, Explanation | None]:
    if not explain:
        return classifier.predict(signal), None
    from training.ml.explain import answer_and_explain  # not needed by whoever asks for no explanation

    return answer_and_explain(classifier, signal)


def prediction_create(
    *,
    user: User,
    raw: Collection[str],
    signal: SignalRows,
    verdict: Verdict,
    identifier: str = "",
    note: str = "",
) -> Prediction:
    """Keep a verdict. ``raw`` says which inputs the person gave, as opposed to what the schema's rules added."""
    return Prediction.objects.create(
        owner=user,
        version=ModelVersion.objects.get(name=verdict.model_version),
        identifier=identifier,
        note=note,
        mission=str(signal["mission"][0]),
        inputs=signal_inputs(signal, raw),
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


def signal_inputs(signal: SignalRows, given: Collection[str] = FEATURE_NAMES) -> dict[str, float | int | str]:
    """What one signal holds of the inputs that were given, in schema order, as JSON numbers and texts."""
    row = {name: signal[name][0] for name in FEATURE_NAMES}
    names = [name for name in FEATURE_NAMES if name in given and row[name] is not None and row[name] == row[name]]
    return {name: _json_value(name, row[name]) for name in names}


def _json_value(name: str, value: Any) -> float | int | str:
    feature = FEATURE_BY_NAME[name]
    if feature.is_categorical:
        return str(value)
    return int(value) if feature.integer else float(value)
