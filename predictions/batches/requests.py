"""What programs send about a table: the file, its mission, and how its columns are to be read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from predictions.contributions import MAX_CONTRIBUTIONS
from training.api import UploadTooLarge
from training.mappings import SavedMapping
from training.ml.errors import InvalidMapping, UnknownMission, shorten
from training.ml.mapping import ColumnMapping
from training.ml.schema import Mission, parse_mission
from training.uploads import TOO_LARGE


def file_sent(request: Request) -> Any:
    file = request.FILES.get("file")
    if file is not None:
        return file
    if request.META.get(TOO_LARGE):
        limit = settings.BATCH_MAX_BYTES
        raise UploadTooLarge(f"The file has more than {limit:,} bytes; compress it with gzip or split the table.")
    raise ValidationError(
        {"file": ["Send the table as the part “file” of a multipart form, or a JSON list of signals."]}
    )


def mission_sent(request: Request) -> Mission | None:
    text = str(_parts(request).get("mission") or "")
    if not text:
        return None
    mission = parse_mission(text)
    if mission is None:
        raise UnknownMission(text, tuple(Mission))
    return mission


def contributions_sent(request: Request) -> int:
    text = str(_parts(request).get("top_contributions") or "0").strip()
    if not (text.isascii() and text.isdecimal()) or int(text[:9]) > MAX_CONTRIBUTIONS:
        raise ValidationError({"top_contributions": [f"Send a whole number from 0 to {MAX_CONTRIBUTIONS}."]})
    return int(text)


def mapping_sent(request: Request) -> ColumnMapping | None:
    """A mapping as JSON, or the one that the person keeps under the name that was sent."""
    given = _parts(request).get("mapping")
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


_HOW = "Send a JSON object, or the name of a mapping that you keep; POST /api/v1/batches/preview suggests one."


def _mapping_read(stored: Any) -> ColumnMapping:
    if not isinstance(stored, Mapping):
        raise InvalidMapping([f"The mapping must be a JSON object. {_HOW}"])
    return ColumnMapping.from_json(stored)


def _parts(request: Request) -> Mapping[str, Any]:
    return request.data if isinstance(request.data, Mapping) else {}
