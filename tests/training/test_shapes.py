"""Serializers made from types say what the types say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, NotRequired, TypedDict

import pytest
from rest_framework import serializers

from training.ml.json_notes import Count, DispositionWord, Note, Text
from training.shapes import serializer_of


class Inner(TypedDict):
    name: Text


@dataclass(frozen=True)
class Facts:
    rows: Count


class OuterJson(TypedDict):
    """Words about it."""

    signals: Count
    share: Annotated[float | None, Note("Of all.")]
    truth: DispositionWord
    inner: Inner
    many: Annotated[list[Inner], Note("Each of them.")]
    numbers: list[list[int]]
    by_name: NotRequired[dict[str, Facts]]
    yes: bool


@pytest.fixture
def fields() -> dict[str, Any]:
    return dict(serializer_of(OuterJson)().fields)


def test_it_is_called_like_its_type() -> None:
    made = serializer_of(OuterJson)
    assert (made.__name__, made.__doc__) == ("OuterSerializer", "Words about it.")
    assert serializer_of(OuterJson) is made
    assert serializer_of(Inner).__doc__ is None


def test_limits_words_and_choices_come_from_the_notes(fields: dict[str, Any]) -> None:
    assert fields["signals"].min_value == 0
    assert (fields["share"].allow_null, fields["share"].help_text) == (True, "Of all.")
    assert list(fields["truth"].choices) == ["CONFIRMED", "CANDIDATE", "FALSE POSITIVE"]
    assert fields["inner"].fields["name"].allow_blank
    assert fields["many"].help_text == "Each of them."
    assert [name for name, field in fields.items() if not field.required] == ["by_name"]


def test_nested_shapes_stay_shapes(fields: dict[str, Any]) -> None:
    assert isinstance(fields["many"], serializers.ListSerializer)
    assert isinstance(fields["numbers"].child.child, serializers.IntegerField)
    assert type(fields["by_name"].child).__name__ == "FactsSerializer"
    assert isinstance(fields["yes"], serializers.BooleanField)
    answer = {
        "signals": 3,
        "share": None,
        "truth": "CANDIDATE",
        "inner": {"name": ""},
        "many": [{"name": "a"}],
        "numbers": [[1, 2]],
        "yes": True,
    }
    read = serializer_of(OuterJson)(data=answer)
    assert read.is_valid(), read.errors
    assert not serializer_of(OuterJson)(data=answer | {"signals": -1}).is_valid()
