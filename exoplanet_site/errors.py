"""What a person or a program is told when something is wrong: a page, or one JSON shape for the
whole API.

{"error": {"code": "invalid_signal", "message": "One sentence.", "fields": {"transit_depth": ["A
sentence."]}}}
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from itertools import chain
from math import ceil
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from exoplanet_site.limits.rates import wrong_token
from training.backups import is_disk_full
from training.datasets.services import DiskFull
from training.ml.errors import ArtifactError, InvalidSignal, UserError, join_words

# Paths at the root that are for programs; everything below /api/ is, too.
API_PATHS = frozenset({"/predict", "/predict_batch", "/model/metrics"})

RETRY_SECONDS = 10  # a part that was restarted is back by then
RETRY_SENTENCE = f"Try again in {RETRY_SECONDS} seconds."

SENTENCES = {
    "parse_error": "The body is not valid JSON; send one JSON object.",
    "not_authenticated": "Sign in, or send a token in the header “Authorization: Token …”.",
    "unsupported_media_type": (
        "Say in the Content-Type header what you send; this address reads {types}."
    ),
    "method_not_allowed": "The Allow header names the methods that this address answers.",
    "not_acceptable": "Ask for “application/json” in the Accept header.",
    "permission_denied": (
        "Your account is not allowed to do this; ask an administrator for the role that is."
    ),
    "not_found": "There is nothing at this address, or it has not been shared with you.",
    "bad_request": "The request could not be understood.",
    "too_large": "The request is too large.",
    "csrf_failed": (
        "The form has expired or came from another site; go back, load the page anew and send it"
        " again."
    ),
    "throttled": (
        "That is more than may be asked for now; what was sent before is safe. Try again in {wait}."
    ),
    "locked_out": "Too many failed attempts to sign in with this name. Try again in {wait}.",
    "signing_in": "Others are signing in at this very moment. Try again in {wait}.",
    "cannot_count": (
        "A part of the site that keeps count of what is asked is away, so this was not begun."
        " {again}"
    ),
    "database_away": (
        "The site's database is away for a moment; what was stored before is safe. {again}"
    ),
    "disk_full": (
        "The site's disk is full, so nothing can be stored. What was stored before is safe; ask an"
        " administrator to free some space."
    ),
    "version_unusable": "The classifier in service cannot be used. {fault} Nothing was lost.",
    "server_error": (
        "Something went wrong on our side. It has been written to the log; try again in a moment."
    ),
}


def error_body(
    code: str, message: str, fields: Mapping[str, list[str]] | None = None
) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "fields": dict(fields or {})}}


# --- API ------------------------------------------------------------------------------------------


def api_exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Django REST framework's hook. None leaves the error to `server_error`, which writes it to the
    log."""
    if isinstance(error, exceptions.AuthenticationFailed) and "request" in context:
        error = wrong_token(context["request"]._request) or error
    if isinstance(error, UserError):
        fields = error.fields if isinstance(error, InvalidSignal) else None
        status = (
            503 if isinstance(error, DiskFull) else 400
        )  # a full disk is nobody's fault who asks
        answer = Response(error_body(error.code, error.message, fields), status=status)
    elif isinstance(error, RequestDataTooBig):
        answer = Response(error_body("too_large", SENTENCES["too_large"]), status=413)
    elif isinstance(error := _as_api_exception(error), exceptions.APIException):
        body = _api_error_body(error, context)
        answer = Response(body, status=error.status_code, headers=_headers(error))
    else:
        return None
    set_rollback()
    return answer


def _as_api_exception(error: Exception) -> Exception:
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    return error


def _api_error_body(error: exceptions.APIException, context: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        fields = field_sentences(error.detail)
        return error_body(
            "invalid", " ".join(dict.fromkeys(chain.from_iterable(fields.values()))), fields
        )
    if isinstance(error, exceptions.UnsupportedMediaType):
        return error_body(error.default_code, _type_sentence(context))
    return error_body(error.default_code, _api_sentence(error))


def _type_sentence(context: Mapping[str, Any]) -> str:
    """What came and what is read instead; curl names a type of its own where it is told none."""
    sent = context["request"].content_type if "request" in context else ""
    parsers = getattr(context.get("view"), "parser_classes", ())
    types = join_words(list(dict.fromkeys(parser.media_type for parser in parsers)), "or")
    what = f"A body of the type “{sent[:80]}” is not read here." if sent else "The type is missing."
    advice = SENTENCES["unsupported_media_type"].format(types=types or "application/json")
    if sent.startswith("application/x-www-form-urlencoded"):
        advice += " With curl, add -H 'Content-Type: …'."
    return f"{what} {advice}"


def _api_sentence(error: exceptions.APIException) -> str:
    """Our sentence for what the framework says in general; the framework's where the detail says
    more."""
    if isinstance(error, exceptions.ParseError | exceptions.NotAuthenticated | exceptions.NotFound):
        return SENTENCES[error.default_code]
    if error.default_code == "cannot_count":
        return SENTENCES["cannot_count"].format(again=RETRY_SENTENCE)
    if isinstance(error, exceptions.PermissionDenied) and error.detail == error.default_detail:
        return SENTENCES["permission_denied"]
    if isinstance(error, exceptions.Throttled):
        return SENTENCES["throttled"].format(wait=wait_words(getattr(error, "wait", None) or 1))
    if isinstance(error, exceptions.MethodNotAllowed | exceptions.NotAcceptable):
        return f"{error.detail} {SENTENCES[error.default_code]}"
    return str(error.detail)


def field_sentences(detail: Any, name: str = "") -> dict[str, list[str]]:
    """Flatten a validation error: nested names are joined by dots, what belongs to no field stands
    under ""."""
    if isinstance(detail, Mapping):
        pairs = [(_join(name, str(key)), value) for key, value in detail.items()]
    elif isinstance(detail, list) and any(isinstance(item, Mapping | list) for item in detail):
        pairs = [(_join(name, str(place)), value) for place, value in enumerate(detail)]
    else:
        return {name: [str(item) for item in (detail if isinstance(detail, list) else [detail])]}
    return {
        key: value for pair in pairs for key, value in field_sentences(pair[1], pair[0]).items()
    }


def _join(name: str, key: str) -> str:
    key = "" if key == "non_field_errors" else key
    return ".".join(part for part in (name, key) if part)


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if wait := getattr(error, "wait", None):  # of Throttled, in seconds
        headers["Retry-After"] = str(ceil(wait))
    return headers


# --- Pages ----------------------------------------------------------------------------------------


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return _answer(request, 413, "too_large")
    return _answer(request, 400, "bad_request")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 403, "permission_denied")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 404, "not_found")


def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls this while it handles the exception, and has written it to the log."""
    if isinstance(fault := sys.exception(), OSError | OperationalError) and is_disk_full(fault):
        return unavailable(request, "disk_full")
    if (
        isinstance(sys.exception(), OperationalError | InterfaceError)
        and connection.vendor != "sqlite"
    ):
        return unavailable(request, "database_away")
    if isinstance(fault := sys.exception(), ArtifactError):
        return _answer(request, 503, "version_unusable", fault=fault.message)
    return _answer(request, 500, "server_error")


def unavailable(request: HttpRequest, code: str) -> HttpResponse:
    response = _answer(request, 503, code, again=RETRY_SENTENCE)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _answer(request, 403, "csrf_failed")


def locked_out(
    request: HttpRequest, credentials: Mapping[str, str] | None = None, *_: Any
) -> HttpResponse:
    return _too_many(request, "locked_out", settings.AXES_COOLOFF_TIME.total_seconds())


def too_many(request: HttpRequest, wait: float, code: str = "throttled") -> HttpResponse:
    return _too_many(request, code, wait)


def _too_many(request: HttpRequest, code: str, wait: float) -> HttpResponse:
    response = _answer(request, 429, code, wait=wait_words(wait))
    response["Retry-After"] = str(ceil(wait))
    return response


def wait_words(seconds: float) -> str:
    """ "40 seconds" or "3 minutes", never less than has to be waited."""
    amount, unit = (ceil(seconds), "second") if seconds <= 90 else (ceil(seconds / 60), "minute")
    return f"{amount} {unit}" if amount == 1 else f"{amount} {unit}s"


TITLES = {
    400: "This request could not be understood",
    403: "This is not open to you",
    404: "There is no such page",
    413: "This is too large",
    429: "Too many attempts",
    500: "Something went wrong on our side",
    503: "A part of the site is away",
}


def _answer(request: HttpRequest, status: int, code: str, **words: str) -> HttpResponse:
    sentence = SENTENCES[code].format(**words)
    if wants_json(request):
        return JsonResponse(error_body(code, sentence), status=status)
    context = {"status": status, "title": TITLES[status], "sentence": sentence}
    if status >= 500:  # alone, without request or base: what they need may be what has failed
        return HttpResponse(render_to_string("500.html", context), status=status)
    return render(request, "error.html", context, status=status)


def wants_json(request: HttpRequest) -> bool:
    if request.path.startswith("/api/") or request.path.rstrip("/") in API_PATHS:
        return True
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"
