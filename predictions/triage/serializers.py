"""Decisions about rows as programs see them; also what the OpenAPI document says about them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from predictions.triage.models import RowMark
from predictions.triage.services import MAX_NOTE


class RowMarkRequestSerializer(serializers.Serializer[Any]):
    """The whole of what is decided and noted: what is left out is taken back."""

    decision = serializers.ChoiceField(
        choices=RowMark.Decision.values,
        allow_null=True,
        required=False,
        help_text="Null takes a decision back.",
    )
    note = serializers.CharField(
        allow_blank=True,
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
