"""How large an uploaded file may be: counted while it arrives, so that nobody can fill the disk."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

TOO_LARGE = "upload_too_large"
"""Key in ``request.META`` that says why a file is missing from a form."""


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
