from __future__ import annotations

import numpy as np
import pytest

from training.ml.sky.name_index import NameIndex, signal_aliases, star_aliases
from training.ml.sky.typed import name_key, read_typed

NAMES = ["Kepler-20 b", "Kepler-21 b", "Kepler-227 b", "TOI-700.02", "TIC 150428135", "WASP-12 b"]


@pytest.fixture
def index() -> NameIndex:
    return NameIndex([*NAMES, "KIC 6850504.03"], [*range(len(NAMES)), 0])


def test_a_row_is_found_once_by_all_its_names(index: NameIndex) -> None:
    found = index.find(read_typed("KIC 6850504.03 (Kepler-20 b)"))
    assert [match.row for match in found] == [0]


def test_one_name_may_belong_to_several_rows() -> None:
    shared = NameIndex(["TOI-700", "TOI-700"], [4, 9])
    assert [match.row for match in shared.find(read_typed("toi 700"))] == [4, 9]


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("Keplar-20 b", "Kepler-20 b"),
        ("Kelper-227b", "Kepler-227 b"),
        ("Keplr 227 b", "Kepler-227 b"),
        ("Kepler-2277 b", "Kepler-227 b"),
        ("TOI-7000.02", "TOI-700.02"),
        ("TIC 150482135", "TIC 150428135"),
        ("WSAP-12 b", "WASP-12 b"),
        ("WASPP-12b", "WASP-12 b"),
    ],
)
def test_a_typing_error_finds_the_nearest_name(typed: str, nearest: str, index: NameIndex) -> None:
    assert index.find(read_typed(typed)) == []
    assert index.like(typed)[0].name == nearest


def test_digits_as_typed_come_before_digits_that_are_not(index: NameIndex) -> None:
    assert [match.name for match in index.like("Kepler-20 c")][:2] == ["Kepler-20 b", "Kepler-21 b"]


@pytest.mark.parametrize("text", ["", "M 31", "something else", "Ω"])
def test_what_is_like_nothing_finds_nothing(text: str, index: NameIndex) -> None:
    assert index.like(text) == []


def test_an_empty_index_knows_nothing() -> None:
    empty = NameIndex([], [])
    assert len(empty) == 0
    assert empty.find(read_typed("TOI-700")) == [] == empty.like("TOI-700")


def distance(one: str, other: str) -> int:
    """The same by the textbook, one cell after the other."""
    table = np.zeros((len(one) + 1, len(other) + 1), dtype=int)
    table[:, 0], table[0, :] = range(len(one) + 1), range(len(other) + 1)
    for i, a in enumerate(one, 1):
        for j, b in enumerate(other, 1):
            table[i, j] = min(
                table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (a != b)
            )
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return int(table[-1, -1])


def test_all_names_within_two_errors_are_found_and_no_other() -> None:
    draw = np.random.default_rng(3)
    names = ["".join(draw.choice(list("abc"), draw.integers(6, 11))) for _ in range(2_000)]
    names = sorted({name_key(name) for name in names})
    index = NameIndex(names, range(len(names)))
    for word in draw.choice(names, 5).tolist():
        near = {name for name in names if distance(word, name) <= 2}
        assert len(near) > 5
        assert {match.name for match in index.like(word, n=len(names))} == near


def test_keys_that_are_kept_need_not_be_made_again() -> None:
    index = NameIndex(["Kepler-20 b"], [7], keys=[name_key("Kepler-20 b")])
    assert [match.row for match in index.find(read_typed("kepler20b"))] == [7]


def test_aliases_of_signals_and_stars() -> None:
    assert signal_aliases("TOI 700.02", "TIC150428135") == ("TOI-700.02", "TIC 150428135.02")
    assert signal_aliases("K00070.01", "KIC 6850504", "Kepler-20b") == (
        "K00070.01",
        "Kepler-20 b",
        "KIC 6850504.01",
    )
    assert signal_aliases("HD 189733 b", "HD 189733") == ("HD 189733 b",)
    assert star_aliases("K00070.01", "KIC 6850504", "Kepler-20 b") == (
        "KIC 6850504",
        "KOI-70",
        "Kepler-20",
    )
    assert star_aliases("TOI-700.02", "TIC 150428135") == ("TIC 150428135", "TOI-700")
    assert star_aliases("HD 189733 b", "HD 189733") == ("HD 189733",)
    assert star_aliases("", "") == () == signal_aliases("", "")
