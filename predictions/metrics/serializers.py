"""What `GET /model/metrics` answers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from predictions.catalogue.foresight.shapes import ProspectiveJson
from training.shapes import serializer_of


@extend_schema_field({"type": "object", "additionalProperties": True})
class FiguresField(serializers.JSONField):
    pass


class ModelMetricsSerializer(serializers.Serializer[Any]):
    version = serializers.CharField()
    created = serializers.DateTimeField()
    in_service_since = serializers.DateTimeField(allow_null=True)
    tables = serializers.ListField(
        child=FiguresField(), help_text="What it was trained on: file, date, rows, hash."
    )
    metrics = FiguresField(
        help_text="How good it is, by mission and disposition, on stars that it has not seen."
    )
    evaluation = FiguresField(
        allow_null=True,
        help_text="The training procedure over several seeds, where this has been measured.",
    )
    backtests = FiguresField(
        help_text="By mission: what became of signals that were open in an older table."
    )
    prospective = serializer_of(ProspectiveJson)(
        help_text="What became of signals that were open in its own tables."
    )
