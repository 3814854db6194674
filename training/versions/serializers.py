"""What programs are told about model versions."""

from __future__ import annotations

from typing import Any, TypedDict

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from training.ml.fitting.lineage import TableFacts
from training.shapes import Shape, serializer_of
from training.versions.models import ModelVersion


class Headline(TypedDict):
    accuracy: float | None
    macro_f1: float | None
    roc_auc: float | None
    calibration_error: float | None


class TrueOrFalse(serializers.BooleanField):
    """Nothing that is only like it: 0, "off" and the like may have been meant otherwise."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Sentence(serializers.RegexField):
    """Text with something in it; a number is none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(r"\S", **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class ActivateSerializer(Shape):
    reason = Sentence(max_length=2000)
    override = TrueOrFalse(required=False, default=False)


class ModelVersionSerializer(serializers.ModelSerializer[ModelVersion]):
    title = serializers.CharField(help_text="What curators call it; empty where they do not.")
    labels = serializers.ListField(child=serializers.CharField(), source="label_list")
    in_service = serializers.BooleanField(source="is_active")
    tables = serializers.SerializerMethodField(help_text="What it was trained on.")
    seed = serializers.IntegerField(source="metadata.seed", default=None, allow_null=True)
    parameters = serializers.SerializerMethodField(help_text="Of the pipeline and the booster.")
    environment = serializers.SerializerMethodField(
        help_text="Versions of Python and of the libraries."
    )
    headline = serializers.SerializerMethodField(
        help_text="On test stars that nothing had touched, all columns."
    )

    class Meta:
        model = ModelVersion
        fields = (
            "name",
            "title",
            "labels",
            "origin",
            "in_service",
            "created_at",
            "activated_at",
            "sha256",
            "notes",
            "tables",
            "seed",
            "parameters",
            "environment",
            "headline",
        )
        read_only_fields = fields

    @extend_schema_field(serializer_of(TableFacts)(many=True))
    def get_tables(self, version: ModelVersion) -> Any:
        return version.metadata.get("tables", [])

    def get_parameters(self, version: ModelVersion) -> dict[str, Any]:
        found: dict[str, Any] = version.metadata.get("parameters", {})
        return found

    def get_environment(self, version: ModelVersion) -> dict[str, str]:
        return {
            "Python": version.metadata.get("python", ""),
            **version.metadata.get("libraries", {}),
        }

    @extend_schema_field(serializer_of(Headline))
    def get_headline(self, version: ModelVersion) -> Any:
        return headline(version)


def version_json(version: ModelVersion) -> dict[str, Any]:
    return dict(ModelVersionSerializer(version).data)


def headline(version: ModelVersion) -> Headline:
    """The figures of the test stars, all columns, all missions; None where it was not evaluated."""
    block = version.metrics.get("test", {}).get("all", {}).get("pooled", {})
    return Headline(
        accuracy=block.get("accuracy"),
        macro_f1=block.get("macro_f1"),
        roc_auc=block.get("roc_auc"),
        calibration_error=block.get("calibration_error"),
    )
