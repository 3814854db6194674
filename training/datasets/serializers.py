"""What programs are told about datasets."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import (
    extend_schema_field,
)
from rest_framework import serializers

from training.datasets.models import PUBLIC_STATUSES, Dataset
from training.ml.evaluation.shapes import Report
from training.ml.tables.reading.content import FORMATS_READ, PACKED_READ
from training.shapes import serializer_of


class DatasetFileSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(
        help_text=f"With a column of dispositions; {FORMATS_READ}, also as {PACKED_READ}."
    )
    mission = serializers.CharField(required=False, help_text="Where the columns do not tell.")
    mapping = serializers.JSONField(
        required=False, help_text="Which column feeds which feature, in which unit."
    )


class DatasetSerializer(serializers.ModelSerializer[Dataset]):
    status = serializers.ChoiceField(choices=PUBLIC_STATUSES, read_only=True)

    class Meta:
        model = Dataset
        fields = (
            "id",
            "name",
            "status",
            "stage",
            "reason",
            "source",
            "mission",
            "rows",
            "signals",
            "sha256",
            "size",
            "created_at",
            "archived_at",
        )
        read_only_fields = fields


class DatasetReportSerializer(DatasetSerializer):
    report = serializers.SerializerMethodField(help_text="Null until the table has been read.")

    class Meta(DatasetSerializer.Meta):
        fields = (*DatasetSerializer.Meta.fields, "report")  # type: ignore[assignment]

    @extend_schema_field(serializer_of(Report)(allow_null=True))
    def get_report(self, dataset: Dataset) -> Any:
        return dataset.report


def dataset_json(dataset: Dataset) -> dict[str, Any]:
    return dict(DatasetSerializer(dataset).data)
