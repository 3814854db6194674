"""Datasets, for programs: the rules and roles of the pages."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from training.accounts.permissions import CuratorView, signed_in_user
from training.api_errors import UploadTooLarge, form_errors
from training.datasets.forms import DatasetUploadForm
from training.datasets.models import Dataset
from training.datasets.serializers import (
    DatasetFileSerializer,
    DatasetReportSerializer,
    DatasetSerializer,
    dataset_json,
)
from training.datasets.services import dataset_archive, dataset_upload
from training.datasets.uploads import TOO_LARGE
from training.ml.tables.mapping import ColumnMapping


class DatasetListView(CuratorView):
    parser_classes = (MultiPartParser,)

    @extend_schema(operation_id="dataset_list", responses=DatasetSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The datasets that are not archived, newest first."""
        return Response(
            [dataset_json(dataset) for dataset in Dataset.objects.current().defer("report")]
        )

    @extend_schema(
        operation_id="dataset_upload",
        request={"multipart/form-data": DatasetFileSerializer},
        responses={200: DatasetReportSerializer, 201: DatasetReportSerializer},
    )
    def post(self, request: Request) -> Response:
        """Read a table, report on it and keep it. 200 where the very same file is here already."""
        form = DatasetUploadForm(request.POST, request.FILES)
        size = getattr(request.FILES.get("file"), "size", 0)
        if request.META.get(TOO_LARGE) or size > settings.DATASET_MAX_BYTES:
            limit = min(settings.BATCH_MAX_BYTES, settings.DATASET_MAX_BYTES)
            raise UploadTooLarge(
                f"The file has more than {limit:,} bytes; compress it with gzip or leave rows out."
            )
        if not form.is_valid():
            raise form_errors(form)
        received = dataset_upload(
            file=form.upload,
            name=form.upload.name or "",
            user=signed_in_user(request),
            mission=form.mission_chosen,
            mapping=_mapping(request),
        )
        body = DatasetReportSerializer(received.dataset).data
        location = {"Location": f"/api/v1/datasets/{received.dataset.pk}"}
        return Response(body, status=200 if received.known else 201, headers=location)


def _mapping(request: Request) -> ColumnMapping | None:
    sent: Any = request.data  # a form's fields: the one parser says so
    if not sent.get("mapping"):
        return None
    given = serializers.JSONField(binary=True).run_validation(sent["mapping"])
    if not isinstance(given, dict):
        raise ValidationError({"mapping": ["The mapping must be a JSON object."]})
    return ColumnMapping.from_json(given)


class DatasetView(CuratorView):
    @extend_schema(operation_id="dataset_report", responses=DatasetReportSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """One dataset with its validation report."""
        dataset = get_object_or_404(Dataset.objects.received(), pk=pk)
        return Response(DatasetReportSerializer(dataset).data)

    @extend_schema(operation_id="dataset_archive", responses={200: DatasetSerializer})
    def delete(self, request: Request, pk: int) -> Response:
        """Archive it: not offered for training any more, and nothing of it lost."""
        dataset = get_object_or_404(Dataset.objects.received(), pk=pk)
        dataset_archive(dataset, signed_in_user(request))
        dataset.refresh_from_db()
        return Response(dataset_json(dataset))
