"""Which rows of a batch are kept, rejected and noted, for programs."""

from __future__ import annotations

from typing import Any, Final, cast

from django.contrib.auth.models import User
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from predictions.batches.models import Batch
from predictions.rest import examples as api_examples
from predictions.rest.errors import BODY_ERRORS, ErrorSerializer
from predictions.triage.marking import mark_given, mark_json
from predictions.triage.models import RowMark
from predictions.triage.serializers import (
    MARK_SENT,
    ListedMarkSerializer,
    RowMarkRequestSerializer,
    RowMarkSerializer,
)
from predictions.triage.services import marks_of
from training.api_errors import Conflict

_ERRORS: Final = {status: ErrorSerializer for status in (400, 401, 403, 404, 405, 406, 409, 429)}


class RowMarkView(APIView):
    token_scope = "classify"  # noqa: S105 - the name of a scope

    @extend_schema(
        operation_id="batch_row_mark",
        responses={200: RowMarkSerializer, **_ERRORS},
        examples=[api_examples.answer("Kept", api_examples.MARK)],
    )
    def get(self, request: Request, pk: str, row: int) -> Response:
        """What was decided and noted about a row of a batch."""
        batch = _visible(request, pk)
        _check(batch, row)
        return Response(mark_json(row, marks_of(batch, [row]).get(row)))

    @extend_schema(
        operation_id="batch_row_mark_set",
        request={"application/json": MARK_SENT},
        responses={200: RowMarkSerializer, **_ERRORS, **BODY_ERRORS},
        examples=[api_examples.answer("Kept", api_examples.MARK)],
    )
    def put(self, request: Request, pk: str, row: int) -> Response:
        """Keep or reject a row of a batch of yours, and note something about it; what is left out
        is taken back."""
        batch = get_object_or_404(Batch, pk=pk, owner_id=request.user.pk)
        _check(batch, row)
        sent = RowMarkRequestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        given: dict[str, Any] = sent.validated_data
        decision, note = given.get("decision") or "", given.get("note", "")
        user = cast(User, request.user)
        return Response(mark_json(row, mark_given(batch, row, user, decision=decision, note=note)))


class RowMarkListView(APIView):
    token_scope = "classify"  # noqa: S105 - the name of a scope

    @extend_schema(
        operation_id="batch_marks",
        responses={200: ListedMarkSerializer(many=True), **_ERRORS},
        examples=[api_examples.answer("One row is kept", api_examples.LISTED_MARK)],
    )
    def get(self, request: Request, pk: str) -> Response:
        """Every row of a batch that is kept, rejected or noted, in the order of the table."""
        marks = RowMark.objects.filter(batch=_visible(request, pk))
        return Response([_listed(mark) for mark in marks])


def _listed(mark: RowMark) -> dict[str, object]:
    facts = {"identifier": mark.identifier, "changed_at": mark.changed_at}
    return mark_json(mark.row, mark) | facts


def _visible(request: Request, pk: str) -> Batch:
    return get_object_or_404(Batch.objects.visible_to(request.user), pk=pk)


def _check(batch: Batch, row: int) -> None:
    """Raise where there is no such row, or no outcome yet to decide about."""
    if not batch.is_done:
        raise Conflict("batch_state", f"{batch.name} is not classified yet; wait until it is.")
    if not 1 <= row <= (batch.rows or 0):
        raise Http404
