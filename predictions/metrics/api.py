"""`GET /model/metrics`, for programs."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from predictions.catalogue.foresight.pages import prospective_json
from predictions.metrics.serializers import ModelMetricsSerializer
from predictions.rest import examples as api_examples
from predictions.rest.errors import ERRORS, version_in_service
from predictions.rest.parameters import read_flags
from training.accounts.public import PublicView
from training.models import ModelVersion
from training.versions.evaluation import backtests_of


class ModelMetricsView(PublicView):
    """How good the classifier in service is, by mission and disposition."""

    @extend_schema(
        operation_id="model_metrics",
        responses={200: ModelMetricsSerializer, **ERRORS},
        examples=[api_examples.answer("A few of the figures", api_examples.METRICS)],
    )
    def get(self, request: Request) -> Response:
        read_flags(request)
        with version_in_service():
            version = ModelVersion.objects.active()
        return Response(
            {
                "version": version.name,
                "created": version.created_at,
                "in_service_since": version.activated_at,
                "tables": version.metadata.get("tables", []),
                "metrics": version.metrics,
                "evaluation": version.metadata.get("evaluation"),
                "backtests": backtests_of(version.metadata),
                "prospective": prospective_json(version),
            }
        )
