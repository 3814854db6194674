"""Datasets, training runs and model versions, for programs: the rules and roles of the pages."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from training.api_shapes import (
    ActivateSerializer,
    ComparisonSerializer,
    TrainingRunRequestSerializer,
    VersionMetricsSerializer,
)
from training.forms import ActivateForm, DatasetUploadForm, TrainingRunForm
from training.ml.mapping import ColumnMapping
from training.models import Dataset, ModelVersion, TrainingRun
from training.roles import is_curator
from training.serializers import (
    DatasetReportSerializer,
    DatasetSerializer,
    ModelVersionSerializer,
    TrainingRunSerializer,
    dataset_json,
    run_json,
    version_json,
)
from training.services_datasets import dataset_archive, dataset_upload
from training.services_runs import RunEnded, training_run_cancel, training_run_start, training_runs_glance
from training.services_versions import (
    ActivationHeld,
    NothingBefore,
    version_put_in_service,
    version_roll_back,
    versions_compare,
)
from training.uploads import TOO_LARGE
from training.views.model_versions import artifact_response

_ERROR = {"$ref": "#/components/schemas/Error"}
NOT_NOW = {409: OpenApiResponse(_ERROR, description="It does not fit the state of things.")}
NAME = {"type": "string", "minLength": 1}


class Conflict(APIException):
    """What was asked for does not fit the state of things; the code is that of the user's error."""

    status_code = 409

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.default_code = code


class UploadTooLarge(APIException):
    status_code = 413
    default_code = "too_large"


class IsCurator(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return is_curator(request.user)


class CuratorView(APIView):
    permission_classes = [*api_settings.DEFAULT_PERMISSION_CLASSES, IsCurator]  # type: ignore[list-item]


class ReadersView(APIView):
    """Everybody signed in may read; curators decide."""

    def get_permissions(self) -> list[Any]:
        reading = self.request.method in ("GET", "HEAD", "OPTIONS")
        return [*super().get_permissions(), *([] if reading else [IsCurator()])]


def _user(request: Request) -> User:
    assert isinstance(request.user, User)  # noqa: S101  # nosec B101  # the permission classes have seen to it
    return request.user


def _form_errors(form: Any) -> ValidationError:
    errors = {("" if name == "__all__" else name): list(sentences) for name, sentences in form.errors.items()}
    return ValidationError(errors)


# --- Datasets --------------------------------------------------------------------------------------------------------


class DatasetFileSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(help_text="CSV, .csv.gz or TSV with a column of dispositions.")
    mission = serializers.CharField(required=False, help_text="Where the columns do not tell.")
    mapping = serializers.JSONField(required=False, help_text="Which column feeds which feature, in which unit.")


class DatasetListView(CuratorView):
    parser_classes = (MultiPartParser,)

    @extend_schema(operation_id="dataset_list", responses=DatasetSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The datasets that are not archived, newest first."""
        return Response([dataset_json(dataset) for dataset in Dataset.objects.current().defer("report")])

    @extend_schema(
        operation_id="dataset_upload", request={"multipart/form-data": DatasetFileSerializer},
        responses={200: DatasetReportSerializer, 201: DatasetReportSerializer},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Read a table, report on it and keep it. 200 where the very same file is here already."""
        form = DatasetUploadForm(request.POST, request.FILES)
        size = getattr(request.FILES.get("file"), "size", 0)
        if request.META.get(TOO_LARGE) or size > settings.DATASET_MAX_BYTES:
            limit = min(settings.BATCH_MAX_BYTES, settings.DATASET_MAX_BYTES)
            raise UploadTooLarge(f"The file has more than {limit:,} bytes; compress it with gzip or leave rows out.")
        if not form.is_valid():
            raise _form_errors(form)
        received = dataset_upload(
            file=form.upload, name=form.upload.name or "", user=_user(request), mission=form.mission_chosen,
            mapping=_mapping(request),
        )  # fmt: skip
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
        dataset = get_object_or_404(Dataset, pk=pk)
        return Response(DatasetReportSerializer(dataset).data)

    @extend_schema(operation_id="dataset_archive", responses={200: DatasetSerializer})
    def delete(self, request: Request, pk: int) -> Response:
        """Archive it: not offered for training any more, and nothing of it lost."""
        dataset = get_object_or_404(Dataset, pk=pk)
        dataset_archive(dataset, _user(request))
        dataset.refresh_from_db()
        return Response(dataset_json(dataset))


# --- Training runs ---------------------------------------------------------------------------------------------------


class TrainingRunListView(CuratorView):
    @extend_schema(operation_id="training_run_list", responses=TrainingRunSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The training runs, newest first."""
        training_runs_glance()
        return Response(
            [
                run_json(run)
                for run in TrainingRun.objects.select_related("model_version").defer("model_version__metadata")[:200]
            ]
        )

    @extend_schema(
        operation_id="training_run_start",
        request=TrainingRunRequestSerializer,
        responses={202: TrainingRunSerializer},
    )
    def post(self, request: Request) -> Response:
        """Start a training in the background."""
        if not isinstance(request.data, dict):
            raise ValidationError({"": ["Send one JSON object."]})
        usual = {"seed": 0, "balance": "smote", "masking": True, "search_trials": 0}
        form = TrainingRunForm(usual | dict(request.data))
        if unknown := [str(name)[:60] for name in request.data if name not in form.fields]:
            raise ValidationError({name: [f"“{name}” is not something that a training has."] for name in unknown})
        if not form.is_valid():
            raise _form_errors(form)
        run = training_run_start(
            datasets=form.cleaned_data["datasets"], choices=form.choices(), user=_user(request),
            notes=form.cleaned_data["notes"],
        )  # fmt: skip
        return Response(run_json(run), status=202, headers={"Location": f"/api/v1/training-runs/{run.pk}"})


class TrainingRunView(CuratorView):
    @extend_schema(operation_id="training_run_progress", responses=TrainingRunSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """How far it is."""
        training_runs_glance()
        return Response(run_json(get_object_or_404(TrainingRun, pk=pk)))


class TrainingRunCancelView(CuratorView):
    @extend_schema(operation_id="training_run_cancel", request=None, responses={200: TrainingRunSerializer, **NOT_NOW})
    def post(self, request: Request, pk: int) -> Response:
        """Stop it, whether it waits or runs."""
        run = get_object_or_404(TrainingRun, pk=pk)
        try:
            training_run_cancel(run, _user(request))
        except RunEnded as error:
            raise Conflict(error.code, error.message) from error
        return Response(run_json(run))


# --- Model versions --------------------------------------------------------------------------------------------------


class ModelVersionListView(ReadersView):
    @extend_schema(operation_id="model_version_list", responses=ModelVersionSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The model versions, newest first."""
        return Response([version_json(version) for version in ModelVersion.objects.all()])


class ModelVersionView(ReadersView):
    @extend_schema(operation_id="model_version_detail", responses=ModelVersionSerializer)
    def get(self, request: Request, name: str) -> Response:
        """One version with its lineage."""
        return Response(version_json(get_object_or_404(ModelVersion, name=name)))


class ModelVersionMetricsView(ReadersView):
    @extend_schema(operation_id="model_version_metrics", responses=VersionMetricsSerializer)
    def get(self, request: Request, name: str) -> Response:
        """Every figure of one version."""
        return Response(get_object_or_404(ModelVersion, name=name).metrics)


class ModelVersionCompareView(ReadersView):
    @extend_schema(
        operation_id="model_version_compare", responses=ComparisonSerializer,
        parameters=[OpenApiParameter("other", NAME, required=True, description="The version to compare with.")],
    )  # fmt: skip
    def get(self, request: Request, name: str) -> Response:
        """This version against another one, on the same held-out stars."""
        version = get_object_or_404(ModelVersion, name=name)
        if not (wanted := request.query_params.get("other")):
            raise ValidationError({"other": ["Name the version to compare with, as in ?other=2026-11-23T19-40-12Z."]})
        other = get_object_or_404(ModelVersion, name=wanted)
        return Response(versions_compare(other, version).as_json())


class ModelVersionActivateView(ReadersView):
    @extend_schema(
        operation_id="model_version_activate",
        request=ActivateSerializer,
        responses={200: ModelVersionSerializer, **NOT_NOW},
    )
    def post(self, request: Request, name: str) -> Response:
        """Put it in service. 409 where something speaks against it and `override` is not given."""
        version = get_object_or_404(ModelVersion, name=name)
        sent = ActivateSerializer(data=request.data)  # text is text and no list: a form would take either
        sent.is_valid(raise_exception=True)
        form = ActivateForm(sent.validated_data)
        if not form.is_valid():
            raise _form_errors(form)
        try:
            version_put_in_service(version=version, user=_user(request), **form.cleaned_data)
        except ActivationHeld as error:
            raise Conflict(error.code, error.message) from error
        version.refresh_from_db()
        return Response(version_json(version))


class ModelVersionRollBackView(ReadersView):
    @extend_schema(
        operation_id="model_version_roll_back", request=None, responses={200: ModelVersionSerializer, **NOT_NOW}
    )
    def post(self, request: Request) -> Response:
        """Back to what was in service before."""
        try:
            return Response(version_json(version_roll_back(user=_user(request))))
        except NothingBefore as error:
            raise Conflict(error.code, error.message) from error


class ModelVersionArtifactView(CuratorView):
    @extend_schema(operation_id="model_version_artifact", responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request: Request, name: str) -> HttpResponse:
        """Classifier, metadata and signature as a ZIP file; X-Classifier-SHA256 is the classifier's hash."""
        return artifact_response(get_object_or_404(ModelVersion, name=name))
