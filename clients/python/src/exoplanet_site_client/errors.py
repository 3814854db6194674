"""What a site refuses, in its own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx


class SiteError(Exception):
    """The site's sentence; ``code`` is for programs, ``fields`` has sentences by input, ``status``
    is that of HTTP, 0 where no answer came."""

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        status: int = 0,
        fields: Mapping[str, list[str]] | None = None,
    ) -> None:
        super().__init__(message)
        self.code, self.status, self.fields = code, status, dict(fields or {})

    def __str__(self) -> str:
        sentences = [f"{name}: {' '.join(said)}" for name, said in self.fields.items()]
        return " ".join([super().__str__(), *sentences])


def error_of(answer: httpx.Response) -> SiteError:
    """The error that an answer of 400 and more tells."""
    try:
        error: Mapping[str, Any] = answer.json()["error"]
        return SiteError(
            error["message"],
            code=error["code"],
            status=answer.status_code,
            fields=error["fields"],
        )
    except (ValueError, KeyError, TypeError):
        message = f"{answer.request.url} answered {answer.status_code} and no word of this site's."
        return SiteError(message, code="not_the_site", status=answer.status_code)
