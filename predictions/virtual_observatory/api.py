"""/vo/: addresses for programs of the Virtual Observatory. Every answer is XML, errors too."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse, StreamingHttpResponse
from django.template.loader import render_to_string
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import FormParser
from rest_framework.request import Request
from rest_framework.response import Response

from predictions.catalogue.downloads import about_now
from predictions.virtual_observatory.asking import MOST, WrongQuery, cone_query
from predictions.virtual_observatory.authentication import TokenAsPassword
from predictions.virtual_observatory.documents import CONTENT_TYPE, cone_votable, error_votable
from predictions.virtual_observatory.services import cone_search
from training.accounts.authentication import SiteTokenAuthentication
from training.accounts.public import PublicView

_XML: Final = "text/xml; charset=utf-8"


class AsItIs(BaseContentNegotiation):
    """Such programs ask for many types, and read this one."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class ObservatoryView(PublicView):
    """Open where ``PUBLIC_CATALOGUE`` is on; else with a session, a token, or name and token."""

    content_negotiation_class = AsItIs
    parser_classes = (FormParser,)  # nothing is sent here; a body is not looked at
    authentication_classes = (TokenAsPassword, SiteTokenAuthentication, SessionAuthentication)

    def handle_exception(self, exc: Exception) -> Response:
        told = super().handle_exception(exc)
        # The standard of 2008 says what is wrong in the document and not by the status.
        status = 200 if isinstance(exc, WrongQuery) else told.status_code
        body = error_votable(told.data["error"]["message"])
        answer: Any = HttpResponse(body, status=status, content_type=CONTENT_TYPE)
        for name in ("WWW-Authenticate", "Retry-After", "Allow"):
            if name in told.headers:
                answer[name] = told.headers[name]
        return answer  # type: ignore[no-any-return]


class ConeSearchView(ObservatoryView):
    @extend_schema(exclude=True)
    def get(self, request: Request) -> StreamingHttpResponse:
        query = cone_query(request.query_params)
        site = request.build_absolute_uri("/").rstrip("/")
        table = cone_votable(cone_search(query), query.verbosity, about_now(), site)
        headers = {"Content-Disposition": 'inline; filename="cone.vot"'}
        return StreamingHttpResponse(table, content_type=CONTENT_TYPE, headers=headers)


class CapabilitiesView(ObservatoryView):
    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        context = {"site": request.build_absolute_uri("/").rstrip("/"), "most": MOST}
        document = render_to_string("predictions/virtual_observatory/capabilities.xml", context)
        return HttpResponse(document, content_type=_XML)


class AvailabilityView(ObservatoryView):
    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        """It answers: the account or the setting was read from the database just now."""
        document = render_to_string("predictions/virtual_observatory/availability.xml")
        return HttpResponse(document, content_type=_XML)
