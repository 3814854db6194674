"""`POST /predict_batch` and the batches under /api/v1/, for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, Any, BinaryIO, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import APIException
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from predictions.batches import services as batch_services
from predictions.batches.answers import AnsweredTable, answer_table, first_rows
from predictions.batches.downloads import FORMATS, download_name, download_named
from predictions.batches.lists import list_read
from predictions.batches.models import Batch
from predictions.batches.requests import (
    contributions_sent,
    file_sent,
    mapping_sent,
    mission_sent,
    parameters_check,
)
from predictions.batches.serializers import (
    TABLE_PARAMETERS,
    AnswersSerializer,
    BatchSerializer,
    PredictBatchRequestSerializer,
    batch_json,
    table_request,
)
from predictions.rest import examples as api_examples
from predictions.rest.errors import ErrorSerializer, version_in_service
from predictions.rest.parsers import BoundedJSONParser
from predictions.rest.table_bodies import table_parsers
from predictions.signals.serializers import KEPLER_10_B, ListedSignalSerializer
from training.api_errors import UploadTooLarge
from training.ml.errors import TooLarge
from training.ml.schema import Mission
from training.ml.tables.data_loader import open_table
from training.ml.tables.mapping import ColumnMapping
from training.ml.tables.preview import preview_table

_ERRORS = {status: ErrorSerializer for status in (400, 401, 403, 404, 405, 406, 413, 415, 429, 503)}
JSON = "application/json"
_LAST = 100  # batches in a list


class BatchConflict(APIException):
    status_code = 409
    default_code = "batch_state"


class IdempotencyConflict(APIException):
    status_code = 409
    default_code = "idempotency_key_reused"


class CSVRenderer(BaseRenderer):
    """Only announces the type: the view writes the rows itself, and errors stay JSON."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        response = (renderer_context or {}).get("response")
        if response is not None:
            response["Content-Type"] = "application/json"
        return json.dumps(data).encode()


class PredictBatchView(APIView):
    """Classify a table or a list of signals: at once where it is small, in the background where it
    is not."""

    token_scope = "classify"  # noqa: S105 - the name of a scope
    parser_classes = (MultiPartParser, BoundedJSONParser, *table_parsers())
    renderer_classes = (JSONRenderer, CSVRenderer)

    @extend_schema(
        operation_id="predict_batch",
        request={
            **table_request(PredictBatchRequestSerializer),
            "application/json": ListedSignalSerializer(many=True),
        },
        responses={
            (200, "application/json"): AnswersSerializer,
            (200, "text/csv"): OpenApiTypes.STR,
            202: OpenApiResponse(
                BatchSerializer, "Too large to be answered at once; Location names the batch."
            ),
            **_ERRORS,
            409: ErrorSerializer,
        },
        parameters=[
            *TABLE_PARAMETERS,
            OpenApiParameter(
                "top_contributions",
                int,
                description="Where the table is the body: as in the form.",
            ),
            OpenApiParameter(
                "Idempotency-Key",
                str,
                OpenApiParameter.HEADER,
                description="The same key with the same table never starts a second batch.",
            ),
        ],
        examples=[
            OpenApiExample(
                "Two signals", value=[KEPLER_10_B, KEPLER_10_B], request_only=True, media_type=JSON
            ),
            api_examples.answer("A small table", api_examples.ANSWERS),
            api_examples.answer("The same as CSV", api_examples.CSV, media_type="text/csv"),
            api_examples.answer("A large table", api_examples.RUNNING, 202),
        ],
    )
    def post(self, request: Request) -> Response | HttpResponse | StreamingHttpResponse:
        parameters_check(request)
        if not isinstance(request.data, list):
            file = file_sent(request)
            return self._table(request, cast(BinaryIO, file.file), file.name or "", [])
        signals = list_read(request.data)
        return self._table(request, signals.as_csv(), "signals.csv", signals.echoes)

    def _table(
        self, request: Request, source: BinaryIO, name: str, echoes: Sequence[dict[str, str]]
    ) -> Response | HttpResponse | StreamingHttpResponse:
        mission, mapping, top = (
            mission_sent(request),
            mapping_sent(request),
            contributions_sent(request),
        )
        if top or first_rows(source, settings.BATCH_SYNC_ROWS + 1) > settings.BATCH_SYNC_ROWS:
            preview = preview_table(
                source, mission=mission, mapping=mapping, limits=batch_services.table_limits()
            )
            if preview.refusal:
                raise preview.refusal
            return _accepted(request, source, name, mission, mapping, top)
        reader = open_table(
            source, mission=mission, mapping=mapping, limits=batch_services.table_limits()
        )
        with version_in_service():
            return self._answer(request, answer_table(reader, echoes))

    def _answer(
        self, request: Request, answered: AnsweredTable
    ) -> Response | StreamingHttpResponse:
        if request.accepted_renderer.format == "csv":
            return _stream(answered.csv_rows(), "text/csv; charset=utf-8", "answers.csv")
        return Response(answered.as_json())


class BatchListView(APIView):
    @extend_schema(
        operation_id="batch_list",
        responses={200: BatchSerializer(many=True), **_ERRORS},
        examples=[
            api_examples.answer("Two batches", api_examples.DONE),
            api_examples.answer("", api_examples.RUNNING),
        ],
    )
    def get(self, request: Request) -> Response:
        """Your latest batches and those shared with you."""
        batches = Batch.objects.visible_to(request.user).with_version().with_progress()[:_LAST]
        return Response([batch_json(batch, request) for batch in batches])


class BatchView(APIView):
    token_scope = "classify"  # noqa: S105 - the name of a scope

    @extend_schema(
        operation_id="batch_detail",
        responses={200: BatchSerializer, **_ERRORS},
        examples=[
            api_examples.answer("Under way", api_examples.RUNNING),
            api_examples.answer("Done", api_examples.DONE),
        ],
    )
    def get(self, request: Request, pk: str) -> Response:
        """How far a batch is, and where its results are."""
        return Response(batch_json(_visible(request, pk), request))

    @extend_schema(operation_id="batch_delete", responses={204: None, **_ERRORS})
    def delete(self, request: Request, pk: str) -> Response:
        """Delete a batch of yours, its table and its results."""
        batch_services.batch_delete(batch=_own(request, pk))
        return Response(status=204)


class BatchCancelView(APIView):
    token_scope = "classify"  # noqa: S105 - the name of a scope

    @extend_schema(
        operation_id="batch_cancel",
        request=None,
        responses={200: BatchSerializer, **_ERRORS, 409: ErrorSerializer},
        examples=[api_examples.answer("Cancelled", api_examples.RUNNING | {"status": "cancelled"})],
    )
    def post(self, request: Request, pk: str) -> Response:
        """Stop a batch of yours; what is done is kept."""
        return _done(batch_services.batch_cancel, _own(request, pk), request)


class BatchResumeView(APIView):
    token_scope = "classify"  # noqa: S105 - the name of a scope

    @extend_schema(
        operation_id="batch_resume",
        request=None,
        responses={200: BatchSerializer, **_ERRORS, 409: ErrorSerializer},
        examples=[api_examples.answer("On its way again", api_examples.RUNNING)],
    )
    def post(self, request: Request, pk: str) -> Response:
        """Carry on with a batch of yours that failed or was cancelled, from what is done."""
        return _done(batch_services.batch_resume, _own(request, pk), request)


def _done(service: Callable[..., None], batch: Batch, request: Request) -> Response:
    try:
        service(batch=batch)
    except batch_services.BatchStateError as error:
        raise BatchConflict(error.message) from error
    return Response(batch_json(batch, request))


class BatchResultView(APIView):
    @extend_schema(
        operation_id="batch_result",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, **_ERRORS},
    )
    def get(self, request: Request, pk: str, key: str) -> StreamingHttpResponse:
        """The results as csv, parquet, votable or fits."""
        batch = _visible(request, pk)
        if not batch.is_done or key not in FORMATS:
            raise Http404
        wanted = download_named(key, batch)
        return _stream(wanted.write(batch, None), wanted.content_type, download_name(batch, wanted))


def _stream(
    content: Iterable[bytes] | Iterator[bytes], content_type: str, name: str
) -> StreamingHttpResponse:
    response = StreamingHttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


# --- what was sent --------------------------------------------------------------------------------


def _accepted(
    request: Request,
    file: IO[bytes],
    name: str,
    mission: Mission | None = None,
    mapping: ColumnMapping | None = None,
    top: int = 0,
) -> HttpResponse:
    """202: the batch is on its way, under the address in Location."""
    key = request.headers.get("Idempotency-Key", "")[:200]
    with version_in_service():
        try:
            batch = batch_services.batch_create(
                owner=cast(User, request.user),
                file=file,
                name=name,
                mission=mission,
                mapping=mapping.as_json() if mapping else None,
                idempotency_key=key,
            )
        except batch_services.IdempotencyKeyReused as error:
            raise IdempotencyConflict(error.message) from error
        except TooLarge as error:
            raise UploadTooLarge(error.message) from error
        if batch.is_draft:
            batch_services.batch_start(batch=batch, top_contributions=top)
    body = JSONRenderer().render(BatchSerializer(batch_json(batch, request)).data)
    response = HttpResponse(body, status=202, content_type="application/json")
    response["Location"] = request.build_absolute_uri(reverse("batch_api", args=[batch.pk]))
    return response


def _visible(request: Request, pk: str) -> Batch:
    return get_object_or_404(Batch.objects.visible_to(request.user).with_version(), pk=pk)


def _own(request: Request, pk: str) -> Batch:
    return get_object_or_404(Batch.objects.with_version(), pk=pk, owner_id=request.user.pk)
