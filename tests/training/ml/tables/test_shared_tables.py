"""The archive's real tables, each in full, against what the data README says about them."""

from __future__ import annotations

import gzip
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from training.ml.errors import ArchiveErrorDocument
from training.ml.tables.data_loader import SignalTable, open_table, read_signals, star_groups
from training.ml.tables.doubting.doubts import suspicions
from training.ml.tables.preview import preview_table

pytestmark = pytest.mark.shared_data

KOI = "archive/cumulative_2025.10.04.csv"
TOI = "archive/TOI_2025.10.04.csv"
K2 = "archive/k2pandc_2025.10.04.csv"
TABLES = {  # file: layout, rows, columns, signals, CONFIRMED, CANDIDATE, FALSE POSITIVE
    KOI: ("koi", 9564, 49, 9564, 2746, 1979, 4839),
    TOI: ("toi", 7703, 65, 7703, 1267, 5141, 1295),
    K2: ("k2", 4004, 73, 1795, 569, 976, 250),
    "archive/k2pandc_2025.10.04_default_columns.csv": ("k2", 4004, 94, 1795, 569, 976, 250),
    "all_columns/cumulative_2025.10.04_94_columns.csv.gz": (
        "koi",
        9564,
        94,
        9564,
        2746,
        1979,
        4839,
    ),
    "all_columns/TOI_2025.10.01_87_columns.csv": ("toi", 7699, 87, 7699, 1266, 5139, 1294),
    "all_columns/cumulative_sample_141_columns.csv": ("koi", 956, 141, 956, 259, 188, 509),
    "all_columns/k2pandc_sample_295_columns.csv": ("k2", 400, 295, 334, 182, 125, 27),
    "time_travel/TOI_2021.12.12.csv": ("toi", 4708, 65, 4708, 533, 3393, 780),
    "time_travel/cumulative_2017.10.csv": ("koi", 9564, 50, 9564, 2293, 2248, 5023),
}


@pytest.fixture(scope="module")
def tables(shared_data: Path) -> dict[str, SignalTable]:
    return {name: read_signals(shared_data / name) for name in TABLES}


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_recognised_and_counted(name: str, tables: dict[str, SignalTable]):
    layout, rows, _, signals, *dispositions = TABLES[name]
    table = tables[name]
    assert (table.layout.key, len(table.row_signal), len(table)) == (layout, rows, signals)
    counts = table.dispositions.value_counts()
    assert [counts[code] for code in ("CONFIRMED", "CANDIDATE", "FALSE POSITIVE")] == dispositions
    assert all(
        (row in table.row_reasons) == (signal < 0) for row, signal in enumerate(table.row_signal)
    )


@pytest.mark.parametrize("name", TABLES)
def test_every_table_comes_out_of_chunks_unchanged(
    name: str, tables: dict[str, SignalTable], shared_data: Path
):
    reader = open_table(shared_data / name)
    assert (reader.rows, len(reader.columns)) == TABLES[name][1:3]
    whole = tables[name]
    chunks = list(reader.chunks(997))
    assert sum(len(chunk) for chunk in chunks) == reader.rows
    for chunk in chunks:
        signal = whole.row_signal[chunk.first_row - 1 : chunk.first_row - 1 + len(chunk)]
        assert ((chunk.table.row_signal < 0) == (signal < 0)).all()
        expected = whole.frame.iloc[signal[signal >= 0]].reset_index(drop=True)
        found = chunk.table.frame.iloc[chunk.table.row_signal[signal >= 0]].reset_index(drop=True)
        pd.testing.assert_frame_equal(found, expected)
    raw = pd.concat([chunk.raw for chunk in chunks], ignore_index=True)
    path = shared_data / name
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    skipped = sum(line.startswith(b"#") for line in content.splitlines())
    pd.testing.assert_frame_equal(
        raw, pd.read_csv(path, skiprows=skipped, dtype="str", keep_default_na=False)
    )


@pytest.mark.parametrize("name", TABLES)
def test_no_real_table_looks_suspicious(
    name: str, tables: dict[str, SignalTable], shared_data: Path
):
    assert suspicions(tables[name]) == []
    assert preview_table(shared_data / name).recognised


def test_no_row_of_a_real_table_is_unusable_but_what_did_not_transit(
    tables: dict[str, SignalTable],
):
    for name, table in tables.items():
        methods = {reason.partition("(")[2] for reason in table.row_reasons.values()}
        assert methods <= {"Radial Velocity).", "Microlensing)."}, name
    # 23 rows by radial velocity and 2 by microlensing; the 17 that name no method are transits.
    assert len(tables[K2].row_reasons) == 25


def test_known_planets_come_out_in_our_units(tables: dict[str, SignalTable]):
    def signal(name: str, identifier: str) -> pd.Series[float]:
        table = tables[name]
        return table.frame.loc[table.signals == identifier].iloc[0]

    kepler_227_b = signal(KOI, "K00752.01")
    assert kepler_227_b["orbital_period"] == 9.48803557
    assert kepler_227_b["transit_depth"] == 615.8
    assert kepler_227_b["transit_duration"] == 2.9575
    assert kepler_227_b["signal_count"] == 2
    toi_1000 = signal(TOI, "1000.01")
    assert toi_1000["transit_depth"] == 656.8860989
    assert toi_1000["transit_duration"] == 2.0172196
    k2_114_b = signal(K2, "K2-114 b")
    # 1.361 % on the default row; another publication's 0.01352 is a fraction.
    assert k2_114_b["transit_depth"] == pytest.approx(13_610)
    assert math.sqrt(k2_114_b["transit_depth"] * 1e-6) == pytest.approx(
        k2_114_b["radius_ratio"], rel=0.01
    )


def test_k2s_hosts_and_objects(tables: dict[str, SignalTable], shared_data: Path):
    rows = pd.read_csv(shared_data / K2)
    assert (rows["pl_name"].nunique(), rows["hostname"].nunique()) == (1806, 1560)
    left_out = set(rows["pl_name"]) - set(tables[K2].signals)
    assert len(left_out) == 1806 - 1795
    assert tables[K2].stars.nunique() == 1559
    assert tables[KOI].stars.nunique() == 8214


def test_the_order_of_k2s_rows_changes_nothing(
    tables: dict[str, SignalTable], shared_data: Path, tmp_path: Path
):
    rows = pd.read_csv(shared_data / K2, dtype="str", keep_default_na=False)
    rows.sample(frac=1, random_state=1).to_csv(tmp_path / "shuffled.csv", index=False)
    shuffled = read_signals(tmp_path / "shuffled.csv")
    left, right = (
        table.frame.assign(name=table.signals, disposition=table.dispositions).sort_values(
            "name", ignore_index=True
        )
        for table in (tables[K2], shuffled)
    )
    pd.testing.assert_frame_equal(left, right)


def test_stars_shared_between_missions(tables: dict[str, SignalTable]):
    koi, toi, k2 = map(set, star_groups([tables[KOI], tables[TOI], tables[K2]]))
    assert len(koi & toi) == 104
    assert len(k2 & toi) == 154
    assert len(koi & k2) == 0


def test_both_downloads_of_k2_agree_where_both_have_a_column(tables: dict[str, SignalTable]):
    left, right = tables[K2], tables["archive/k2pandc_2025.10.04_default_columns.csv"]
    assert left.signals.tolist() == right.signals.tolist()
    for name in ("orbital_period", "planet_radius", "stellar_teff", "signal_count"):
        assert (
            np.isclose(left.frame[name], right.frame[name], rtol=1e-3, equal_nan=True).mean() > 0.98
        ), name


def test_the_archives_error_documents_are_named(shared_data: Path):
    documents = list((shared_data / "tap_errors").glob("*.xml"))
    assert len(documents) == 4
    for document in documents:
        with pytest.raises(ArchiveErrorDocument):
            read_signals(document)
