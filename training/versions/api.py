"""Model versions, for programs: the rules and roles of the pages."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from training.accounts.permissions import CuratorView, ReadersView, signed_in_user
from training.api_errors import NOT_NOW, Conflict, form_errors
from training.ml.evaluation.shapes import ComparisonJson, VersionMetrics
from training.shapes import serializer_of
from training.versions.comparison import versions_compare
from training.versions.forms import ActivateForm
from training.versions.models import ModelVersion
from training.versions.serializers import (
    ActivateSerializer,
    ModelVersionSerializer,
    version_json,
)
from training.versions.services import (
    ActivationHeld,
    NothingBefore,
    VersionSimulated,
    version_put_in_service,
    version_roll_back,
)
from training.versions.views import artifact_response

NAME = {"type": "string", "minLength": 1}


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
    @extend_schema(operation_id="model_version_metrics", responses=serializer_of(VersionMetrics))
    def get(self, request: Request, name: str) -> Response:
        """Every figure of one version."""
        return Response(get_object_or_404(ModelVersion, name=name).metrics)


class ModelVersionCompareView(ReadersView):
    @extend_schema(
        operation_id="model_version_compare",
        responses=serializer_of(ComparisonJson),
        parameters=[
            OpenApiParameter(
                "other", NAME, required=True, description="The version to compare with."
            )
        ],
    )
    def get(self, request: Request, name: str) -> Response:
        """This version against another one, on the same held-out stars."""
        version = get_object_or_404(ModelVersion, name=name)
        if not (wanted := request.query_params.get("other")):
            raise ValidationError(
                {"other": ["Name the version to compare with, as in ?other=2026-11-23T19-40-12Z."]}
            )
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
        sent = ActivateSerializer(
            data=request.data
        )  # text is text and no list: a form would take either
        sent.is_valid(raise_exception=True)
        form = ActivateForm(sent.validated_data)
        if not form.is_valid():
            raise form_errors(form)
        try:
            version_put_in_service(
                version=version, user=signed_in_user(request), **form.cleaned_data
            )
        except (ActivationHeld, VersionSimulated) as error:
            raise Conflict(error.code, error.message) from error
        version.refresh_from_db()
        return Response(version_json(version))


class ModelVersionRollBackView(ReadersView):
    @extend_schema(
        operation_id="model_version_roll_back",
        request=None,
        responses={200: ModelVersionSerializer, **NOT_NOW},
    )
    def post(self, request: Request) -> Response:
        """Back to what was in service before."""
        try:
            return Response(version_json(version_roll_back(user=signed_in_user(request))))
        except NothingBefore as error:
            raise Conflict(error.code, error.message) from error


class ModelVersionArtifactView(CuratorView):
    @extend_schema(
        operation_id="model_version_artifact",
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, name: str) -> HttpResponse:
        """Classifier, metadata and signature as a ZIP file; X-Classifier-SHA256 is the classifier's
        hash."""
        return artifact_response(get_object_or_404(ModelVersion, name=name))
