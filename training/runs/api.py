"""Training runs, for programs: the rules and roles of the pages."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from training.accounts.permissions import CuratorView, signed_in_user
from training.api_errors import NOT_NOW, Conflict, form_errors
from training.runs.forms import TrainingRunForm
from training.runs.models import TrainingRun
from training.runs.serializers import TrainingRunRequestSerializer, TrainingRunSerializer, run_json
from training.runs.services import (
    RunEnded,
    training_run_cancel,
    training_run_start,
)


class TrainingRunListView(CuratorView):
    @extend_schema(operation_id="training_run_list", responses=TrainingRunSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The training runs, newest first."""
        return Response(
            [
                run_json(run)
                for run in TrainingRun.objects.select_related("model_version").defer(
                    "model_version__metadata"
                )[:200]
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
            raise ValidationError(
                {name: [f"“{name}” is not something that a training has."] for name in unknown}
            )
        if not form.is_valid():
            raise form_errors(form)
        run = training_run_start(
            datasets=form.cleaned_data["datasets"],
            choices=form.choices(),
            user=signed_in_user(request),
            notes=form.cleaned_data["notes"],
            accept_doubts=form.cleaned_data["accept_doubts"],
        )
        return Response(
            run_json(run), status=202, headers={"Location": f"/api/v1/training-runs/{run.pk}"}
        )


class TrainingRunView(CuratorView):
    @extend_schema(operation_id="training_run_progress", responses=TrainingRunSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """How far it is."""
        return Response(run_json(get_object_or_404(TrainingRun, pk=pk)))


class TrainingRunCancelView(CuratorView):
    @extend_schema(
        operation_id="training_run_cancel",
        request=None,
        responses={200: TrainingRunSerializer, **NOT_NOW},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Stop it, whether it waits or runs."""
        run = get_object_or_404(TrainingRun, pk=pk)
        try:
            training_run_cancel(run, signed_in_user(request))
        except RunEnded as error:
            raise Conflict(error.code, error.message) from error
        return Response(run_json(run))
