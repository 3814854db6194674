"""What the OpenAPI document shows."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme

Endpoint = tuple[str, str, str, Callable[..., Any]]  # path, pattern, method, view

VERSIONED = "/api/v1"


def without_twins(endpoints: list[Endpoint], **_: Any) -> list[Endpoint]:
    """Leave out the versioned address of what also has one at the root: one operation, described once."""
    at_root = {(path, method) for path, _, method, _ in endpoints if not path.startswith(VERSIONED)}
    return [end for end in endpoints if not _is_twin(end, at_root)]


def _is_twin(endpoint: Endpoint, at_root: set[tuple[str, str]]) -> bool:
    path, _, method, _ = endpoint
    return path.startswith(VERSIONED) and (path.removeprefix(VERSIONED), method) in at_root


# What any request may be answered, whatever it asks for: written once here instead of at each view.
ANYWHERE = ("400", "401", "403", "405", "406", "429")
WITH_BODY = ("413", "415")


def with_errors(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Every operation says every error that it may answer."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for path, operations in result["paths"].items():
        for operation in operations.values():
            found = operation["responses"]
            statuses = {
                *ANYWHERE,
                *(WITH_BODY if "requestBody" in operation else ()),
                *(("404",) if "{" in path else ()),
            }
            for status in statuses - set(found):
                found[status] = {"content": content, "description": ""}
            operation["responses"] = dict(sorted(found.items()))
    return result


class SiteTokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    target_class = "training.accounts.authentication.SiteTokenAuthentication"
    name = "token"
