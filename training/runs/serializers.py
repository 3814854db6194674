"""What programs are told about training runs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from training.runs.models import TrainingRun
from training.runs.services import MAX_TRIALS
from training.runs.shapes import Fold, RunParameters
from training.shapes import Shape, serializer_of
from training.versions.models import ModelVersion


class TrainingRunRequestSerializer(Shape):
    datasets = serializers.ListField(
        child=serializers.IntegerField(),
        min_length=1,
        help_text="Numbers of datasets that are ready.",
    )
    seed = serializers.IntegerField(required=False, default=0, min_value=0, max_value=2**31 - 1)
    balance = serializers.ChoiceField(
        choices=("smote", "weights", "none"), required=False, default="smote"
    )
    masking = serializers.BooleanField(required=False, default=True)
    search_trials = serializers.IntegerField(
        required=False, default=0, min_value=0, max_value=MAX_TRIALS
    )
    search_minutes = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=600
    )
    rounds = serializers.IntegerField(required=False, allow_null=True, min_value=20, max_value=5000)
    notes = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    accept_doubts = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Where the report of a dataset has doubts: these units are right, train on them.",
    )


class TrainingRunSerializer(serializers.ModelSerializer[TrainingRun]):
    parameters = serializer_of(RunParameters)()
    folds = serializer_of(Fold)(many=True, help_text="Figures of the finished folds.")
    log = serializers.SerializerMethodField(help_text="What was reported so far.")
    model_version: serializers.SlugRelatedField[ModelVersion] = serializers.SlugRelatedField(
        "name", read_only=True, allow_null=True
    )

    class Meta:
        model = TrainingRun
        fields = (
            "id",
            "status",
            "reason",
            "datasets",
            "seed",
            "parameters",
            "notes",
            "stage",
            "progress",
            "folds",
            "log",
            "created_at",
            "started_at",
            "heartbeat_at",
            "finished_at",
            "elapsed_seconds",
            "remaining_seconds",
            "host",
            "pid",
            "model_version",
        )
        read_only_fields = fields

    elapsed_seconds = serializers.SerializerMethodField()
    remaining_seconds = serializers.SerializerMethodField(
        help_text="By the pace so far; null where it is not known."
    )

    @extend_schema_field(
        serializers.ListField(
            child=serializers.CharField(help_text="“12 s: Fold 1 of 5 done”, the earliest first.")
        )
    )
    def get_log(self, run: TrainingRun) -> list[str]:
        return [f"{seconds} s: {sentence}" for seconds, sentence in run.log]

    def get_elapsed_seconds(self, run: TrainingRun) -> float | None:
        return round(run.duration.total_seconds(), 1) if run.duration else None

    def get_remaining_seconds(self, run: TrainingRun) -> float | None:
        return round(run.remaining.total_seconds(), 1) if run.remaining else None


def run_json(run: TrainingRun) -> dict[str, Any]:
    return dict(TrainingRunSerializer(run).data)
