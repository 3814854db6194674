"""What programmers read: a page with examples, the OpenAPI document, and a page to try every
operation."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

STATUSES = (
    (400, "Something in the request is wrong; fields names each input with a sentence."),
    (401, "No token, or one that is unknown, revoked or too old."),
    (403, "The token or the account may not do this."),
    (404, "There is nothing at this address, or it has not been shared with you."),
    (405, "Another method; the Allow header names those that are answered."),
    (406, "Another type of answer than there is; ask for application/json."),
    (
        409,
        (
            "What is asked for does not fit the state of things, or an Idempotency-Key came with"
            " another table."
        ),
    ),
    (413, "The body or the file is too large."),
    (415, "Another type of body than can be read; say which in Content-Type."),
    (429, "More than may be asked for now; Retry-After says for how many seconds."),
    (503, "No classifier is in service, or a part of the site is away for a moment."),
)
_KINDS = {
    "classify": "Signals, one by one",
    "batch": "Tables and lists of signals",
    "train": "Datasets and trainings",
    "decide": "Putting versions in service",
}


@require_GET
@login_required
def api_docs(request: HttpRequest) -> HttpResponse:
    rates = [(words, settings.RATES.get(kind, {}).items()) for kind, words in _KINDS.items()]
    context = {
        "site": request.build_absolute_uri("/").rstrip("/"),
        "statuses": STATUSES,
        "rates": [(words, dict(limits)) for words, limits in rates],
        "sync_rows": settings.BATCH_SYNC_ROWS,
    }
    return render(request, "predictions/rest/docs.html", context)


class ApiReferenceView(SpectacularSwaggerSplitView):
    """Swagger from our own files, in our own frame: its own page has a style in it, which our CSP
    refuses."""

    template_name = "predictions/rest/reference.html"
    url_name = "api_schema"

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        icons = "img-src 'self' data:"
        response["Content-Security-Policy"] = f"{settings.CONTENT_POLICY}; {icons}"
        return response
