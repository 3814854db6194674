"""Folders of light curves for programs: the rules of the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from django.contrib.auth.models import User
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from predictions.curves.api import form_sent
from predictions.curves.folders import services
from predictions.curves.folders.forms import FolderForm
from predictions.curves.folders.models import CurveFolder
from predictions.curves.folders.serializers import (
    FolderDetailSerializer,
    FolderRequestSerializer,
    FolderSerializer,
    folder_detail_json,
    folder_json,
)
from predictions.curves.forms import too_large_sentence
from predictions.curves.searching import SearchStateError
from predictions.rest import examples as api_examples
from predictions.rest.errors import BODY_ERRORS, ErrorSerializer
from training.api_errors import Conflict, UploadTooLarge
from training.datasets.uploads import TOO_LARGE

_ERRORS: Final = {status: ErrorSerializer for status in (400, 401, 403, 404, 405, 406, 429)}
_LAST: Final = 100


class FolderListView(APIView):
    token_scope = "classify"  # noqa: S105 - the name of a scope
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="curve_folder_list",
        responses={200: FolderSerializer(many=True), **_ERRORS},
        examples=[api_examples.answer("One that is done", api_examples.FOLDER)],
    )
    def get(self, request: Request) -> Response:
        """Your latest folders of light curves."""
        folders = CurveFolder.objects.owned_by(request.user)[:_LAST]
        return Response([folder_json(folder, request) for folder in folders])

    @extend_schema(
        operation_id="curve_folder_search",
        request={"multipart/form-data": FolderRequestSerializer},
        responses={
            202: OpenApiResponse(FolderSerializer, "Location names the folder."),
            **_ERRORS,
            **BODY_ERRORS,
        },
        examples=[api_examples.answer("Accepted", api_examples.FOLDER_RUNNING, 202)],
    )
    def post(self, request: Request) -> Response:
        """Search light curves of many stars, star by star, and classify what is measured as one
        batch."""
        files: list[Any] = request.FILES.getlist("files")
        if request.META.get(TOO_LARGE):
            raise UploadTooLarge(too_large_sentence())
        if not files:
            sentence = "Send each light curve, or a ZIP archive, as a part “files” of a form."
            raise ValidationError({"files": [sentence]})
        form = form_sent(_form(request), request, "a folder")
        folder = services.folder_create(
            owner=cast(User, request.user),
            files=[(file.name or "", file) for file in files],
            reading=form.reading(),
        )
        answer = folder_json(folder, request)
        return Response(answer, status=202, headers={"Location": answer["url"]})


def _form(request: Request) -> FolderForm:
    form = FolderForm(request.data)
    del form.fields["file"]  # it is called “files” here, and was looked at
    return form


class FolderView(APIView):
    token_scope = "classify"  # noqa: S105 - the name of a scope

    @extend_schema(
        operation_id="curve_folder_detail",
        responses={200: FolderDetailSerializer, **_ERRORS},
        examples=[api_examples.answer("Done", api_examples.FOLDER_DONE)],
    )
    def get(self, request: Request, folder_id: str) -> Response:
        """How far a folder is, and where its stars and the batch of its rows are."""
        return Response(folder_detail_json(_own(request, folder_id), request))

    @extend_schema(operation_id="curve_folder_delete", responses={204: None, **_ERRORS})
    def delete(self, request: Request, folder_id: str) -> Response:
        """Delete a folder with its stars and their files; its batch stays."""
        services.folder_delete(_own(request, folder_id))
        return Response(status=204)


class FolderCancelView(APIView):
    token_scope = "classify"  # noqa: S105 - the name of a scope

    @extend_schema(
        operation_id="curve_folder_cancel",
        request=None,
        responses={200: FolderSerializer, **_ERRORS, 409: ErrorSerializer},
        examples=[
            api_examples.answer("Cancelled", api_examples.FOLDER_RUNNING | {"status": "CANCELLED"})
        ],
    )
    def post(self, request: Request, folder_id: str) -> Response:
        """Stop a folder; stars that are done keep their results."""
        return _done(services.folder_cancel, request, folder_id)


class FolderResumeView(APIView):
    token_scope = "classify"  # noqa: S105 - the name of a scope

    @extend_schema(
        operation_id="curve_folder_resume",
        request=None,
        responses={200: FolderSerializer, **_ERRORS, 409: ErrorSerializer},
        examples=[api_examples.answer("On its way again", api_examples.FOLDER_RUNNING)],
    )
    def post(self, request: Request, folder_id: str) -> Response:
        """Go on with a folder that failed or was cancelled, from the stars that are done."""
        return _done(services.folder_resume, request, folder_id)


def _done(step: Callable[[CurveFolder], None], request: Request, folder_id: str) -> Response:
    folder = _own(request, folder_id)
    try:
        step(folder)
    except SearchStateError as error:
        raise Conflict(error.code, error.message) from error
    return Response(folder_json(folder, request))


def _own(request: Request, folder_id: str) -> CurveFolder:
    """What is not one's own is not there."""
    folders = CurveFolder.objects.owned_by(request.user).select_related("owner")
    return get_object_or_404(folders, pk=folder_id)
