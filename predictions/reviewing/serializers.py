"""A vote as programs send it; also what the OpenAPI document says about it."""

from __future__ import annotations

from typing import Any, Final

from rest_framework import serializers

from predictions.reviewing.models import MAX_COMMENT
from predictions.reviewing.services import ANSWERS
from predictions.reviewing.words import GROUNDS

VOTE_SENT: Final = {
    "type": "object",
    "description": "A vote, on what grounds: at least one of the list, or a comment.",
    "properties": {
        "answer": {"type": "string", "enum": ANSWERS},
        "grounds": {"type": "array", "items": {"type": "string", "enum": list(GROUNDS)}},
        "comment": {"type": "string", "maxLength": MAX_COMMENT, "pattern": "^[^\\u0000]*$"},
        "knew": {
            "type": "boolean",
            "description": "You had seen the score, the disposition or a vote before: the vote"
            " then is not blind.",
        },
    },
    "required": ["answer"],
    "anyOf": [
        {"required": ["grounds"], "properties": {"grounds": {"minItems": 1}}},
        {"required": ["comment"], "properties": {"comment": {"pattern": "[^\\s\\u0000]"}}},
    ],
    "additionalProperties": False,
}
"""What the OpenAPI document says of ``VoteSerializer``; a serializer cannot say that it takes no
other names, nor that one of two must be there."""


class _Text(serializers.CharField):
    """As it is sent; a number is none."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class _Flag(serializers.BooleanField):
    """True or false, and no word for it."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise serializers.ValidationError("Send true or false.")
        return data


class VoteSerializer(serializers.Serializer[Any]):
    answer = serializers.ChoiceField(choices=ANSWERS)
    grounds = serializers.ListField(
        child=serializers.ChoiceField(choices=list(GROUNDS)), required=False, default=list
    )
    comment = _Text(
        allow_blank=True,
        required=False,
        default="",
        trim_whitespace=False,  # before its length is looked at
        max_length=MAX_COMMENT,
        error_messages={
            "max_length": f"Shorten the comment to {MAX_COMMENT:,} characters at most."
        },
    )
    knew = _Flag(required=False, default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if unknown := sorted(set(self.initial_data) - set(self.fields)):
            raise serializers.ValidationError(
                {
                    name: ["This is no part of a vote; send answer, grounds, comment and knew."]
                    for name in unknown
                }
            )
        return attrs
