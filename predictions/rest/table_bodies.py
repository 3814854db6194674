"""A table as the whole body of a request, as `curl --data-binary @table.csv` sends it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, Any, Final

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.http import parse_header_parameters
from rest_framework.parsers import BaseParser, DataAndFiles

from training.datasets.uploads import TOO_LARGE

TABLE_TYPES: Final = (
    "text/csv",
    "application/csv",
    "text/tab-separated-values",
    "text/plain",
    "text/xml",
    "application/xml",
    "application/x-votable+xml",
    "application/fits",
    "image/fits",
    "application/vnd.apache.parquet",
    "application/x-parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/x-ndjson",
    "application/zip",
    "application/gzip",
    "application/x-gzip",
    "application/x-bzip2",
    "application/x-xz",
    "application/octet-stream",
)
"""What a table may be called in Content-Type; what it is, its content says."""

_COPY_BYTES: Final = 1 << 16


class TableParser(BaseParser):
    """The body as the one file of a form, with the address's parameters as its other fields."""

    media_type = TABLE_TYPES[0]

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> DataAndFiles[Any, Any]:
        request = (parser_context or {})["request"]
        file = _received(stream, _name(request.headers.get("Content-Disposition", "")))
        if file is None:
            request.META[TOO_LARGE] = True
        files = MultiValueDict({"file": [file]} if file else {})
        return DataAndFiles(QueryDict(request.META.get("QUERY_STRING", "")), files)


def table_parsers(*more: str) -> tuple[type[TableParser], ...]:
    """A parser for each type that a table may have: the framework asks for one type each."""
    return tuple(
        type("TableParser", (TableParser,), {"media_type": name}) for name in (*TABLE_TYPES, *more)
    )


def _received(stream: IO[bytes], name: str) -> TemporaryUploadedFile | None:
    """The body on our own disk; None once it passes the limit, as with the file of a form."""
    file, size = TemporaryUploadedFile(name, "", 0, None), 0
    for chunk in _chunks(stream):
        size += len(chunk)
        if size > settings.BATCH_MAX_BYTES:
            file.close()
            return None
        file.write(chunk)
    file.size = size
    file.seek(0)
    return file


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(_COPY_BYTES):
        yield chunk


def _name(disposition: str) -> str:
    return parse_header_parameters(disposition)[1].get("filename", "") or "table"
