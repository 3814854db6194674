"""How the body of an API request is read."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.utils.json import strict_constant

from training.ml.inputs import shown_text


class BoundedJSONParser(JSONParser):
    """JSON with a limit on bytes and depth, in which no name is given twice.

    The framework reads the stream itself and so goes past Django's own limit; Python's JSON reader answers ten thousand
    opening brackets with a RecursionError, and of two values for one name it silently keeps the last.
    """

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise RequestDataTooBig
        try:
            return json.loads(body.decode(), object_pairs_hook=_named_once, parse_constant=strict_constant)
        except (ValueError, RecursionError) as error:
            raise ParseError from error


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these pairs; which of two values is meant is for their sender to say."""
    members = dict(pairs)
    if len(members) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = [shown_text(name) for name, count in counts.items() if count > 1][:20]
        raise ValidationError({name: [f"“{name}” is given more than once; send one value."] for name in twice})
    return members
