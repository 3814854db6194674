"""The review queue and votes under /api/v1/reviewing/, for programs."""

from __future__ import annotations

from typing import Any, Final

from django.core.paginator import EmptyPage, Paginator
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from predictions.catalogue.asking import PAGES, PageForm, checked
from predictions.catalogue.models import MISSIONS, Signal
from predictions.rest.errors import BODY_ERRORS, ERRORS, ErrorSerializer
from predictions.rest.parameters import read_flags
from predictions.reviewing import services
from predictions.reviewing.lists import SHOWN, QueueForm
from predictions.reviewing.serializers import VOTE_SENT, VoteSerializer
from predictions.reviewing.shapes import (
    AgreementJson,
    ReviewListJson,
    ReviewSignalJson,
    agreement_json,
    row_json,
    signal_json,
)
from training.accounts.permissions import MemberView, signed_in_user
from training.ml.reviewing.worth import Reason
from training.shapes import serializer_of

_ERRORS: Final = {**ERRORS, 404: ErrorSerializer}
_QUEUE: Final = [
    OpenApiParameter("reason", {"type": "string", "enum": list(Reason)}),
    OpenApiParameter("mission", {"type": "string", "enum": [name for name, _ in MISSIONS]}),
    OpenApiParameter(
        "show",
        {"type": "string", "enum": list(SHOWN)},
        description="Those that wait for your vote, where nothing is asked.",
    ),
    *PAGES,
]


class ReviewQueueView(MemberView):
    @extend_schema(
        operation_id="review_queue",
        parameters=_QUEUE,
        responses={200: serializer_of(ReviewListJson), **ERRORS},
    )
    def get(self, request: Request) -> Response:
        """The signals most worth a person's look, in the order of the page."""
        form = checked(request, QueueForm, _QUEUE)
        asked = checked(request, PageForm, _QUEUE)
        items = form.found(signed_in_user(request)).select_related("signal")
        pages = Paginator(items.defer("facts", "signal__inputs"), asked.page_size)
        try:
            rows: list[Any] = list(pages.page(asked.page_number))
        except EmptyPage:
            rows = []
        return Response(
            {
                "count": pages.count,
                "page": asked.page_number,
                "pages": pages.num_pages,
                "results": [row_json(item) for item in rows],
            }
        )


class ReviewSignalView(MemberView):
    @extend_schema(
        operation_id="review_signal",
        responses={200: serializer_of(ReviewSignalJson), **_ERRORS},
    )
    def get(self, request: Request, slug: str) -> Response:
        """One signal: what was measured, why it is worth a look, your votes; and once you have
        voted, what the archive, the version in service and others say."""
        read_flags(request)
        return Response(_told(request, _signal(slug)))


class ReviewVoteView(MemberView):
    token_scope = "classify"  # noqa: S105 - the name of a scope

    @extend_schema(
        operation_id="review_vote",
        request={"application/json": VOTE_SENT},
        responses={200: serializer_of(ReviewSignalJson), **_ERRORS, **BODY_ERRORS},
    )
    def put(self, request: Request, slug: str) -> Response:
        """Vote on a signal, or change your vote; what you said before is kept. The answer then
        tells what others say."""
        signal = _signal(slug)
        sent = VoteSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        voter = signed_in_user(request)
        services.vote_cast(signal=signal, voter=voter, **sent.validated_data)
        return Response(_told(request, signal))


class ReviewAgreementView(MemberView):
    @extend_schema(
        operation_id="review_agreement",
        parameters=[
            OpenApiParameter("blind", {"type": "boolean"}, description="Blind first votes only.")
        ],
        responses={200: serializer_of(AgreementJson), **ERRORS},
    )
    def get(self, request: Request) -> Response:
        """How far people agree, beyond what chance would bring."""
        flags = read_flags(request, blind=False)
        return Response(agreement_json(services.agreement_overall(flags["blind"])))


def _signal(slug: str) -> Signal:
    signals = Signal.objects.select_related("star", "scored_by").defer("scored_by__metadata")
    return get_object_or_404(signals, slug=slug)


def _told(request: Request, signal: Signal) -> ReviewSignalJson:
    return signal_json(signal, services.own_votes(signal, signed_in_user(request)))
