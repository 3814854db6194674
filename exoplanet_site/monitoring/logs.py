"""What the log says: a line for people, or one JSON object a line for programs, with the number of
the request."""

from __future__ import annotations

import json
import logging
import re
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from django.http import HttpRequest, HttpResponseBase

from training.background.tracing import request_id

HEADER: Final = "X-Request-ID"
_PLAIN: Final = re.compile(r"[A-Za-z0-9-]{8,64}")

logger = logging.getLogger("exoplanet_site.requests")


class JSONFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", "") or request_id.get(),
            "process": record.process,
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return json.dumps(fields, ensure_ascii=False, default=str)


class RequestLogMiddleware:
    """First of all: gives each request its number,
    answers with it, and writes one line about each."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER, "")  # by nginx, which writes over what the client says
        number = given if _PLAIN.fullmatch(given) else uuid.uuid4().hex
        token, begun = request_id.set(number), time.perf_counter()
        try:
            response = self.get_response(request)
            response[HEADER] = number
            if logger.isEnabledFor(logging.INFO):
                logger.info(
                    "%s %s",
                    request.method,
                    path_told(request),
                    extra={"fields": _fields(request, response, begun)},
                )
            return response
        finally:
            request_id.reset(token)


def path_told(request: HttpRequest) -> str:
    """Without what lets its bearer in: a link to a new password."""
    match = request.resolver_match
    secret = match.kwargs.get("token", "") if match else ""
    return request.path.replace(secret, "…") if secret else request.path


def _fields(request: HttpRequest, response: HttpResponseBase, begun: float) -> dict[str, object]:
    """Without the query, which may hold what somebody typed."""
    milliseconds = round(1000 * (time.perf_counter() - begun), 1)
    return {
        "method": request.method,
        "path": path_told(request),
        "status": response.status_code,
        "ms": milliseconds,
    }
