"""Light curves for programs: the rules of the pages."""

from __future__ import annotations

from typing import Any, Final, TypeVar, cast

from django.contrib.auth.models import User
from django.db import transaction
from django.forms import BaseForm
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from predictions.curves.forms import AskedForm, too_large_sentence
from predictions.curves.known_stars import with_catalogue
from predictions.curves.models import CurveSearch
from predictions.curves.remeasuring import search_measured, stated_otherwise
from predictions.curves.searching import (
    SearchStateError,
    search_cancel,
    search_create,
    search_delete,
    search_start,
    upload_check,
)
from predictions.curves.serializers import (
    CurveAgainSerializer,
    CurveRequestSerializer,
    CurveSearchDetailSerializer,
    CurveSearchSerializer,
    search_json,
)
from predictions.rest import examples as api_examples
from predictions.rest.errors import BODY_ERRORS, ErrorSerializer
from training.api_errors import Conflict, UploadTooLarge, form_errors
from training.datasets.uploads import TOO_LARGE
from training.ml.errors import TooLarge
from training.ml.inputs import shown_text

_ERRORS: Final = {status: ErrorSerializer for status in (400, 401, 403, 404, 405, 406, 429)}
_LAST: Final = 100  # searches in a list
FormT = TypeVar("FormT", bound=BaseForm)


class CurveListView(APIView):
    token_scope = "classify"  # noqa: S105 - the name of a scope
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="curve_list",
        responses={200: CurveSearchSerializer(many=True), **_ERRORS},
        examples=[api_examples.answer("One that runs", api_examples.CURVE_RUNNING)],
    )
    def get(self, request: Request) -> Response:
        """Your latest searches of light curves, without those of folders."""
        searches = CurveSearch.objects.owned_by(request.user).alone().light()[:_LAST]
        return Response([search_json(search, request) for search in searches])

    @extend_schema(
        operation_id="curve_search",
        request={"multipart/form-data": CurveRequestSerializer},
        responses={
            202: OpenApiResponse(CurveSearchSerializer, "Location names the search."),
            **_ERRORS,
            **BODY_ERRORS,
        },
        examples=[api_examples.answer("Accepted", api_examples.CURVE_RUNNING, 202)],
    )
    def post(self, request: Request) -> Response:
        """Search light curves of one star for transits, and classify each, in the background.

        What is not sent of the star is taken from the files, and else from the catalogue;
        ``star_from`` tells which.
        """
        files = _files_sent(request)
        form = form_sent(AskedForm(request.data), request, "a search")
        with transaction.atomic():
            search = search_create(
                owner=cast(User, request.user),
                files=[(file.name or "", file) for file in files],
            )
            search_start(search, with_catalogue(search.glanced["star"], form.asked()))
        answer = search_json(search, request)
        return Response(answer, status=202, headers={"Location": answer["url"]})


def _files_sent(request: Request) -> list[Any]:
    files: list[Any] = request.FILES.getlist("files")
    if request.META.get(TOO_LARGE):
        raise UploadTooLarge(too_large_sentence())
    if not files:
        sentence = "Send each light curve as a part “files” of a multipart form."
        raise ValidationError({"files": [sentence]})
    try:
        upload_check(files)
    except TooLarge as error:
        raise UploadTooLarge(error.message) from error
    return files


def form_sent(form: FormT, request: Request, taker: str) -> FormT:
    """``form``, of what was sent beside the files. Raises ``ValidationError`` where it is wrong, or
    where ``taker`` takes no such thing."""
    sent = [name for name in request.data if name != "files"]
    if unknown := [shown_text(name) for name in sent if name not in form.fields]:
        raise ValidationError(
            {name: [f"“{name}” is not something that {taker} takes."] for name in unknown}
        )
    if not form.is_valid():
        raise form_errors(form)
    return form


class CurveView(APIView):
    token_scope = "classify"  # noqa: S105 - the name of a scope

    @extend_schema(
        operation_id="curve_detail",
        responses={200: CurveSearchDetailSerializer, **_ERRORS},
        examples=[api_examples.answer("Done", api_examples.CURVE_DONE)],
    )
    def get(self, request: Request, pk: str) -> Response:
        """How far a search of yours is, and what it has found; or what one that was shared has."""
        search = _visible(request, pk)
        return Response(search_json(search, request) | {"result": search.result})

    @extend_schema(operation_id="curve_delete", responses={204: None, **_ERRORS})
    def delete(self, request: Request, pk: str) -> Response:
        """Delete a search with its files; its predictions stay in your history."""
        search_delete(_own(request, pk))
        return Response(status=204)


class CurveCancelView(APIView):
    token_scope = "classify"  # noqa: S105 - the name of a scope

    @extend_schema(
        operation_id="curve_cancel",
        request=None,
        responses={200: CurveSearchSerializer, **_ERRORS, 409: ErrorSerializer},
        examples=[
            api_examples.answer("Cancelled", api_examples.CURVE_RUNNING | {"status": "CANCELLED"})
        ],
    )
    def post(self, request: Request, pk: str) -> Response:
        """Stop a search, whether it waits or runs."""
        search = _own(request, pk)
        try:
            search_cancel(search)
        except SearchStateError as error:
            raise Conflict(error.code, error.message) from error
        return Response(search_json(search, request))


class CurveAgainView(APIView):
    token_scope = "classify"  # noqa: S105 - the name of a scope

    @extend_schema(
        operation_id="curve_again",
        request=CurveAgainSerializer,
        responses={
            201: OpenApiResponse(CurveSearchDetailSerializer, "Measured, in a search of its own."),
            202: OpenApiResponse(CurveSearchSerializer, "It takes longer; Location names it."),
            **_ERRORS,
            **BODY_ERRORS,
            409: ErrorSerializer,
        },
        examples=[api_examples.answer("Measured", api_examples.CURVE_DONE, 201)],
    )
    def post(self, request: Request, pk: str) -> Response:
        """Measure a signal of a search at another period; what was found before stays."""
        search = _own(request, pk, with_plots=True)
        if not search.is_done:
            error = SearchStateError(search, "measured again")
            raise Conflict(error.code, error.message)
        sent = CurveAgainSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        given = sent.validated_data
        stated = stated_otherwise(search, given["signal"], given["period"], given.get("epoch"))
        again = search_measured(search, stated)
        answer = search_json(again, request)
        location = {"Location": answer["url"]}
        if not again.is_done:
            return Response(answer, status=202, headers=location)
        return Response(answer | {"result": again.result}, status=201, headers=location)


def _own(request: Request, pk: str, with_plots: bool = False) -> CurveSearch:
    """What is not one's own is not there."""
    searches = CurveSearch.objects.owned_by(request.user).select_related("model_version", "owner")
    put_off = ["model_version__metadata"] if with_plots else ["plots", "model_version__metadata"]
    return get_object_or_404(searches.defer(*put_off), pk=pk)


def _visible(request: Request, pk: str) -> CurveSearch:
    """Nor what was not shared, or is not done yet."""
    searches = CurveSearch.objects.visible_to(request.user).select_related("model_version")
    search = get_object_or_404(searches.defer("plots", "model_version__metadata"), pk=pk)
    if search.owner_id != request.user.pk and not search.is_done:
        raise Http404
    return search
