"""Batches as programs see them; also what the OpenAPI document says about them."""

from __future__ import annotations

from typing import Any, Final

from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from predictions.batches.downloads import FORMATS
from predictions.batches.models import Batch
from predictions.batches.pages import problems_of
from predictions.rest.table_bodies import TABLE_TYPES
from predictions.signals.contributions import MAX_CONTRIBUTIONS
from predictions.signals.serializers import VerdictSerializer
from training.ml.schema import DISPOSITIONS, Mission
from training.ml.tables.harmonise import Problem
from training.ml.tables.reading.content import FORMATS_READ, PACKED_READ


class BatchRequestSerializer(serializers.Serializer[Any]):
    """One table as multipart form data."""

    file = serializers.FileField(
        help_text=f"{FORMATS_READ}, also as {PACKED_READ}; in any layout that is recognised."
    )
    mission = serializers.ChoiceField(
        choices=[str(mission) for mission in Mission],
        required=False,
        help_text="Only needed where the columns do not tell.",
    )
    mapping = serializers.JSONField(
        required=False,
        help_text=(
            'For other column names: {"mission": "TESS", "features": {"orbital_period": ["P",'
            ' "days"], …}}, or the name of a mapping that you keep.'
        ),
    )


class PredictBatchRequestSerializer(BatchRequestSerializer):
    """One table as multipart form data."""

    top_contributions = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=MAX_CONTRIBUTIONS,
        help_text=(
            "How many of the strongest reasons go beside each row of the results. Above 0 the table"
            " is always classified in the background, and takes much longer."
        ),
    )


TABLE_PARAMETERS: Final = [
    OpenApiParameter(
        "mission",
        str,
        description="Where the table is the body: only where its columns do not tell.",
    ),
    OpenApiParameter(
        "mapping",
        str,
        description="Where the table is the body: JSON, or the name of a mapping that you keep.",
    ),
]


def table_request(form: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """How a table can be sent: as part of a form, or as the body in any type that a table has."""
    return {
        "multipart/form-data": form,
        **dict.fromkeys(TABLE_TYPES, OpenApiTypes.BINARY),
    }


class ProblemSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    sentence = serializers.CharField()
    column = serializers.CharField(allow_null=True)
    count = serializers.IntegerField(min_value=0, help_text="In how many rows.")
    rows = serializers.ListField(
        child=serializers.IntegerField(), help_text="The first few rows, counted from 1."
    )


class RowSerializer(VerdictSerializer):
    """A verdict, or why there is none."""

    row = serializers.IntegerField(min_value=1, help_text="Counted from 1.")
    error = serializers.CharField(
        required=False, help_text="Why the row cannot be used; it then has no answer."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.required = name == "row"


class AnswersSerializer(serializers.Serializer[Any]):
    model_version = serializers.CharField()
    rows = serializers.IntegerField(min_value=0)
    unusable = serializers.IntegerField(min_value=0)
    problems = ProblemSerializer(many=True)
    results = RowSerializer(many=True)


class BatchSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=Batch.Status.values)
    reason = serializers.CharField(help_text="Why it failed, in a sentence.", allow_blank=True)
    rows = serializers.IntegerField(allow_null=True, help_text="Null until they have been counted.")
    rows_done = serializers.IntegerField(min_value=0)
    rows_unusable = serializers.IntegerField(min_value=0)
    seconds_left = serializers.FloatField(allow_null=True, min_value=0)
    model_version = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    dispositions = serializers.DictField(
        child=serializers.IntegerField(),
        allow_null=True,
        help_text="How many signals have each; null until done.",
    )
    problems = ProblemSerializer(many=True)
    url = serializers.URLField(help_text="This resource.")
    page = serializers.URLField(help_text="The same for people.")
    results = serializers.DictField(
        child=serializers.URLField(), help_text="By format; empty until done."
    )


def problem_json(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "sentence": problem.sentence,
        "column": problem.column,
        "count": problem.count,
        "rows": list(problem.rows),
    }


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
        "dispositions": (
            {str(d): n for d, n in zip(DISPOSITIONS, done, strict=True)} if done else None
        ),
        "problems": [problem_json(problem) for problem in problems_of(batch)],
        "url": request.build_absolute_uri(reverse("batch_api", args=[batch.pk])),
        "page": request.build_absolute_uri(batch.get_absolute_url()),
        "results": results,
    }
