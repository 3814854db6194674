"""The head of a table says the same when it was stored as when it was just read."""

from __future__ import annotations

import io
import random
import string
from pathlib import Path

import pandas as pd
import pytest

from training.ml.errors import EmptyTable, TableError
from training.ml.schema import Mission
from training.ml.tables.head import PACKED_BYTES, TableHead, read_head
from training.ml.tables.preview import Preview, preview_head, preview_table

COLUMNS = "identifier,mission,orbital_period,transit_duration,transit_depth\n"
TEXTS = {
    "recognised": f"{COLUMNS}a,TESS,3,2,500\nb,K2,4.5,2,oops\n",
    "units in its header": "name;period [d];duration (h);depth [%]\nA;3.5;2.5;1.2\n",
    "decimal commas": "Name;Periode [d];Dauer [h];Tiefe [ppm]\nA;3,5;2,5;1.200,5\nB;4,5;2,25;900\n",
    "a quoted line break": f'{COLUMNS}"a\nb",TESS,3,2,500\n"c ""d""",TESS,3," 2 ",500\n',
    "a row too short": f"{COLUMNS}a,TESS,3\nb,TESS,3,2,500\n",
    "empty cells": f"{COLUMNS},,,,\nb,TESS,,nan,500\n",
    "Kepler's comments": "# COLUMN koi_period: Period [days]\nkoi_period,koi_depth\n3,500\n",
}


def same(found: Preview, expected: Preview) -> None:
    for name in ("columns", "mapping", "problems", "doubts", "questions", "guesses"):
        assert getattr(found, name) == getattr(expected, name), name
    assert (found.format, found.encoding) == (expected.format, expected.encoding)
    assert str(found.refusal) == str(expected.refusal)
    pd.testing.assert_frame_equal(found.raw, expected.raw)
    assert (found.table is None) == (expected.table is None)
    if found.table and expected.table:
        pd.testing.assert_frame_equal(found.table.frame, expected.table.frame)


def stored(head: TableHead) -> TableHead:
    packed = head.pack()
    assert packed is not None
    return TableHead.unpack(packed)


@pytest.mark.parametrize("name", TEXTS)
def test_a_stored_head_is_read_like_its_table(name: str) -> None:
    source = io.BytesIO(TEXTS[name].encode())
    head = stored(read_head(source))
    same(preview_head(head), preview_table(source))
    same(preview_head(head, mission=Mission.K2), preview_table(source, mission=Mission.K2))


def test_an_excel_sheet_and_a_parquet_file(tmp_path: Path) -> None:
    table = pd.read_csv(io.StringIO(TEXTS["recognised"]))
    table.to_excel(tmp_path / "t.xlsx", index=False)
    table.drop(columns="transit_depth").to_parquet(tmp_path / "t.parquet")
    for path in (tmp_path / "t.xlsx", tmp_path / "t.parquet"):
        same(preview_head(stored(read_head(path))), preview_table(path))


@pytest.mark.shared_data
def test_every_shared_case(shared_data: Path) -> None:
    looked = 0
    for path in sorted((shared_data.parent / "cases").iterdir()):
        try:
            expected = preview_table(path)
        except TableError:
            continue
        same(preview_head(stored(read_head(path))), expected)
        looked += 1
    assert looked > 25


def test_a_head_of_prose_is_not_stored() -> None:
    generator = random.Random(1)  # noqa: S311 - no secret
    prose = "".join(
        f"{''.join(generator.choices(string.ascii_letters, k=9_000))},TESS,3,2,500\n"
        for _ in range(200)
    )
    assert read_head(io.BytesIO(f"{COLUMNS}{prose}".encode())).pack() is None
    packed = read_head(io.BytesIO(f"{COLUMNS}{prose}".encode()), rows=20).pack()
    assert packed is not None
    assert len(packed) <= PACKED_BYTES


def test_a_table_without_rows_has_no_head() -> None:
    with pytest.raises(EmptyTable, match="no rows"):
        read_head(io.BytesIO(COLUMNS.encode()))
