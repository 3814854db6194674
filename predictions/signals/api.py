"""`POST /predict`, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from predictions.rest import examples as api_examples
from predictions.rest.errors import BODY_ERRORS, ERRORS, version_in_service
from predictions.rest.parameters import read_flags
from predictions.signals.serializers import (
    SIGNAL_EXAMPLE,
    SignalSerializer,
    SubmittedSignal,
    VerdictSerializer,
    signal_read,
)
from predictions.signals.services import Verdict, prediction_create, signal_classify

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class PredictView(APIView):
    """Classify one transit signal and say why."""

    token_scope = "classify"  # noqa: S105 - the name of a scope

    @extend_schema(
        operation_id="predict",
        request=SignalSerializer,
        responses={200: VerdictSerializer, **ERRORS, **BODY_ERRORS},
        parameters=[
            OpenApiParameter(
                "save",
                OpenApiTypes.BOOL,
                description="Keep the answer in your history; it then has an id and a url.",
            ),
            OpenApiParameter(
                "explain", OpenApiTypes.BOOL, description="false leaves the explanation out."
            ),
        ],
        examples=[
            SIGNAL_EXAMPLE,
            api_examples.answer(
                "Kepler-10 b", api_examples.VERDICT | {"explanation": api_examples.EXPLANATION}
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        flags = read_flags(request, save=False, explain=True)
        signal = signal_read(request.data)
        with version_in_service():
            verdict = signal_classify(
                signal.rows,
                explain=flags["explain"],
                identifier=signal.identifier or "",
                place=signal.place,
            )
        saved = save_prediction(request, signal, verdict) if flags["save"] else {}
        return Response({**verdict.as_json(), **signal.echo, **saved})


def save_prediction(request: Request, signal: SubmittedSignal, verdict: Verdict) -> dict[str, Any]:
    prediction = prediction_create(
        user=cast("User", request.user),  # nobody else gets past IsAuthenticated
        raw=signal.raw,
        verdict=verdict,
        identifier=signal.identifier or "",
        note=signal.note or "",
    )
    return {
        "id": str(prediction.pk),
        "url": request.build_absolute_uri(prediction.get_absolute_url()),
    }
