"""One spelling for each star and signal, whatever form it comes in."""

from __future__ import annotations

import pytest

from training.ml.schema import Mission
from training.ml.sky.names import (
    is_catalogue_name,
    is_rounded,
    is_signal_form,
    is_star_form,
    mission_of_star,
    signal_name,
    spellings,
    star_name,
    targets_in,
)


@pytest.mark.parametrize(
    ("text", "mission", "name"),
    [
        ("K00752.01", "Kepler", "K00752.01"),
        ("KOI-752.01", "Kepler", "K00752.01"),
        ("KOI 752.01", "Kepler", "K00752.01"),
        ("koi752.01", "Kepler", "K00752.01"),
        ("K752.01", "Kepler", "K00752.01"),
        ("TOI-270.02", "TESS", "TOI-270.02"),
        ("TOI 270.02", "TESS", "TOI-270.02"),
        ("270.02", "TESS", "TOI-270.02"),
        ("270.02", "other", "270.02"),
        ("270.1", "TESS", "TOI-270.10"),
        ("TOI 270 c", "TESS", "TOI-270 c"),
        ("TOI-270c", "TESS", "TOI-270 c"),
        ("Kepler-227 b", "Kepler", "Kepler-227 b"),
        ("kepler 227b", "Kepler", "Kepler-227 b"),
        ("K2-18b", "K2", "K2-18 b"),
        ("EPIC 201912552.01", "K2", "EPIC 201912552.01"),
        ("EPIC201912552.1", "K2", "EPIC 201912552.01"),
        ("EPIC-201912552 b", "K2", "EPIC 201912552 b"),
        ("  my  signal ", "other", "my signal"),
        ("", "other", ""),
    ],
)
def test_a_signal_has_one_name_however_it_is_written(text: str, mission: str, name: str):
    assert signal_name(text, mission) == name
    assert signal_name(name, mission) == name


@pytest.mark.parametrize(
    ("text", "catalogue", "name"),
    [
        ("TIC259377017", "", "TIC 259377017"),
        ("259377017.0", "TIC", "TIC 259377017"),
        ("2.59377017E+08", "TIC", "TIC 259377017"),
        ("2.5937701700e8", "TIC", "TIC 259377017"),
        ("2.59377E+08", "TIC", None),
        ("1e8", "TIC", None),
        ("12345.0", "", "12345"),
        ("KIC-010797460", "TIC", "KIC 10797460"),
        ("kepler 227", "", "Kepler-227"),
        ("HD 209458", "TIC", "HD 209458"),
    ],
)
def test_a_star_has_one_name_and_a_rounded_number_none(text: str, catalogue: str, name: str | None):
    assert star_name(text, catalogue) == name
    assert is_rounded(text) is (name is None)


def test_forms_are_told_apart():
    assert all(map(is_star_form, ["KIC 10797460", "TIC259377017", "epic-201912552"]))
    assert not any(map(is_star_form, ["10797460", "TIC 25.01", "KOI-752.01"]))
    assert all(map(is_signal_form, ["KOI-752.01", "TOI 270 c", "TIC 25.01", "K2-18 b"]))
    assert not any(map(is_signal_form, ["752.01", "KIC 752", "b", "3"]))
    assert is_catalogue_name("270.01")
    assert not is_catalogue_name("10797460-01")
    assert mission_of_star("EPIC 201912552") is Mission.K2
    assert mission_of_star("201912552") is None


def test_a_search_tries_every_spelling():
    assert {"K00752.01", "KOI-752.01", "K752.01"} <= set(spellings("KOI 752.01"))
    assert {"TOI-270.02", "270.02", "TOI 270.02"} <= set(spellings("TOI 270.02"))
    assert {"TIC 259377017", "TIC259377017"} <= set(spellings("tic-259377017"))
    assert spellings("anything else") == ("anything else",)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("TOI 270 c (TIC259377017)", ["TOI-270", "TIC 259377017"]),
        ("K752.01", ["KOI-752"]),
        ("K00752.01 = KOI-752.01", ["KOI-752", "KOI-752"]),
        ("KIC_10797460", ["KIC 10797460"]),
        ("EPIC201912552.01", ["EPIC 201912552"]),
        ("K2-18 b", []),
        ("Kepler-227 b", []),
        ("KOI-1234567", []),
        ("", []),
    ],
)
def test_numbers_of_catalogues_are_found_within_any_text(text: str, found: list[str]) -> None:
    assert [target.name for target in targets_in(text)] == found


def test_a_target_says_which_signal_it_is() -> None:
    assert [target.signal for target in targets_in("TOI-700.02, TOI-700, tic 5.1")] == [2, None, 1]
