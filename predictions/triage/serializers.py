"""Decisions about rows as programs see them; also what the OpenAPI document says about them."""

from __future__ import annotations

from typing import Any, Final

from rest_framework import serializers

from predictions.triage.models import RowMark
from predictions.triage.services import MAX_NOTE

MARK_SENT: Final = {
    "type": "object",
    "description": "All that is decided and noted about a row; what is left out is taken back.",
    "properties": {
        "decision": {
            "type": ["string", "null"],
            "enum": [*RowMark.Decision.values, None],
            "description": "Null takes a decision back.",
        },
        "note": {"type": "string", "maxLength": MAX_NOTE, "pattern": "^[^\\u0000]*$"},
    },
    "additionalProperties": False,
}
"""What the OpenAPI document says of ``RowMarkRequestSerializer``; a serializer cannot say that it
takes no other names."""


class Text(serializers.CharField):
    """As it is sent; a number is none."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class RowMarkRequestSerializer(serializers.Serializer[Any]):
    """The whole of what is decided and noted: what is left out is taken back."""

    decision = serializers.ChoiceField(
        choices=RowMark.Decision.values, allow_null=True, required=False
    )
    note = Text(
        allow_blank=True,
        trim_whitespace=False,  # before its length is looked at
        required=False,
        max_length=MAX_NOTE,
        error_messages={"max_length": f"Shorten the note to {MAX_NOTE:,} characters at most."},
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if unknown := sorted(set(self.initial_data) - set(self.fields)):
            raise serializers.ValidationError(
                {
                    name: ["This is no part of a decision; send decision and note."]
                    for name in unknown
                }
            )
        return attrs


class RowMarkSerializer(serializers.Serializer[Any]):
    row = serializers.IntegerField(min_value=1, help_text="Counted from 1.")
    decision = serializers.ChoiceField(choices=RowMark.Decision.values, allow_null=True)
    note = serializers.CharField(allow_blank=True)


class ListedMarkSerializer(RowMarkSerializer):
    identifier = serializers.CharField(allow_blank=True, help_text="Of the row's signal.")
    changed_at = serializers.DateTimeField()
