"""Lists that are no mission's under /api/v1/catalogue/, for programs."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from predictions.catalogue.others.models import OtherSignal
from predictions.catalogue.others.pages import lists_context
from predictions.catalogue.others.shapes import (
    OtherListJson,
    OtherSignalJson,
    list_json,
    other_signal_json,
)
from predictions.rest.errors import ERRORS
from predictions.rest.parameters import read_flags
from training.accounts.public import PublicView
from training.shapes import serializer_of


class OtherListsView(PublicView):
    @extend_schema(
        operation_id="catalogue_lists",
        responses={200: serializer_of(OtherListJson)(many=True), **ERRORS},
    )
    def get(self, request: Request) -> Response:
        """Lists of others, with source and citation; their signals by /catalogue/signals?list=."""
        read_flags(request)
        return Response([list_json(whole) for whole in lists_context()["lists"]])


class OtherSignalView(PublicView):
    @extend_schema(
        operation_id="catalogue_list_signal",
        responses={200: serializer_of(OtherSignalJson), **ERRORS},
    )
    def get(self, request: Request, key: str, slug: str) -> Response:
        """One signal of another list: what that list says, and what each version says."""
        read_flags(request)
        signals = OtherSignal.objects.select_related("star", "list", "same_as", "scored_by")
        wanted = signals.defer("scored_by__metadata")
        return Response(other_signal_json(get_object_or_404(wanted, list__slug=key, slug=slug)))
