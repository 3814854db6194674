"""`POST /predict` and `GET /model/metrics`, for programs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, cast

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from predictions import api_examples
from predictions.serializers import (
    SIGNAL_EXAMPLE,
    ErrorSerializer,
    ModelMetricsSerializer,
    SignalSerializer,
    SubmittedSignal,
    VerdictSerializer,
    signal_read,
)
from predictions.services import Verdict, prediction_create, signal_classify
from training.ml.errors import join_words
from training.ml.inputs import shown_text
from training.ml.model import ArtifactError
from training.models import ModelVersion
from training.services_evaluation import backtests_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User

_FLAGS = {"true": True, "false": False}

_ERRORS = {
    400: ErrorSerializer,
    401: ErrorSerializer,
    403: ErrorSerializer,
    405: ErrorSerializer,
    406: ErrorSerializer,
    429: ErrorSerializer,
    503: ErrorSerializer,
}
_BODY_ERRORS = {413: ErrorSerializer, 415: ErrorSerializer}


class NoVersionInService(APIException):
    status_code = 503
    default_code = "no_version_in_service"
    default_detail = (
        "No classifier is in service, so nothing can be classified. Ask a curator to activate a model version."
    )


class VersionUnusable(APIException):
    status_code = 503
    default_code = "version_unusable"


@contextmanager
def version_in_service() -> Iterator[None]:
    """What is wrong with the classifier is the site's fault and not the sender's: 503, with its sentence."""
    try:
        yield
    except ModelVersion.DoesNotExist as error:
        raise NoVersionInService from error
    except ArtifactError as error:
        raise VersionUnusable(error.message) from error


class PredictView(APIView):
    """Classify one transit signal and say why."""

    token_scope = "classify"  # noqa: S105 - the name of a scope

    @extend_schema(
        operation_id="predict",
        request=SignalSerializer,
        responses={200: VerdictSerializer, **_ERRORS, **_BODY_ERRORS},
        parameters=[
            OpenApiParameter(
                "save", OpenApiTypes.BOOL, description="Keep the answer in your history; it then has an id and a url."
            ),
            OpenApiParameter("explain", OpenApiTypes.BOOL, description="false leaves the explanation out."),
        ],
        examples=[
            SIGNAL_EXAMPLE,
            api_examples.answer("Kepler-10 b", api_examples.VERDICT | {"explanation": api_examples.EXPLANATION}),
        ],
    )
    def post(self, request: Request) -> Response:
        flags = read_flags(request, save=False, explain=True)
        signal = signal_read(request.data)
        with version_in_service():
            verdict = signal_classify(signal.rows, explain=flags["explain"])
        saved = save_prediction(request, signal, verdict) if flags["save"] else {}
        return Response({**verdict.as_json(), **signal.echo, **saved})


class ModelMetricsView(APIView):
    """How good the classifier in service is, by mission and disposition."""

    @extend_schema(
        operation_id="model_metrics",
        responses={200: ModelMetricsSerializer, **_ERRORS},
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
            }
        )


def read_flags(request: Request, **defaults: bool) -> dict[str, bool]:
    """The true-or-false parameters of a request; what is unknown or repeated is an error, not a guess."""
    flags, errors = dict(defaults), {}
    for name, texts in request.query_params.lists():
        if name not in defaults:
            errors[shown_text(name)] = [_unknown_parameter(name, list(defaults))]
        elif len(texts) == 1 and texts[0].lower() in _FLAGS:
            flags[name] = _FLAGS[texts[0].lower()]
        else:
            errors[name] = [f"The parameter {name} must be true or false, and be given once."]
    if errors:
        raise ValidationError(errors)
    return flags


def _unknown_parameter(name: str, known: list[str]) -> str:
    nearest = get_close_matches(name[:40], known, n=1)
    advice = f"did you mean {nearest[0]}?" if nearest else f"there is {join_words(known) or 'none'}."
    return f"“{shown_text(name)}” is not a parameter of this address; {advice}"


def save_prediction(request: Request, signal: SubmittedSignal, verdict: Verdict) -> dict[str, Any]:
    prediction = prediction_create(
        user=cast("User", request.user),  # nobody else gets past IsAuthenticated
        raw=signal.raw,
        signal=signal.rows,
        verdict=verdict,
        identifier=signal.identifier or "",
        note=signal.note or "",
    )
    return {"id": str(prediction.pk), "url": request.build_absolute_uri(prediction.get_absolute_url())}
