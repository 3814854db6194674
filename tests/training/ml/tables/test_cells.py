"""Cells that hold more than a number, numbers that stand for none, and units stated in words."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest

from training.ml.errors import InvalidSignal
from training.ml.inputs import parse_values
from training.ml.tables.cells import Cell, parse_cell
from training.ml.tables.data_loader import SignalTable, read_signals
from training.ml.tables.reading.stated import unit_in_name
from training.ml.tables.unit_words import time_offset
from training.ml.tables.units import UnitMismatch, unit_of


@pytest.mark.parametrize(
    ("text", "value", "error", "unit"),
    [
        ("3.52 ± 0.01", 3.52, 0.01, ""),
        ("3.52+/-0.01", 3.52, 0.01, ""),
        ("3.52 +- 0.01 d", 3.52, 0.01, "d"),
        ("9.5 d ± 0.2 d", 9.5, 0.2, "d"),
        ("3.5225(2)", 3.5225, 0.0002, ""),
        ("3.52(12) hours", 3.52, 0.12, "hours"),
        ("5455(80)", 5455, 80, ""),
        ("3.52(0.01)", 3.52, 0.01, ""),
        ("0.8375+0.0001-0.0003", 0.8375, 0.0002, ""),
        ("3.5 +0.1/−0.3", 3.5, 0.2, ""),
        ("$3.5^{+0.1}_{-0.3}$", 3.5, 0.2, ""),
        (r"$1.7370\pm0.0001$", 1.737, 0.0001, ""),
        ("(1.2 ± 0.1)e-3", 0.0012, 0.0001, ""),
        ("1e-3 ± 2e-4", 0.001, 0.0002, ""),
        ("1.2×10^3 ppm", 1200, None, "ppm"),
        ("1 000", 1000, None, ""),
        ("12\N{NARROW NO-BREAK SPACE}345.6 ppm", 12345.6, None, "ppm"),
        ("1,234.5 ppm", 1234.5, None, "ppm"),
        ("0.91%", 0.91, None, "%"),
        ("~6225 K", 6225, None, "K"),
        ("−0.15 ± 0.04", -0.15, 0.04, ""),
        ("3.52 (+0.1/-0.3)", 3.52, 0.2, ""),
        ("3.52_{-0.1}^{+0.3} d", 3.52, 0.2, "d"),
        ("3.52D+01", 35.2, None, ""),
        ("3.52 (d)", 3.52, None, "d"),
        ("3.52†", 3.52, None, ""),
        ("3.52 ± 0.01 [12]", 3.52, 0.01, ""),
        ("2 h 30 min", 2.5, None, "h"),
        ("1d12h", 36, None, "h"),
    ],
)
def test_a_cell_means_what_it_says(text: str, value: float, error: float | None, unit: str):
    cell = parse_cell(text)
    assert cell is not None
    assert cell.value == pytest.approx(value, rel=1e-15)
    assert cell.error == (None if error is None else pytest.approx(error, rel=1e-12))
    assert cell.unit == unit


@pytest.mark.parametrize(
    "text",
    [
        "1 2",
        "3.5-3.6",
        "1,234",
        "12,5",
        "K00752.01",
        "1.2.3",
        "True",
        "+0.1 +0.2",
        "٣",
        "9" * 90,
        "02:30",
    ],
)
def test_what_can_be_meant_in_two_ways_is_not_understood(text: str):
    assert parse_cell(text) is None


@pytest.mark.parametrize("text", ["<5", "> 3.2", "≤ 0.3 R_Earth", "<=1e-3"])
def test_a_limit_is_no_value(text: str):
    cell = parse_cell(text)
    assert cell is not None
    assert cell.is_limit and math.isnan(cell.value)


def test_in_a_table_with_decimal_commas_points_are_between_thousands():
    assert parse_cell("1.234,5 ppm", decimal_comma=True) == Cell(1234.5, None, "ppm")
    assert parse_cell("3,52 ± 0,01", decimal_comma=True) == Cell(3.52, 0.01)


def read(*lines: str) -> SignalTable:
    return read_signals(io.BytesIO("\n".join(lines).encode()))


def test_units_and_uncertainties_in_cells_reach_the_features_that_take_them():
    table = read(
        "kepoi_name,koi_period,koi_period_err1,koi_duration,koi_depth,koi_prad,koi_steff",
        "a,9.5 ± 0.2 d,,3 h,615.8 ± 19.5 ppm,0.2 R_jup,5455 ± 80 K",
        "b,48 hours,0.1,180 min,0.91(2)%,14.59,<6000",
        "c,3.5 K,,3,10 mmag,5.0 ± 0.1,5000",
        "d,72 ± 24 h,0.5,3,1e3,5.0,lukewarm",
    )
    frame = table.frame
    np.testing.assert_allclose(frame["orbital_period"], [9.5, 2, np.nan, 3], rtol=1e-15)
    # Its own column counts; where it is empty, what stands in the cell.
    np.testing.assert_allclose(frame["orbital_period_error"], [0.2, 0.1, np.nan, 0.5], rtol=1e-12)
    np.testing.assert_allclose(frame["transit_duration"], [3, 3, 3, 3], rtol=1e-15)
    depth = [615.8, 9100, -np.expm1(-0.004 * np.log(10)) * 1e6, 1000]
    np.testing.assert_allclose(frame["transit_depth"], depth, rtol=1e-12)
    np.testing.assert_allclose(frame["transit_depth_error"], [19.5, 200, np.nan, np.nan])
    np.testing.assert_allclose(frame["planet_radius"].iloc[0], 0.2 * 71_492 / 6_378.1)
    np.testing.assert_allclose(frame["stellar_teff_error"].iloc[0], 80)
    assert table.notes[0] == []
    assert "given as a limit (“<6000”)" in table.notes[1][0]
    assert table.notes[2] == [
        "koi_period is “3.5 K”, whose unit is none of orbital period (days); treated as missing."
    ]
    assert table.notes[3] == ["koi_steff is “lukewarm”, which is not a number; treated as missing."]
    found = {(p.code, p.column): p.rows for p in table.problems}
    assert found[("limit", "koi_steff")] == (2,)
    assert found[("cell_unit", "koi_period")] == (3,)
    assert found[("not_a_number", "koi_steff")] == (4,)


# --- numbers that stand for none ------------------------------------------------------------------


def test_stand_ins_are_missing_with_a_word_and_no_uncertainty_is_made_positive():
    table = read(
        "kepoi_name,koi_period,koi_period_err1,koi_period_err2,koi_duration,koi_depth,koi_steff,"
        "koi_smet",
        "a,3,-999,-999,2,100,5455,-999",
        "b,3,-1,-1,-1,1e20,9999,-1",
        "c,3,0.2,-0.4,-99,-9999,9999,0.1",
        "d,3,0.2,-1,2,-1e20,5000,-0.5",
        "e,3,,-0.4,2,100,5000,-9999",
        "f,3,0.001,-999,2,100,5000,0",
        "g,3,800,-999,2,100,5000,0",
    )
    frame = table.frame
    errors = [np.nan, np.nan, 0.3, 0.6, 0.4, 0.001, 899.5]
    np.testing.assert_allclose(frame["orbital_period_error"], errors)
    assert frame["transit_duration"].isna().tolist() == [False, True, True] + [False] * 4
    assert frame["transit_depth"].isna().tolist() == [False, True, True, True] + [False] * 3
    assert frame["stellar_teff"].isna().tolist() == [False, True, True] + [False] * 4
    # −1 is a possible metallicity, −999 is none.
    np.testing.assert_allclose(frame["stellar_metallicity"], [np.nan, -1, 0.1, -0.5, np.nan, 0, 0])
    find_sentinels = {p.column: p.count for p in table.problems if p.code == "stand_in"}
    assert find_sentinels["koi_smet"] == 2
    assert find_sentinels["koi_period_err1"] == 2
    assert "koi_depth is −9,999, which stands for no value" in " ".join(table.notes[2])


@pytest.mark.parametrize("word", ["--", "...", "N/A", "null", "nan", "…", "None", "#N/A", ""])
def test_words_for_nothing_are_missing_without_a_word(word: str):
    table = read("kepoi_name,koi_period,koi_depth", f"a,3,{word}", "b,3,100")
    assert table.frame["transit_depth"].isna().tolist() == [True, False]
    assert table.notes == [[], []]


# --- units in words -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("feature", "words", "factor"),
    [
        ("transit_duration", "days d Day Tage jours días giorni d", 24),
        ("transit_duration", "hours hrs hr h Stunden heures", 1),
        ("transit_duration", "min minutes", 1 / 60),
        ("orbital_period", "yr years", 365.25),
        ("planet_radius", "R_Earth Rearth REarth earthRad R_⊕ Erdradien Rgeo 6378100m", 1),
        ("planet_radius", "R_jup RJup Rjup jupiterRad R_J", 71_492 / 6_378.1),
        ("stellar_radius", "solRad R_Sun Rsun R☉ Sonnenradien", 1),
        ("transit_depth", "ppm 1e-6 10**-6", 1),
        ("transit_depth", "% percent Prozent pct", 1e4),
        ("transit_depth", "ppt ‰", 1e3),
        ("stellar_logg", "cgs dex log10(cm/s**2) cm/s2 [cm/s2] log(cm/s^2)", 1),
        ("stellar_metallicity", "dex [Fe/H] [Sun]", 1),
        ("insolation", "S_Earth earthFlux", 1),
        ("insolation", "W/m2 W/m²", 1 / 1361),
        ("mid_transit_error", "d BJD BKJD BJD-2457000", 1),
        ("semi_major_axis", "AU au UA", 1),
        ("stellar_density", "g/cm3 g/cm**3", 1),
        ("radius_ratio", "% percent", 0.01),
    ],
)
def test_units_are_understood_in_many_spellings(feature: str, words: str, factor: float):
    for word in words.split():
        unit = unit_of(feature, word)
        assert unit is not None, word
        assert unit.factor == pytest.approx(factor, rel=1e-12), word


@pytest.mark.parametrize(
    ("feature", "word"),
    [
        ("transit_duration", "K"),
        ("transit_duration", "ppm"),
        ("planet_radius", "d"),
        ("stellar_teff", "deg"),
        ("transit_depth", "electron / s"),
        ("transit_depth", "furlongs"),
        ("radius_ratio", "deg"),
    ],
)
def test_a_unit_of_something_else_is_none(feature: str, word: str):
    assert unit_of(feature, word) is None


def test_a_stated_unit_that_cannot_be_is_refused_with_both_names():
    with pytest.raises(UnitMismatch, match=r"“K” for its column “koi_period”.*orbital period"):
        read("# COLUMN koi_period: Period [K]", "kepoi_name,koi_period,koi_depth", "a,3,100")


def test_an_uncertainty_has_the_unit_of_its_quantity_unless_it_states_its_own():
    table = read(
        "# COLUMN koi_duration: Duration [days]",
        "# COLUMN koi_period: Period [hours]",
        "# COLUMN koi_period_err1: Error [minutes]",
        "kepoi_name,koi_period,koi_period_err1,koi_duration,koi_duration_err1,koi_depth",
        "a,48,144,0.1,0.01,100",
    )
    row = table.frame.iloc[0]
    assert row["orbital_period"] == pytest.approx(2)
    assert row["orbital_period_error"] == pytest.approx(0.1)
    assert row["transit_duration"] == pytest.approx(2.4)
    assert row["transit_duration_error"] == pytest.approx(0.24)


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("Dauer [d]", "d"),
        ("duration (days)", "days"),
        ("Planetenradius [Erdradien]", "Erdradien"),
        ("log g [log10(cm/s**2)]", "log10(cm/s**2)"),
        ("Depth (ppm) error", "ppm"),
        ("radius (model A)", None),
        ("a (1)", None),
        ("period", None),
        ("Dauer in Stunden", "Stunden"),
        ("transit_depth_in_percent", "percent"),
        ("Tiefe in %", "%"),
        ("depth in parts per thousand", "parts per thousand"),
        ("planets in system", None),
        ("transits in a", None),
        ("in days", None),
    ],
)
def test_a_name_states_the_unit_behind_it(name: str, unit: str | None):
    assert unit_in_name(name) == unit


def test_dates_are_counted_from_where_the_table_says():
    zeros = {"BKJD": 2_454_833.0, "BTJD": 2_457_000.0, "BJD": 0.0, "BJD - 2457000": 2_457_000.0}
    assert {text: time_offset(text) for text in (*zeros, "days")} == {**zeros, "days": None}
    header = (
        "# COLUMN koi_time0bk: Epoch [{}]\nkepoi_name,koi_period,koi_depth,koi_time0bk\na,3,9,{}"
    )
    usual = read_signals(io.BytesIO(header.format("BKJD", 170.5).encode()))
    stated = read_signals(io.BytesIO(header.format("BJD", 2455003.5).encode()))
    assert usual.epochs.tolist() == stated.epochs.tolist() == [170.5]


# --- the form -------------------------------------------------------------------------------------


def test_the_form_takes_units_and_uncertainties_too():
    given = {
        "mission": "Kepler",
        "orbital_period": "3.52 ± 0.01 d",
        "transit_duration": "0.1 days",
        "transit_depth": "0.91(2)%",
        "stellar_teff": "5455(80)",
        "stellar_teff_error": "90",
    }
    values = parse_values(given)
    assert values["orbital_period"] == 3.52
    assert values["orbital_period_error"] == 0.01
    assert values["transit_duration"] == pytest.approx(2.4)
    assert values["transit_depth"] == pytest.approx(9100)
    assert values["transit_depth_error"] == pytest.approx(200)
    assert values["stellar_teff_error"] == 90


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<5", "a limit and no value"),
        ("5 K", "whose unit is none of this quantity"),
        ("5 x", "alone"),
    ],
)
def test_the_form_says_what_it_does_not_take(text: str, words: str):
    given = {"mission": "Kepler", "orbital_period": text, "transit_duration": 3, "transit_depth": 9}
    with pytest.raises(InvalidSignal, match=words):
        parse_values(given)


def test_words_for_a_unit_are_no_part_of_a_known_name():
    table = read("kepoi_name,koi_period,koi_duration in days,koi_depth in percent", "a,48,0.1,0.01")
    row = table.frame.iloc[0]
    assert row["transit_duration"] == pytest.approx(2.4)
    assert row["transit_depth"] == pytest.approx(100)
