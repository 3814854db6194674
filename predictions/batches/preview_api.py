"""`POST /api/v1/batches/preview`: how a table would be read,
before anything is classified or kept."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from predictions.batches.pages import preview_context
from predictions.batches.requests import (
    file_sent,
    mapping_sent,
    mission_sent,
    parameters_check,
)
from predictions.batches.serializers import (
    TABLE_PARAMETERS,
    BatchRequestSerializer,
    ProblemSerializer,
    problem_json,
    table_request,
)
from predictions.batches.services import table_limits
from predictions.rest.errors import ErrorSerializer
from predictions.rest.table_bodies import table_parsers
from training.datasets.mappings import SavedMapping
from training.ml.evaluation.shapes import DoubtJson
from training.ml.tables.preview import Preview, preview_table
from training.ml.tables.shapes import GuessJson, QuestionJson
from training.shapes import serializer_of


class FedSerializer(serializers.Serializer[Any]):
    feature = serializers.CharField()
    columns = serializers.ListField(child=serializers.CharField())
    unit = serializers.CharField(allow_blank=True)


class PreviewSerializer(serializers.Serializer[Any]):
    format = serializers.CharField(help_text="As what the file was read, such as CSV or VOTable.")
    encoding = serializers.CharField(
        allow_blank=True, help_text="Of its text; blank where the format is no text."
    )
    recognised = serializers.BooleanField(help_text="Whether the table can be sent as it is.")
    layout = serializers.CharField(allow_null=True)
    mission = serializers.CharField(
        allow_null=True, help_text="Null: each row names its own, or it is not known."
    )
    columns = serializers.ListField(child=serializers.CharField())
    refusal = serializers.CharField(allow_null=True, help_text="Why it is not recognised.")
    inputs = FedSerializer(
        many=True, help_text="Which columns feed which input of the classifier, in which unit."
    )
    absent = serializers.ListField(
        child=serializers.CharField(), help_text="Inputs that the table does not give."
    )
    absent_groups = serializers.ListField(
        child=serializers.DictField(),
        help_text="Groups of which nothing is given, and what that costs in accuracy.",
    )
    problems = ProblemSerializer(
        many=True,
        help_text="What looks wrong in the first rows, read by the mapping; doubts come first.",
    )
    doubts = serializer_of(DoubtJson)(
        many=True, help_text="Values that seem to stand in another unit, with what they would be."
    )
    questions = serializer_of(QuestionJson)(
        many=True, help_text="What only a person can answer; put the answers into the mapping."
    )
    guesses = serializer_of(GuessJson)(
        many=True,
        help_text="What the columns of an unknown table may be; empty where it is recognised.",
    )
    mapping = serializers.DictField(
        help_text=(
            "How it would be read, or a guess to correct; send it as the part `mapping` of a batch."
        )
    )
    confidence = serializers.DictField(
        child=serializers.FloatField(),
        help_text="Of each guess in the mapping, 0 to 1; 1 where it is no guess.",
    )
    saved_mappings = serializers.ListField(
        child=serializers.CharField(), help_text="Names of your mappings that fit this header."
    )


class BatchPreviewView(APIView):
    token_scope = "classify"  # noqa: S105 - the name of a scope
    parser_classes = (MultiPartParser, *table_parsers("application/json"))

    @extend_schema(
        operation_id="batch_preview",
        request=table_request(BatchRequestSerializer),
        parameters=TABLE_PARAMETERS,
        responses={
            200: PreviewSerializer,
            **{status: ErrorSerializer for status in (400, 401, 403, 405, 406, 413, 415, 429)},
        },
    )
    def post(self, request: Request) -> Response:
        """How the first rows of a table would be read: its layout, units, what is absent, what
        looks wrong."""
        parameters_check(request)
        preview = preview_table(
            cast(BinaryIO, file_sent(request).file),
            mission=mission_sent(request),
            mapping=mapping_sent(request),
            limits=table_limits(),
        )
        return Response(_preview_json(preview, cast(User, request.user)))


def _preview_json(preview: Preview, user: User) -> dict[str, Any]:
    context, plan = preview_context(preview), preview.plan
    mission = plan.mission if plan else preview.mapping.mission
    return {
        "format": preview.format,
        "encoding": preview.encoding,
        "recognised": preview.recognised,
        "layout": plan.layout.key if plan else None,
        "mission": str(mission) if mission else None,
        "columns": preview.columns,
        "refusal": preview.refusal.message if preview.refusal else None,
        "inputs": [
            {"feature": fed.feature.name, "columns": fed.sources, "unit": fed.unit}
            for fed in context.get("fed", ())
        ],
        "absent": [feature.name for feature in context.get("absent", ())],
        "absent_groups": [absent.as_json() for absent in context.get("absent_groups", ())],
        "problems": [problem_json(problem) for problem in preview.problems],
        "doubts": [doubt.as_json() for doubt in preview.doubts],
        "questions": [question.as_json() for question in preview.questions],
        "guesses": [guess.as_json() for guess in preview.guesses],
        "mapping": preview.mapping.as_json(),
        "confidence": preview.mapping.confidence,
        "saved_mappings": list(
            SavedMapping.objects.all().fitting(user, preview.columns).values_list("name", flat=True)
        ),
    }
