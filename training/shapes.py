"""Serializers made from the types of what is stored and sent: one statement of a shape, which mypy
checks where it is made, and the OpenAPI document shows."""

from __future__ import annotations

from dataclasses import is_dataclass
from functools import cache
from types import UnionType
from typing import (
    Annotated,
    Any,
    NotRequired,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from rest_framework import serializers

from training.ml.json_notes import Note

Shape = serializers.Serializer[Any]
PLAIN = {
    str: serializers.CharField,
    int: serializers.IntegerField,
    float: serializers.FloatField,
    bool: serializers.BooleanField,
}


@cache
def serializer_of(shape: type) -> type[Shape]:
    """The serializer of a ``TypedDict`` or dataclass, called like it, without “Json” at the end."""
    fields: dict[str, Any] = {
        key: _field(hint) for key, hint in get_type_hints(shape, include_extras=True).items()
    }
    fields["__doc__"] = vars(shape).get("__doc__") if is_typeddict(shape) else None
    name = f"{shape.__name__.removesuffix('Json')}Serializer"
    return type(name, (serializers.Serializer,), fields)


def _is_shape(hint: Any) -> bool:
    return is_typeddict(hint) or is_dataclass(hint)


def _field(hint: Any, **options: Any) -> serializers.Field[Any, Any, Any, Any]:
    origin, parts = get_origin(hint), get_args(hint)
    if origin is NotRequired:
        return _field(parts[0], required=False, **options)
    if origin is Annotated:
        return _field(parts[0], **_options_of(parts[1:]), **options)
    if origin in (Union, UnionType):
        return _field(
            next(part for part in parts if part is not type(None)), allow_null=True, **options
        )
    if origin is dict:
        return serializers.DictField(child=_field(parts[1]), **options)
    if origin is list:
        return _list(parts[0], options)
    if _is_shape(hint):
        return serializer_of(hint)(**options)
    if "choices" in options:
        return serializers.ChoiceField(**options)
    plain: serializers.Field[Any, Any, Any, Any] = PLAIN[hint](**options)
    return plain


def _list(member: Any, options: dict[str, Any]) -> serializers.Field[Any, Any, Any, Any]:
    if _is_shape(member):
        return serializer_of(member)(many=True, **options)
    return serializers.ListField(child=_field(member), **options)


def _options_of(notes: tuple[Any, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for note in notes:
        assert isinstance(note, Note)  # noqa: S101  # nosec B101  # the types are our own
        found |= {"help_text": note.words} if note.words else {}
        found |= {"min_value": note.least} if note.least is not None else {}
        found |= {"allow_blank": True} if note.may_be_empty else {}
        found |= {"choices": list(note.choices)} if note.choices else {}
    return found
