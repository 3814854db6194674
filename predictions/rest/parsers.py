"""How the body of an API request is read."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import IO, Any, Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import JSONParser

from training.ml.inputs import shown_text

_LISTED: Final = 20


class BoundedJSONParser(JSONParser):
    """JSON with a limit on bytes and depth, in which no name is given twice.

    The framework reads the stream itself and so goes past Django's own limit; Python's JSON reader
    answers ten thousand opening brackets with a RecursionError, and of two values for one name it
    silently keeps the last.
    """

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise RequestDataTooBig
        try:
            read = json.loads(body.decode(), object_pairs_hook=_named_once, parse_constant=_NotJson)
            if wrong := _constant_sentences(read):
                raise ValidationError(wrong)
        except (ValueError, RecursionError) as error:
            raise ParseError from error
        return read


class _NotJson(str):
    """NaN or Infinity: Python writes it where JSON has nothing of the kind."""


def _constant_sentences(read: Any) -> dict[str, list[str]]:
    found = dict(list(_constants(read, ""))[:_LISTED])
    return {
        place: [
            f"{_place_words(place)} is {name}, which JSON does not have; send null for a value"
            " that is not known."
        ]
        for place, name in found.items()
    }


def _constants(read: Any, place: str) -> Iterator[tuple[str, str]]:
    """Where in the body each constant stands: names joined by dots, items of a list counted from
    1."""
    if isinstance(read, _NotJson):
        yield place, str(read)
    members: Any = read.items() if isinstance(read, dict) else ()
    if isinstance(read, list):
        members = enumerate(read, 1)
    for name, member in members:
        yield from _constants(member, f"{place}.{shown_text(str(name))}".lstrip("."))


def _place_words(place: str) -> str:
    row, _, name = place.partition(".")
    if not place:
        return "The body"
    return f"Row {row}: {name or 'the item'}" if row.isdecimal() else place


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these pairs; which of two values is meant is for their sender to say."""
    members = dict(pairs)
    if len(members) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = [shown_text(name) for name, count in counts.items() if count > 1][:_LISTED]
        raise ValidationError(
            {name: [f"“{name}” is given more than once; send one value."] for name in twice}
        )
    return members
