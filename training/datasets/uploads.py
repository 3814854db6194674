"""How large an uploaded file may be: counted while it arrives, so that nobody can fill the disk."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.template.defaultfilters import filesizeformat

TOO_LARGE = "upload_too_large"
"""Key in ``request.META`` that says why a file is missing from a form."""

SENT_BY_SCRIPT = "X-Upload"
"""Header of an upload that a page's script sends, to show how far it is."""
WENT_TO = "X-Upload-Address"


def too_large_sentence(limit: int) -> str:
    return (
        f"The file is larger than {filesizeformat(limit)}. Compress it with gzip, split it, or"
        " leave columns out."
    )


def was_too_large(request: HttpRequest | None) -> bool:
    """Whether the handler below has dropped the file."""
    return request is not None and bool(request.META.get(TOO_LARGE))


def form_status(request: HttpRequest, form: Form) -> int:
    """Of the page that shows the form again."""
    if was_too_large(request):
        return 413
    return 422 if form.errors else 200


def upload_answered(request: HttpRequest, to: Any, *args: Any) -> HttpResponse:
    """Leads on to a page: a script is told where it is, so that it is fetched once only."""
    if SENT_BY_SCRIPT not in request.headers:
        return redirect(to, *args)
    return HttpResponse(status=204, headers={WENT_TO: resolve_url(to, *args)})


class BoundedUploadHandler(FileUploadHandler):
    """Drops an upload that passes ``BATCH_MAX_BYTES``; the form then says so in a sentence."""

    received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > settings.BATCH_MAX_BYTES:
            if self.request is not None:
                self.request.META[TOO_LARGE] = True
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> Any:
        return None  # the handlers after this one keep the file
