"""What programs send about a table: the file, its mission, and how its columns are to be read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from predictions.signals.contributions import MAX_CONTRIBUTIONS
from training.api_errors import UploadTooLarge
from training.datasets.mappings import SavedMapping
from training.datasets.uploads import TOO_LARGE
from training.ml.errors import InvalidMapping, UnknownMission, join_words, shorten
from training.ml.inputs import shown_text
from training.ml.schema import Mission, parse_mission
from training.ml.tables.mapping import ColumnMapping


def file_sent(request: Request) -> Any:
    file = request.FILES.get("file")
    if file is not None:
        return file
    if request.META.get(TOO_LARGE):
        limit = settings.BATCH_MAX_BYTES
        raise UploadTooLarge(
            f"The file has more than {limit:,} bytes; compress it with gzip or split the table."
        )
    raise ValidationError(
        {
            "file": [
                "Send the table as the body, with its type in Content-Type (such as text/csv), or"
                " as the part “file” of a multipart form; or send a JSON list of signals."
            ]
        }
    )


def parameters_check(request: Request) -> None:
    """Parameters of the address are for tables sent as the body; a wrong one is an error, not a
    guess."""
    unknown = [name for name in request.query_params if name not in _PARAMETERS]
    if unknown:
        known = join_words(_PARAMETERS[:-1])
        raise ValidationError(
            {
                shown_text(name): [
                    f"“{shown_text(name)}” is not a parameter of this address; there are {known}."
                ]
                for name in unknown
            }
        )


_PARAMETERS: Final = ("mission", "mapping", "top_contributions", "format")


def mission_sent(request: Request) -> Mission | None:
    text = str(_part(request, "mission") or "")
    if not text:
        return None
    mission = parse_mission(text)
    if mission is None:
        raise UnknownMission(text, tuple(Mission))
    return mission


def contributions_sent(request: Request) -> int:
    text = str(_part(request, "top_contributions") or "0").strip()
    if not (text.isascii() and text.isdecimal()) or int(text[:9]) > MAX_CONTRIBUTIONS:
        raise ValidationError(
            {"top_contributions": [f"Send a whole number from 0 to {MAX_CONTRIBUTIONS}."]}
        )
    return int(text)


def mapping_sent(request: Request) -> ColumnMapping | None:
    """A mapping as JSON, or the one that the person keeps under the name that was sent."""
    given = _part(request, "mapping")
    if not given:
        return None
    if not isinstance(given, str):
        return _mapping_read(given)
    if saved := SavedMapping.objects.filter(owner_id=request.user.pk, name=given.strip()).first():
        return saved.column_mapping
    if given.lstrip()[:1] not in "{[":
        raise InvalidMapping([f"You keep no mapping called “{shorten(given)}”. {_HOW}"])
    try:
        return _mapping_read(json.loads(given))
    except (ValueError, RecursionError) as error:
        raise InvalidMapping([f"The mapping is not valid JSON. {_HOW}"]) from error


_HOW = (
    "Send a JSON object, or the name of a mapping that you keep; POST /api/v1/batches/preview"
    " suggests one."
)


def _mapping_read(stored: Any) -> ColumnMapping:
    if not isinstance(stored, Mapping):
        raise InvalidMapping([f"The mapping must be a JSON object. {_HOW}"])
    return ColumnMapping.from_json(stored)


def _part(request: Request, name: str) -> Any:
    """A part of the form, or the parameter of the address where a table is the whole body."""
    parts = request.data if isinstance(request.data, Mapping) else {}
    return parts.get(name) or request.query_params.get(name)
