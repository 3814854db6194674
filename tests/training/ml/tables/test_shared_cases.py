"""The small tables in ../shared/cases that are about reading, against the right values that its
README gives, and the archive's real tables, whose harmonised values must not change."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.conftest import HAS_AVX512
from training.ml.schema import Mission
from training.ml.tables.data_loader import SignalTable, read_signals
from training.ml.tables.reading.read_table import Table, read_table
from training.ml.tables.recognition import recognised_names

pytestmark = pytest.mark.shared_data

SIX = ["K00752.01", "K00752.02", "K00754.01", "K00010.01", "K00157.01", "K00072.01"]
PERIODS = [9.48803557, 54.4183827, 1.736952453, 3.522498429, 13.02493307, 0.837491225]
DEPTHS = [615.8, 874.8, 8079.2, 9145.7, 778.4, 190.4]


@pytest.fixture(scope="module")
def cases(shared_data: Path) -> Path:
    folder = shared_data.parent / "cases"
    if not folder.is_dir():
        pytest.skip(f"there is no {folder}")
    return folder


def opened(path: Path) -> Table:
    return read_table(path, known=recognised_names())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("format_ecsv.ecsv", "ECSV"),
        ("format_votable.vot", "VOTable"),
        ("format_parquet.parquet", "Parquet"),
        ("format_excel.xlsx", "Excel workbook"),
        ("format_json_records.json", "JSON records"),
        ("format_space.dat", "text in columns"),
        ("format_zipped_csv.zip", "CSV"),
        ("decimal_comma_semicolon.csv", "CSV"),
        ("encoding_utf16.csv", "CSV"),
        ("sep_tab.tsv", "CSV"),
        ("pandas_index.csv", "CSV"),
        ("own_results_csv_again.csv", "CSV"),
    ],
)
def test_six_signals_are_the_same_in_every_format(cases: Path, name: str, said: str):
    table = read_signals(cases / name)
    assert opened(cases / name).format == said
    assert table.layout.key == "koi"
    signals = [SIX.index(signal) for signal in table.signals]
    assert signals == sorted(signals) and len(signals) >= 5
    np.testing.assert_allclose(table.frame["orbital_period"], np.take(PERIODS, signals))
    np.testing.assert_allclose(table.frame["transit_depth"], np.take(DEPTHS, signals))
    assert table.notes == [[]] * len(table)


def test_what_a_header_states_counts(cases: Path):
    table = read_signals(cases / "units_header_says_days.csv", mission=Mission.OTHER)
    row = table.frame.iloc[table.signals.tolist().index("HD 209458 b")]
    assert row["transit_duration"] == pytest.approx(0.1277 * 24)
    assert row["transit_depth"] == pytest.approx(14_600)


def test_rows_of_units_and_dashes_belong_to_the_header(cases: Path):
    table = opened(cases / "header_vizier_tsv.tsv")
    assert len(next(table.blocks(100))) == 4
    units = {column: said.unit for column, said in table.stated.items() if said.unit}
    assert units == {
        "Per": "d",
        "e_Per": "d",
        "Depth": "%",
        "Dur": "d",
        "Rp": "Rgeo",
        "Teff": "K",
        "Rad": "Rsun",
    }


def test_the_journals_table_states_its_units(cases: Path):
    table = opened(cases / "format_aas_mrt.txt")
    assert {c: s.unit for c, s in table.stated.items() if s.unit} == {
        "Per": "d",
        "Dur": "h",
        "Depth": "ppm",
    }
    block = next(table.blocks(10))
    assert block.numbers(["Per", "Depth"])[0].tolist() == [
        [10.0544, 1313],
        [32.9396, 2870],
        [6.7715, 2500],
    ]


def test_latin_letters_are_read_and_the_encoding_is_named(cases: Path):
    table = opened(cases / "encoding_latin1.csv")
    assert table.encoding == "Windows-1252"
    assert next(table.blocks(9)).cells("koi_comment") == ["± André", "ok"]


def test_units_in_german_names(cases: Path):
    stated = opened(cases / "columns_german.csv").stated
    assert stated["Umlaufzeit [Tage]"].unit == "Tage"
    assert stated["Transitdauer [Stunden]"].unit == "Stunden"


def test_text_in_cells(cases: Path):
    frame = read_signals(cases / "cells_with_text.csv").frame
    assert frame["orbital_period"].tolist() == [9.48803557, 3.522498, 0.8375, 1.737]
    np.testing.assert_allclose(frame["orbital_period_error"], [3e-5, 2e-6, 1e-4, 1e-4])
    np.testing.assert_allclose(frame["transit_depth"], [615.8, 9100, 9145.7, 8079.2])
    assert frame["transit_duration"].tolist() == [2.9575, 3.198, 1.796, 2.406]
    assert frame["planet_radius"].isna().tolist() == [False, False, True, False]


def test_stand_ins_in_uncertainties_are_missing(cases: Path):
    table = read_signals(cases / "sentinel_minus999.csv")
    errors = [c for c in map(str, table.frame) if c.endswith("_error")]
    assert len(errors) > 5
    assert table.frame[[*errors, "stellar_metallicity"]].isna().all(axis=None)


# Of the numbers as they were before tables of other formats were read.
FINGERPRINTS = {
    "all_columns/TOI_2025.10.01_87_columns.csv": ("9837f938229e86cc", "3456290180a0f4ce"),
    "all_columns/cumulative_2025.10.04_94_columns.csv.gz": ("2b415b8a61a8a42f", "1b730bf3b5e772e9"),
    "all_columns/cumulative_sample_141_columns.csv": ("ff7df19547e2652c", "4918568ac9a1abb5"),
    "all_columns/k2pandc_sample_295_columns.csv": ("d90322d2c1c75e31", "9c9bb913022b98ae"),
    "archive/TOI_2025.10.04.csv": ("a7b3eea1392f48e3", "5fc9fde9e3df5052"),
    "archive/cumulative_2025.10.04.csv": ("035775c80b4a9c09", "7bd8fba8dbc79fe1"),
    "archive/k2pandc_2025.10.04.csv": ("9cc706f734e7cf38", "f76bc666b829d960"),
    "archive/k2pandc_2025.10.04_default_columns.csv": ("f82dcd620cd62325", "5caf4b9fb52bc946"),
    "time_travel/TOI_2021.12.12.csv": ("995f745b8ae137e8", "eb1ccea3cc813e56"),
    "time_travel/cumulative_2017.10.csv": ("39fff3cf7b5edbcf", "3db360713e01812a"),
}
"""On processors with AVX-512, and on others, whose logarithms and roots end otherwise."""


def fingerprint(table: SignalTable) -> str:
    """Over the columns that the table has had all along."""
    digest = hashlib.sha256()
    for name in COLUMNS:
        column: pd.Series = table.frame[name]
        digest.update(name.encode())
        digest.update(
            column.to_numpy().tobytes()
            if column.dtype == "float64"
            else "|".join(column.fillna("")).encode()
        )
    return digest.hexdigest()[:16]


COLUMNS = [
    "mission",
    "orbital_period",
    "transit_duration",
    "transit_depth",
    "impact_parameter",
    "radius_ratio",
    "scaled_semi_major_axis",
    "inclination",
    "transit_snr",
    "transit_count",
    "planet_radius",
    "insolation",
    "equilibrium_temperature",
    "semi_major_axis",
    "stellar_teff",
    "stellar_logg",
    "stellar_radius",
    "stellar_mass",
    "stellar_metallicity",
    "stellar_density",
    "stellar_magnitude",
    "magnitude_band",
    "stellar_distance",
    "proper_motion",
    "galactic_latitude",
    "ecliptic_latitude",
    "stellar_jk_colour",
    "signal_count",
    "sibling_period_ratio",
    "orbital_period_error",
    "mid_transit_error",
    "transit_duration_error",
    "transit_depth_error",
    "planet_radius_error",
    "impact_parameter_error",
    "insolation_error",
    "stellar_teff_error",
    "stellar_logg_error",
    "stellar_radius_error",
    "stellar_mass_error",
    "stellar_distance_error",
    "transit_stellar_density",
    "max_single_event_statistic",
    "max_multiple_event_statistic",
    "odd_even_significance",
    "detection_order",
    "centroid_significance",
    "flux_centroid_offset",
    "centroid_shift",
    "prf_offset_oot",
    "prf_offset_catalogue",
]


@pytest.mark.parametrize("name", FINGERPRINTS)
def test_the_archives_tables_are_read_to_the_byte_as_before(shared_data: Path, name: str):
    assert fingerprint(read_signals(shared_data / name)) == FINGERPRINTS[name][not HAS_AVX512]
