"""Units as tables write them, in brackets, in a FITS header and in a VOTable: each is converted, or
refused by a sentence that names it and the quantity."""

from __future__ import annotations

import io
import math

import pytest
from astropy.table import Table

from training.ml.schema import FEATURE_BY_NAME
from training.ml.tables.data_loader import SignalTable, read_signals
from training.ml.tables.preview import preview_table
from training.ml.tables.unit_words import says_unit
from training.ml.tables.units import UnitMismatch

COLUMNS = {
    "orbital_period": "koi_period",
    "transit_duration": "koi_duration",
    "transit_depth": "koi_depth",
    "planet_radius": "koi_prad",
    "insolation": "koi_insol",
    "equilibrium_temperature": "koi_teq",
    "semi_major_axis": "koi_sma",
    "inclination": "koi_incl",
    "stellar_teff": "koi_steff",
    "stellar_logg": "koi_slogg",
    "stellar_radius": "koi_srad",
    "stellar_mass": "koi_smass",
    "stellar_metallicity": "koi_smet",
    "transit_stellar_density": "koi_srho",
}
R_JUP, R_SUN = 71_492_000 / 6_378_100, 695_700_000 / 6_378_100
CONVERTED: list[tuple[str, str, float, float]] = [
    *(
        ("equilibrium_temperature", unit, 1_000, 1_273.15)
        for unit in (
            "C",
            "°C",
            "degC",
            "deg_C",
            "deg C",
            "ºC",
            "℃",
            "Celsius",
            "Grad Celsius",
            "degrees Celsius",
        )
    ),
    ("stellar_teff", "°C", 5_500, 5_773.15),
    ("equilibrium_temperature", "K", 1_000, 1_000),
    ("stellar_teff", "kK", 5.5, 5_500),
    *(
        ("orbital_period", unit, 48, 2)
        for unit in ("h", "hours", "Stunden", "heures", "Std.", "horas", "uren", "часы", "時間")
    ),
    *(("orbital_period", unit, 3.5, 3.5) for unit in ("d", "Tage", "jours", "j", "días", "giorni")),
    ("orbital_period", "yr", 1, 365.25),
    *(("transit_duration", unit, 90, 1.5) for unit in ("min", "Minuten", "minutos")),
    ("transit_duration", "s", 5_400, 1.5),
    ("transit_duration", "Tage", 0.125, 3),
    *(("transit_depth", unit, 0.5, 5_000) for unit in ("%", "Prozent", "pourcent", "percent")),
    *(
        ("transit_depth", unit, 2, 2_000)
        for unit in ("ppt", "‰", "Promille", "10^-3", "10-3", "parts per thousand", "ppth")
    ),
    *(("transit_depth", unit, 3, 300) for unit in ("10^-4", "1e-4", "‱", "x10^-4")),
    ("transit_depth", "mmag", 5, (1 - 10**-0.002) * 1e6),
    ("transit_depth", "mag", 0.01, (1 - 10**-0.004) * 1e6),
    *(
        ("planet_radius", unit, 2, 2 * R_JUP)
        for unit in ("R_J", "Rjup", "R_jup", "jupiterRad", "R♃", "Jupiterradien", "rayons joviens")
    ),
    *(
        ("planet_radius", unit, 2, 2)
        for unit in (
            "R⊕",
            "R_E",
            "earthRad",
            "Erdradien",
            "rayons terrestres",
            "raggi terrestri",
            "$R_\\oplus$",
        )
    ),
    *(("planet_radius", unit, 0.1, 0.1 * R_SUN) for unit in ("R☉", "Rsun", "Sonnenradien")),
    ("planet_radius", "km", 12_756.2, 2),
    ("stellar_radius", "km", 695_700, 1),
    ("stellar_radius", "R⊙", 0.7, 0.7),
    ("stellar_radius", "rayons solaires", 0.7, 0.7),
    ("insolation", "W/m2", 1_361, 1),
    ("insolation", "S⊕", 3, 3),
    ("semi_major_axis", "km", 149_597_870.7, 1),
    ("inclination", "rad", math.pi / 2, 90),
    ("inclination", "Grad", 89, 89),
    *(
        ("stellar_logg", unit, 4.4, 4.4)
        for unit in ("log(cm.s**-2)", "[cm/s2]", "dex(cm/s2)", "log10(cm/s**2)", "cgs", "dex")
    ),
    ("stellar_metallicity", "[Fe/H]", -0.2, -0.2),
    ("transit_stellar_density", "kg/m3", 1_410, 1.41),
]
REFUSED = [
    *(("equilibrium_temperature", unit) for unit in ("F", "°F", "degF", "Fahrenheit", "℉", "eV")),
    *(
        ("orbital_period", unit)
        for unit in (
            "BJD",
            "BJD - 2457000",
            "BJD-2454833",
            "BKJD",
            "MJD",
            "Hz",
            "1/d",
            "log10(days)",
            "log d",
            "%",
            "K",
            "ln",
            "weeks",
        )
    ),
    *(("transit_duration", unit) for unit in ("cadences", "phase", "BTJD", "deg", "ppm")),
    *(("transit_depth", unit) for unit in ("dex", "log10(ppm)", "e-/s", "ADU", "K", "hours")),
    *(("planet_radius", unit) for unit in ("Mjup", "M_earth", "Neptune radii", "ppm")),
    *(("stellar_logg", unit) for unit in ("[m/s2]", "log(m/s2)", "m/s2")),
    ("stellar_metallicity", "%"),
    ("insolation", "Lsun"),
    ("stellar_mass", "Rsun"),
]
BASE = {"kepoi_name": "K00001.01", "koi_period": 3.5, "koi_duration": 2.0, "koi_depth": 900.0}


def in_brackets(column: str, unit: str, value: float) -> SignalTable:
    cells = {name: text for name, text in BASE.items() if name != column}
    header = ",".join([*cells, f"{column} [{unit}]"])
    row = ",".join([*map(str, cells.values()), repr(value)])
    return read_signals(io.BytesIO(f"{header}\n{row}\n".encode()))


def in_a_file(column: str, unit: str, value: float, kind: str) -> SignalTable:
    table = Table([{**BASE, column: value}])
    table[column].unit = unit
    buffer = io.BytesIO()
    table.write(buffer, format=kind)
    return read_signals(io.BytesIO(buffer.getvalue()))


@pytest.mark.parametrize(("feature", "unit", "value", "ours"), CONVERTED)
def test_a_unit_in_a_bracket_is_converted(feature: str, unit: str, value: float, ours: float):
    table = in_brackets(COLUMNS[feature], unit, value)
    assert table.frame[feature].iloc[0] == pytest.approx(ours, rel=1e-9)


@pytest.mark.parametrize(("feature", "unit"), REFUSED)
def test_a_unit_of_another_quantity_is_refused_naming_both(feature: str, unit: str):
    with pytest.raises(UnitMismatch) as refused:
        in_brackets(COLUMNS[feature], unit, 5)
    assert unit in str(refused.value)
    assert FEATURE_BY_NAME[feature].label.lower() in str(refused.value)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["votable", "fits"])
@pytest.mark.parametrize(
    ("feature", "unit", "value", "ours"),
    [
        ("equilibrium_temperature", "deg_C", 1_000, 1_273.15),
        ("orbital_period", "h", 48, 2),
        ("transit_duration", "min", 90, 1.5),
        ("transit_depth", "mmag", 5, (1 - 10**-0.002) * 1e6),
        ("transit_depth", "%", 0.5, 5_000),
        ("planet_radius", "solRad", 0.1, 0.1 * R_SUN),
        ("stellar_radius", "km", 695_700, 1),
        ("stellar_logg", "dex(cm s-2)", 4.4, 4.4),
        ("insolation", "W m-2", 1_361, 1),
    ],
)
def test_a_unit_in_a_file_of_types_is_converted(
    feature: str, unit: str, value: float, ours: float, kind: str
):
    table = in_a_file(COLUMNS[feature], unit, value, kind)
    assert table.frame[feature].iloc[0] == pytest.approx(ours, rel=1e-9)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["votable", "fits"])
@pytest.mark.parametrize(
    ("feature", "unit"),
    [("orbital_period", "Hz"), ("equilibrium_temperature", "deg"), ("transit_depth", "K")],
)
def test_a_unit_in_a_file_of_types_is_refused_naming_both(feature: str, unit: str, kind: str):
    with pytest.raises(UnitMismatch, match=f"“{unit}”.*{FEATURE_BY_NAME[feature].label.lower()}"):
        in_a_file(COLUMNS[feature], unit, 5, kind)


def test_degrees_celsius_are_said_and_the_mapping_keeps_them():
    content = b"kepoi_name,koi_period,koi_depth,koi_teq [C],koi_teq_err1\na,3,100,1000,7\n"
    table = read_signals(io.BytesIO(content))
    said = [problem.sentence for problem in table.problems]
    assert any("degrees Celsius in koi_teq [C]" in sentence for sentence in said)
    preview = preview_table(io.BytesIO(content))
    again = read_signals(io.BytesIO(content), mapping=preview.mapping)
    assert again.frame["equilibrium_temperature"].iloc[0] == pytest.approx(1273.15)


@pytest.mark.parametrize(
    ("unit", "cell", "ours"),
    [
        ("K", "1000 °C", 1_273.15),
        ("C", "1273.15 K", 1_273.15),
        ("C", "1000 °C", 1_273.15),
        ("C", "1000 ± 20", 1_273.15),
    ],
)
def test_a_cell_states_its_own_temperature(unit: str, cell: str, ours: float):
    content = f"kepoi_name,koi_period,koi_depth,koi_teq [{unit}]\na,3,100,{cell}\n".encode()
    table = read_signals(io.BytesIO(content))
    assert table.frame["equilibrium_temperature"].iloc[0] == pytest.approx(ours)


def test_the_letter_of_a_footnote_is_no_unit():
    assert not any(map(says_unit, ("c", "f", "a")))
    assert says_unit("C")
    assert says_unit("F")
