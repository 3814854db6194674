"""Batches as programs see them; also what the OpenAPI document says about them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request

from predictions.batch_downloads import FORMATS
from predictions.batch_models import Batch
from predictions.batch_pages import problems_of
from predictions.serializers import VerdictSerializer
from training.ml.harmonise import Problem
from training.ml.schema import DISPOSITIONS


class BatchRequestSerializer(serializers.Serializer[Any]):
    """One table as multipart form data."""

    file = serializers.FileField(help_text="CSV, .csv.gz or TSV in any layout that the site recognises.")
    mission = serializers.CharField(required=False, help_text="Only needed where the columns do not tell.")
    mapping = serializers.JSONField(
        required=False,
        help_text='For other column names: {"mission": "TESS", "features": {"orbital_period": ["P", "days"], …}}.',
    )


class ProblemSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    sentence = serializers.CharField()
    column = serializers.CharField(allow_null=True)
    count = serializers.IntegerField(help_text="In how many rows.")
    rows = serializers.ListField(child=serializers.IntegerField(), help_text="The first few rows, counted from 1.")


class RowSerializer(VerdictSerializer):
    row = serializers.IntegerField(help_text="Counted from 1.")
    error = serializers.CharField(required=False, help_text="Why the row cannot be used; it then has no answer.")


class AnswersSerializer(serializers.Serializer[Any]):
    model_version = serializers.CharField()
    rows = serializers.IntegerField()
    unusable = serializers.IntegerField()
    problems = ProblemSerializer(many=True)
    results = RowSerializer(many=True)


class BatchSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=Batch.Status.values)
    reason = serializers.CharField(help_text="Why it failed, in a sentence.", allow_blank=True)
    rows = serializers.IntegerField(allow_null=True, help_text="Null until they have been counted.")
    rows_done = serializers.IntegerField()
    rows_unusable = serializers.IntegerField()
    seconds_left = serializers.FloatField(allow_null=True)
    model_version = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    dispositions = serializers.DictField(
        child=serializers.IntegerField(), allow_null=True, help_text="How many signals have each; null until done."
    )
    problems = ProblemSerializer(many=True)
    url = serializers.URLField(help_text="This resource.")
    page = serializers.URLField(help_text="The same for people.")
    results = serializers.DictField(child=serializers.URLField(), help_text="By format; empty until done.")


def problem_json(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code, "sentence": problem.sentence, "column": problem.column, "count": problem.count,
        "rows": list(problem.rows),
    }  # fmt: skip


def batch_json(batch: Batch, request: Request) -> dict[str, Any]:
    done = batch.summary.get("dispositions")
    results = {
        key: request.build_absolute_uri(reverse("batch_result_api", args=[batch.pk, key]))
        for key in (FORMATS if batch.is_done else ())
    }
    return {
        "id": batch.pk,
        "name": batch.name,
        "status": batch.status,
        "reason": batch.reason,
        "rows": batch.rows,
        "rows_done": batch.rows_done(),
        "rows_unusable": batch.rows_unusable(),
        "seconds_left": batch.seconds_left() if batch.is_active else None,
        "model_version": batch.model_version.name if batch.model_version else None,
        "created_at": batch.created_at,
        "finished_at": batch.finished_at,
        "dispositions": {str(d): n for d, n in zip(DISPOSITIONS, done, strict=True)} if done else None,
        "problems": [problem_json(problem) for problem in problems_of(batch)],
        "url": request.build_absolute_uri(reverse("batch_api", args=[batch.pk])),
        "page": request.build_absolute_uri(batch.get_absolute_url()),
        "results": results,
    }
