"""What the OpenAPI document says of every operation: its second address, and each error that it may
answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme

from exoplanet_site.errors import SENTENCES, error_body
from predictions.rest.views import STATUSES

Endpoint = tuple[str, str, str, Callable[..., Any]]  # path, pattern, method, view

VERSIONED = "/api/v1"
LINE_END = re.compile(r"(?<!\n)\n(?=\w)")  # within a paragraph: an empty line and lists stay


# --- Two addresses, one operation -----------------------------------------------------------------


def without_aliases(endpoints: list[Endpoint], **_: Any) -> list[Endpoint]:
    """Each view once: without the address that ends with a slash, and without the versioned one of
    what also has one at the root, which `with_aliases` describes."""
    once = [endpoint for endpoint in endpoints if not endpoint[0].endswith("/")]
    at_root = {(path, method) for path, _, method, _ in once if not path.startswith(VERSIONED)}
    return [end for end in once if not _is_alias(end, at_root)]


def _is_alias(endpoint: Endpoint, at_root: set[tuple[str, str]]) -> bool:
    path, _, method, _ = endpoint
    return path.startswith(VERSIONED) and (path.removeprefix(VERSIONED), method) in at_root


def with_aliases(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """What has an address at the root has the same below /api/v1, with a name of its own."""
    twins = {
        VERSIONED + path: found
        for path, found in result["paths"].items()
        if not path.startswith(VERSIONED)
    }
    for path, operations in twins.items():
        result["paths"][path] = {
            method: _alias(operation) for method, operation in operations.items()
        }
    result["paths"] = dict(sorted(result["paths"].items()))
    return result


def _alias(operation: dict[str, Any]) -> dict[str, Any]:
    return operation | {"operationId": f"{operation['operationId']}_v1"}


# --- Bodies ---------------------------------------------------------------------------------------


def with_required_tables(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A body that may be a file, or of which a part is needed, is needed: the generator takes raw
    bytes and schemas that are written by hand for optional."""
    for operations in result["paths"].values():
        for operation in operations.values():
            body = operation.get("requestBody", {})
            content = body.get("content", {})
            written = content.get("application/json", {}).get("schema", {})
            if "application/octet-stream" in content or written.keys() & {"required", "oneOf"}:
                body["required"] = True
    return result


# --- Descriptions ---------------------------------------------------------------------------------


def with_whole_sentences(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Descriptions come from docstrings: where their lines end is the source's affair."""
    unwrapped: dict[str, Any] = _unwrapped(result)
    return unwrapped


def _unwrapped(part: Any) -> Any:
    if isinstance(part, list):
        return [_unwrapped(item) for item in part]
    if not isinstance(part, dict):
        return part
    return {
        key: LINE_END.sub(" ", value)
        if key == "description" and isinstance(value, str)
        else _unwrapped(value)
        for key, value in part.items()
    }


# --- Errors ---------------------------------------------------------------------------------------

# What any request may be answered, whatever it asks for: written once here instead of at each view.
COMMON_ERRORS = ("400", "401", "403", "405", "406", "429", "503")
WITH_BODY = ("413", "415")
# An example of each: the code, and a sentence where none of our usual ones is it.
CODES = {
    400: ("invalid_signal", "Transit depth is −1 ppm, but must be between 0.1 and 1,000,000 ppm."),
    401: ("not_authenticated", ""),
    403: ("permission_denied", ""),
    404: ("not_found", ""),
    405: ("method_not_allowed", ""),
    406: ("not_acceptable", ""),
    409: ("batch_state", "This batch is done, so it cannot be cancelled. Load its page again."),
    413: ("too_large", ""),
    415: ("unsupported_media_type", ""),
    429: ("throttled", ""),
    503: ("no_version_in_service", "No classifier is in service, so nothing can be classified."),
}
HEADERS = {
    401: {"WWW-Authenticate": "“Token”: what to send."},
    405: {"Allow": "The methods that are answered."},
    503: {"Retry-After": "Seconds to wait, where a part of the site is away."},
    429: {"Retry-After": "Seconds to wait.", "RateLimit-Reset": "The same."},
}


def with_errors(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Every operation says every error that it may answer."""
    result["components"]["responses"] = {
        f"Error{status}": error_response(status, words) for status, words in STATUSES
    }
    for path, operations in result["paths"].items():
        for operation in operations.values():
            operation["responses"] = _with_errors(path, operation)
    return result


def _with_errors(path: str, operation: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = operation["responses"]
    body = WITH_BODY if "requestBody" in operation else ()
    errors = {
        *COMMON_ERRORS,
        *body,
        *(("404",) if "{" in path else ()),
        *(status for status in found if status >= "400"),
    }
    named = {status: {"$ref": f"#/components/responses/Error{status}"} for status in errors}
    return dict(sorted((found | named).items()))


def error_response(status: int, words: str) -> dict[str, Any]:
    code, sentence = CODES[status]
    fields = {"transit_depth": [sentence]} if status == 400 else None
    example = error_body(
        code,
        sentence or SENTENCES[code].format(wait="40 seconds", types="application/json"),
        fields,
    )
    described: dict[str, Any] = {
        "description": words,
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/Error"},
                "example": example,
            }
        },
    }
    headers = {
        name: {"description": text, "schema": {"type": "string"}}
        for name, text in HEADERS.get(status, {}).items()
    }
    return described | ({"headers": headers} if headers else {})


class SiteTokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    target_class = "training.accounts.authentication.SiteTokenAuthentication"
    name = "token"
