"""One signal as a program sends it and one answer as it gets it; the OpenAPI document is generated
from the schema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers

from predictions.signals.names import IDENTIFIER_LENGTH, NOTE_LENGTH, text_problem
from predictions.signals.words import PLANET_SET
from training.ml.errors import InvalidSignal
from training.ml.inputs import parse_signal, shown_text
from training.ml.schema import (
    DISPOSITIONS,
    FEATURE_BY_NAME,
    FEATURES,
    REQUIRED_NAMES,
    Feature,
    Group,
    Mission,
)
from training.ml.sky.place import PLACE_INPUTS, PLACE_KEYS, Place, parse_place
from training.ml.tables.cells import LONGEST

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
    place: Place | None = None

    @property
    def echo(self) -> dict[str, str]:
        given = {"identifier": self.identifier, "note": self.note}
        return {name: text for name, text in given.items() if text is not None}


def signal_read(body: object) -> SubmittedSignal:
    """The signal in a request's body, or ``InvalidSignal`` with every sentence about it at once."""
    if not isinstance(body, dict):
        raise InvalidSignal(
            {
                "": [
                    "Send one signal as one flat JSON object of names and values, such as"
                    ' {"mission": "Kepler", …}.'
                ]
            }
        )
    signal = dict(body)
    errors: dict[str, list[str]] = {}
    identifier = _pop_text(signal, "identifier", errors)
    note = _pop_text(signal, "note", errors)
    errors |= {name: [sentence] for name, sentence in _long_texts(signal)}
    place = _take_place(signal, errors)
    try:
        rows = parse_signal(signal)
    except InvalidSignal as error:
        raise InvalidSignal(error.fields | errors) from error
    if errors:
        raise InvalidSignal(errors)
    return SubmittedSignal(raw=signal, rows=rows, identifier=identifier, note=note, place=place)


def _take_place(signal: dict[str, Any], errors: dict[str, list[str]]) -> Place | None:
    """Take position and mid-transit time out of a signal; what is wrong with them goes to
    ``errors``."""
    stated = {name: signal.pop(name) for name in PLACE_KEYS if name in signal}
    try:
        return parse_place(stated)
    except InvalidSignal as error:
        errors |= error.fields
        return None


def _long_texts(signal: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Texts follow the form's rules for what they spell; a longer one spells no number."""
    for name, value in signal.items():
        if isinstance(value, str) and len(value) > LONGEST and _takes_text(name):
            label = FEATURE_BY_NAME[name].label
            yield (
                name,
                f"{label} is the text “{shown_text(value)}” of {len(value):,} letters; send a"
                f" number, or a text of at most {LONGEST} letters such as “3.52 ± 0.01”.",
            )


def _takes_text(name: str) -> bool:
    return name in FEATURE_BY_NAME and not FEATURE_BY_NAME[name].is_categorical


def _pop_text(signal: dict[str, Any], name: str, errors: dict[str, list[str]]) -> str | None:
    """Take a text that is not part of the signal out of it; what is wrong with it goes to
    ``errors``."""
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


# --- the OpenAPI document -------------------------------------------------------------------------


class SignalSerializer(serializers.Serializer[dict[str, Any]]):
    """Only a name in the OpenAPI document:
    ``parse_values`` reads a signal, for form and API alike."""


class SignalSchema(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    target_class = "predictions.signals.serializers.SignalSerializer"

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return signal_schema()


class ListedSignalSerializer(serializers.Serializer[dict[str, Any]]):
    """Only a name: a signal of a list, which a table's rules hold for."""


class ListedSignalSchema(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    target_class = "predictions.signals.serializers.ListedSignalSerializer"

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return listed_signal_schema()


def listed_signal_schema() -> dict[str, Any]:
    """As one row of a table: what is not known or out of its range is missing, with a warning."""
    schema = signal_schema()
    properties = schema["properties"]
    for name in REQUIRED_NAMES:
        properties[name] = properties[name] | {"type": ["number", "string", "null"]}
    properties["star"] = {
        "type": ["string", "null"],
        "description": "Its star; signals of one star are counted as each other's siblings.",
    }
    return schema | {
        "description": (
            "One row of a table: a value that is missing, null or unusable is missing, with a"
            " warning beside the answer. Records with the columns of a known catalogue are read as"
            " that catalogue."
        ),
    }


def signal_schema() -> dict[str, Any]:
    """JSON Schema of one signal, a property per feature with its unit, range, help and the reason
    for the range."""
    return {
        "type": "object",
        "description": (
            "One transit signal. What is not known is left out or null; it is never taken to be"
            " zero. A number may be a text as in a table's cell, with its unit or its uncertainty"
            " (“3.5225(2)”, “1000 ppm”, “1 %”, “3.52 ± 0.01”), and must then be in the range in our"
            " unit; the uncertainty is used where an input for it is not given."
        ),
        "properties": {
            "mission": {
                "type": "string",
                "enum": [str(m) for m in Mission],
                "description": "In any case of letters.",
            },
            **{feature.name: _property(feature) for feature in (*FEATURES, *PLACE_INPUTS)},
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
    words = {
        "title": f"{feature.label}{unit}",
        "description": f"{feature.help} Why this range: {feature.reason}.",
    }
    if feature.is_categorical:
        return words | {"type": ["string", "null"], "enum": [*feature.choices, None]}
    kind = "integer" if feature.integer else "number"
    limits = {
        "minimum": feature.low,
        "maximum": feature.high,
        **({"x-unit": feature.unit} if feature.unit else {}),
    }
    example = {"examples": [KEPLER_10_B[feature.name]]} if feature.name in KEPLER_10_B else {}
    kinds = [kind, "string"] if _takes_text(feature.name) else [kind]
    length = {"maxLength": LONGEST} if _takes_text(feature.name) else {}
    types = kinds if feature.required else [*kinds, "null"]
    return words | limits | length | example | {"type": types}


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
    feature = serializers.CharField(
        help_text="Schema name of the input or of a quantity derived from inputs."
    )
    label = serializers.CharField(help_text="The same in words.")  # type: ignore[assignment]
    unit = serializers.CharField(help_text="Empty for a pure number.", allow_blank=True)
    value = InputValueField(help_text="Null where it is not known.")
    contribution = serializers.FloatField(
        help_text="In units of the raw score, before calibration."
    )


class ExplanationSerializer(serializers.Serializer[Any]):
    """Contributions speak for the predicted disposition: base_value + their sum is its raw score:
    the log-odds of a planet against a false positive (or the reverse), or the score of a candidate.
    """

    base_value = serializers.FloatField(
        help_text="The raw score before anything is known about the signal."
    )
    raw_score = serializers.FloatField()
    contributions = ContributionSerializer(many=True)
    sentences = serializers.ListField(
        child=serializers.CharField(), help_text="The main reasons in words."
    )


class AbsentGroupSerializer(serializers.Serializer[Any]):
    """A group of inputs of which none was given, and what that cost on stars that the classifier
    had not seen."""

    group = serializers.ChoiceField(choices=[str(group) for group in Group])
    accuracy_loss = serializers.FloatField(
        allow_null=True,
        help_text=(
            "Share of signals of this mission, where it was measured; about 0 or less is noise."
        ),
    )
    roc_auc_loss = serializers.FloatField(
        allow_null=True, help_text="Of the planet score on CONFIRMED against FALSE POSITIVE."
    )


class HelpSerializer(serializers.Serializer[Any]):
    """Inputs that are missing, and what giving them brought to test stars of the same mission of
    which as little was known."""

    inputs = serializers.ListField(child=serializers.CharField(), help_text="Schema names.")
    words = serializers.CharField()
    accuracy_gain = serializers.FloatField(help_text="Share of signals; about 0 is noise.")
    roc_auc_gain = serializers.FloatField(
        allow_null=True, help_text="Of the planet score on CONFIRMED against FALSE POSITIVE."
    )


class VerdictSerializer(serializers.Serializer[Any]):
    disposition = serializers.ChoiceField(
        choices=[str(disposition) for disposition in DISPOSITIONS]
    )
    probabilities = ProbabilitiesField()
    planet_score = serializers.FloatField(
        allow_null=True,
        min_value=0,
        max_value=1,
        help_text=(
            "Is it a planet? P(CONFIRMED) / (P(CONFIRMED) + P(FALSE POSITIVE)), calibrated on"
            " signals that the catalogue has decided; null where both are 0."
        ),
    )
    prediction_set = serializers.ListField(
        child=serializers.ChoiceField(choices=[str(disposition) for disposition in DISPOSITIONS]),
        help_text="The dispositions that cannot be ruled out at the stated coverage.",
    )
    explanation = ExplanationSerializer(required=False, help_text="Left out with explain=false.")
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="Schema names that were not given."
    )
    absent_groups = AbsentGroupSerializer(many=True, help_text="The costliest first.")
    warnings = serializers.ListField(
        child=serializers.CharField(), help_text="Sentences about unusual input."
    )
    model_version = serializers.CharField()
    open_score = serializers.FloatField(
        allow_null=True,
        min_value=0,
        max_value=1,
        help_text=(
            "Is it a planet, if the catalogue has not decided it yet? Of 100 open signals given"
            " 0.9 that are decided later, 90 or more turn out to be planets: planets and false"
            " positives are taken to be equally likely before the signal is looked at."
        ),
    )
    planet_set = serializers.ListField(
        child=serializers.ChoiceField(choices=list(PLANET_SET)),
        help_text=(
            "What an open signal may turn out to be: what cannot be ruled out at the stated"
            " coverage."
        ),
    )
    learnt_from = serializers.BooleanField(
        help_text=(
            "Whether the version has learnt from this star, as told by the very inputs, by the"
            " identifier, or by the position in a table."
        )
    )
    out_of_fold = serializers.BooleanField(
        help_text=(
            "Whether the answer is that of a classifier that had not seen this star. Where"
            " learnt_from is true and this is false, the answer is no test of the classifier."
        )
    )
    helpful = HelpSerializer(
        many=True, help_text="Missing inputs that helped similar signals most, the best first."
    )
    identifier = serializers.CharField(required=False, help_text="As it was sent.")
    note = serializers.CharField(required=False, help_text="As it was sent.")
    id = serializers.UUIDField(required=False, help_text="Only with save=true.")
    url = serializers.URLField(
        required=False, help_text="The page of the stored prediction, with save=true."
    )
