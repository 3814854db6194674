"""One signal as a program sends it and one answer as it gets it; the OpenAPI document is generated from the schema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers

from predictions.names import IDENTIFIER_LENGTH, NOTE_LENGTH, text_problem
from training.ml.errors import InvalidSignal
from training.ml.inputs import parse_signal, shown_text
from training.ml.schema import DISPOSITIONS, FEATURE_BY_NAME, FEATURES, REQUIRED_NAMES, Feature, Group, Mission

if TYPE_CHECKING:
    from training.ml.signal_rows import SignalRows

KEPLER_10_B: dict[str, Any] = {
    # Batalha et al. 2011, ApJ 729, 27
    "identifier": "KOI-72.01",
    "mission": "Kepler",
    "orbital_period": 0.837495,
    "transit_duration": 1.811,
    "transit_depth": 152,
    "planet_radius": 1.416,
    "stellar_teff": 5627,
    "stellar_radius": 1.056,
}


@dataclass(frozen=True)
class SubmittedSignal:
    """A signal that can be classified, and how its sender calls it; None is what was not given."""

    raw: dict[str, Any]
    rows: SignalRows
    identifier: str | None
    note: str | None

    @property
    def echo(self) -> dict[str, str]:
        given = {"identifier": self.identifier, "note": self.note}
        return {name: text for name, text in given.items() if text is not None}


def signal_read(body: object) -> SubmittedSignal:
    """The signal in a request's body, or ``InvalidSignal`` with every sentence about it at once."""
    if not isinstance(body, dict):
        raise InvalidSignal(
            {"": ['Send one signal as one flat JSON object of names and values, such as {"mission": "Kepler", …}.']}
        )
    signal = dict(body)
    errors: dict[str, list[str]] = {}
    identifier = _take_text(signal, "identifier", errors)
    note = _take_text(signal, "note", errors)
    errors |= {name: [sentence] for name, sentence in _numbers_as_text(signal)}
    try:
        rows = parse_signal(signal)
    except InvalidSignal as error:
        raise InvalidSignal(errors | error.fields) from error
    if errors:
        raise InvalidSignal(errors)
    return SubmittedSignal(raw=signal, rows=rows, identifier=identifier, note=note)


def _numbers_as_text(signal: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """A form and a table hold text, and what is unclear in it has rules there; JSON has numbers of its own.

    A text that is no number in a form either is refused in the form's words.
    """
    for name, value in signal.items():
        if isinstance(value, str) and name in FEATURE_BY_NAME and not FEATURE_BY_NAME[name].is_categorical:
            label = FEATURE_BY_NAME[name].label
            yield name, f"{label} is the text “{shown_text(value)}”; send a number without quotation marks, or null."


def _take_text(signal: dict[str, Any], name: str, errors: dict[str, list[str]]) -> str | None:
    """Take a text that is not part of the signal out of it; what is wrong with it goes to ``errors``."""
    text = signal.pop(name, None)
    if text is None:
        return None
    if not isinstance(text, str):
        errors[name] = [f"The {name} must be text in quotation marks."]
        return None
    text = text.strip()
    if problem := text_problem(name, text):
        errors[name] = [problem]
    return text


# --- the OpenAPI document ------------------------------------------------------------------------------------------


class SignalSerializer(serializers.Serializer[dict[str, Any]]):
    """Only a name in the OpenAPI document: ``parse_values`` reads a signal, for form and API alike."""


class SignalSchema(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    target_class = "predictions.serializers.SignalSerializer"

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return signal_schema()


def signal_schema() -> dict[str, Any]:
    """JSON Schema of one signal, a property per feature with its unit, range, help and the reason for the range."""
    return {
        "type": "object",
        "description": "One transit signal. What is not known is left out or null; it is never taken to be zero.",
        "properties": {
            "mission": {"type": "string", "enum": [str(m) for m in Mission], "description": "In any case of letters."},
            **{feature.name: _property(feature) for feature in FEATURES},
            "identifier": {
                "type": ["string", "null"],
                "maxLength": IDENTIFIER_LENGTH,
                "pattern": r"^[ -~]*$",
                "description": "What you call the signal; given back with the answer.",
                "examples": ["TOI-700.02"],
            },
            "note": {
                "type": ["string", "null"],
                "maxLength": NOTE_LENGTH,
                "pattern": r"^[ -~]*$",
                "description": "A remark for yourself; given back with the answer.",
            },
        },
        "required": ["mission", *REQUIRED_NAMES],
        "additionalProperties": False,
    }


def _property(feature: Feature) -> dict[str, Any]:
    unit = f" [{feature.unit}]" if feature.unit else ""
    words = {"title": f"{feature.label}{unit}", "description": f"{feature.help} Why this range: {feature.reason}."}
    if feature.is_categorical:
        return words | {"type": ["string", "null"], "enum": [*feature.choices, None]}
    kind = "integer" if feature.integer else "number"
    limits = {"minimum": feature.low, "maximum": feature.high, **({"x-unit": feature.unit} if feature.unit else {})}
    example = {"examples": [KEPLER_10_B[feature.name]]} if feature.name in KEPLER_10_B else {}
    return words | limits | example | {"type": kind if feature.required else [kind, "null"]}


SIGNAL_EXAMPLE = OpenApiExample("Kepler-10 b", value=KEPLER_10_B, request_only=True)

_PROBABILITY = {"type": "number", "minimum": 0, "maximum": 1}


@extend_schema_field(
    {
        "type": "object",
        "properties": {str(disposition): _PROBABILITY for disposition in DISPOSITIONS},
        "required": [str(disposition) for disposition in DISPOSITIONS],
        "additionalProperties": False,
    }
)
class ProbabilitiesField(serializers.JSONField):
    pass


@extend_schema_field({"type": ["number", "string", "null"]})
class InputValueField(serializers.JSONField):
    pass


class ContributionSerializer(serializers.Serializer[Any]):
    feature = serializers.CharField(help_text="Schema name of the input or of a quantity derived from inputs.")
    label = serializers.CharField(help_text="The same in words.")  # type: ignore[assignment]
    unit = serializers.CharField(help_text="Empty for a pure number.", allow_blank=True)
    value = InputValueField(help_text="Null where it is not known.")
    contribution = serializers.FloatField(help_text="In units of the raw score, before calibration.")


class ExplanationSerializer(serializers.Serializer[Any]):
    """Contributions speak for the predicted disposition: base_value + their sum is its raw score: the log-odds of a
    planet against a false positive (or the reverse), or the score of a candidate."""

    base_value = serializers.FloatField(help_text="The raw score before anything is known about the signal.")
    raw_score = serializers.FloatField()
    contributions = ContributionSerializer(many=True)
    sentences = serializers.ListField(child=serializers.CharField(), help_text="The main reasons in words.")


class AbsentGroupSerializer(serializers.Serializer[Any]):
    """A group of inputs of which none was given, and what that cost on stars that the classifier had not seen."""

    group = serializers.ChoiceField(choices=[str(group) for group in Group])
    accuracy_loss = serializers.FloatField(
        allow_null=True, help_text="Share of signals of this mission, where it was measured; about 0 or less is noise."
    )
    roc_auc_loss = serializers.FloatField(
        allow_null=True, help_text="Of the planet score on CONFIRMED against FALSE POSITIVE."
    )


class VerdictSerializer(serializers.Serializer[Any]):
    disposition = serializers.ChoiceField(choices=[str(disposition) for disposition in DISPOSITIONS])
    probabilities = ProbabilitiesField()
    planet_score = serializers.FloatField(
        allow_null=True,
        min_value=0,
        max_value=1,
        help_text="P(CONFIRMED) / (P(CONFIRMED) + P(FALSE POSITIVE)); null where both are 0.",
    )
    prediction_set = serializers.ListField(
        child=serializers.ChoiceField(choices=[str(disposition) for disposition in DISPOSITIONS]),
        help_text="The dispositions that cannot be ruled out at the stated coverage.",
    )
    explanation = ExplanationSerializer(required=False, help_text="Left out with explain=false.")
    missing = serializers.ListField(child=serializers.CharField(), help_text="Schema names that were not given.")
    absent_groups = AbsentGroupSerializer(many=True, help_text="The costliest first.")
    warnings = serializers.ListField(child=serializers.CharField(), help_text="Sentences about unusual input.")
    model_version = serializers.CharField()
    identifier = serializers.CharField(required=False, help_text="As it was sent.")
    note = serializers.CharField(required=False, help_text="As it was sent.")
    id = serializers.UUIDField(required=False, help_text="Only with save=true.")
    url = serializers.URLField(required=False, help_text="The page of the stored prediction, with save=true.")


@extend_schema_field({"type": "object", "additionalProperties": True})
class FiguresField(serializers.JSONField):
    pass


class ModelMetricsSerializer(serializers.Serializer[Any]):
    version = serializers.CharField()
    created = serializers.DateTimeField()
    in_service_since = serializers.DateTimeField(allow_null=True)
    tables = serializers.ListField(child=FiguresField(), help_text="What it was trained on: file, date, rows, hash.")
    metrics = FiguresField(help_text="How good it is, by mission and disposition, on stars that it has not seen.")
    evaluation = FiguresField(
        allow_null=True, help_text="The training procedure over several seeds, where this has been measured."
    )
    backtests = FiguresField(help_text="By mission: what became of signals that were open in an older table.")


class ErrorDetailSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="For programs.")
    message = serializers.CharField(help_text="For people.")
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        help_text="Sentences for each input that is wrong.",
    )


class ErrorSerializer(serializers.Serializer[Any]):
    error = ErrorDetailSerializer()
