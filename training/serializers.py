"""What programs are told about datasets, training runs and model versions."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from training.api_shapes import (
    FoldSerializer,
    HeadlineSerializer,
    ReportSerializer,
    RunParametersSerializer,
    TableFactsSerializer,
)
from training.models import Dataset, ModelVersion, TrainingRun


class DatasetSerializer(serializers.ModelSerializer[Dataset]):
    class Meta:
        model = Dataset
        fields = (
            "id", "name", "status", "stage", "reason", "source", "mission", "rows", "signals", "sha256", "size",
            "created_at", "archived_at",
        )  # fmt: skip
        read_only_fields = fields


class DatasetReportSerializer(DatasetSerializer):
    report = serializers.SerializerMethodField(help_text="Null until the table has been read.")

    class Meta(DatasetSerializer.Meta):
        fields = (*DatasetSerializer.Meta.fields, "report")  # type: ignore[assignment]

    @extend_schema_field(ReportSerializer(allow_null=True))
    def get_report(self, dataset: Dataset) -> Any:
        return dataset.report


class TrainingRunSerializer(serializers.ModelSerializer[TrainingRun]):
    parameters = RunParametersSerializer()
    folds = FoldSerializer(many=True, help_text="Figures of the finished folds.")
    log = serializers.SerializerMethodField(help_text="What was reported so far.")
    model_version: serializers.SlugRelatedField[ModelVersion] = serializers.SlugRelatedField(
        "name", read_only=True, allow_null=True
    )

    class Meta:
        model = TrainingRun
        fields = (
            "id", "status", "reason", "datasets", "seed", "parameters", "notes", "stage", "progress", "folds", "log",
            "created_at", "started_at", "heartbeat_at", "finished_at", "elapsed_seconds", "remaining_seconds", "host",
            "pid", "model_version",
        )  # fmt: skip
        read_only_fields = fields

    elapsed_seconds = serializers.SerializerMethodField()
    remaining_seconds = serializers.SerializerMethodField(help_text="By the pace so far; null where it is not known.")

    @extend_schema_field(
        serializers.ListField(child=serializers.CharField(help_text="“12 s: Fold 1 of 5 done”, the earliest first."))
    )
    def get_log(self, run: TrainingRun) -> list[str]:
        return [f"{seconds} s: {sentence}" for seconds, sentence in run.log]

    def get_elapsed_seconds(self, run: TrainingRun) -> float | None:
        return round(run.duration.total_seconds(), 1) if run.duration else None

    def get_remaining_seconds(self, run: TrainingRun) -> float | None:
        return round(run.remaining.total_seconds(), 1) if run.remaining else None


class ModelVersionSerializer(serializers.ModelSerializer[ModelVersion]):
    in_service = serializers.BooleanField(source="is_active")
    tables = serializers.SerializerMethodField(help_text="What it was trained on.")
    seed = serializers.IntegerField(source="metadata.seed", default=None, allow_null=True)
    parameters = serializers.SerializerMethodField(help_text="Of the pipeline and the booster.")
    environment = serializers.SerializerMethodField(help_text="Versions of Python and of the libraries.")
    headline = serializers.SerializerMethodField(help_text="On test stars that nothing had touched, all columns.")

    class Meta:
        model = ModelVersion
        fields = (
            "name", "origin", "in_service", "created_at", "activated_at", "sha256", "notes", "tables", "seed",
            "parameters", "environment", "headline",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(TableFactsSerializer(many=True))
    def get_tables(self, version: ModelVersion) -> Any:
        return version.metadata.get("tables", [])

    def get_parameters(self, version: ModelVersion) -> dict[str, Any]:
        found: dict[str, Any] = version.metadata.get("parameters", {})
        return found

    def get_environment(self, version: ModelVersion) -> dict[str, str]:
        return {"Python": version.metadata.get("python", ""), **version.metadata.get("libraries", {})}

    @extend_schema_field(HeadlineSerializer)
    def get_headline(self, version: ModelVersion) -> Any:
        return headline(version)


def dataset_json(dataset: Dataset) -> dict[str, Any]:
    return dict(DatasetSerializer(dataset).data)


def run_json(run: TrainingRun) -> dict[str, Any]:
    return dict(TrainingRunSerializer(run).data)


def version_json(version: ModelVersion) -> dict[str, Any]:
    return dict(ModelVersionSerializer(version).data)


def headline(version: ModelVersion) -> dict[str, Any]:
    """The figures of the test stars, all columns, all missions; None where it was not evaluated."""
    block = version.metrics.get("test", {}).get("all", {}).get("pooled", {})
    return {name: block.get(name) for name in ("accuracy", "macro_f1", "roc_auc", "calibration_error")}
