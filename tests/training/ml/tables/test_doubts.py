"""Units that are doubted row by row, per mission, with a suggestion that is right."""

from __future__ import annotations

import io
import json

import pandas as pd
import pytest

from tests.simulator import simulate
from training.ml.schema import Mission
from training.ml.tables.data_loader import open_table, read_signals
from training.ml.tables.doubting.doubts import Doubts, find_doubts

HEADER = "tid,toi,pl_orbper,pl_trandurh,pl_trandep,pl_rade,st_rad,st_logg,st_teff"
SOUND = "11,1.01,5.0,2.9,2000,4.9,1.0,4.4,5700"


def table_of(*rows: str) -> io.BytesIO:
    return io.BytesIO("\n".join([HEADER, *rows]).encode())


def test_only_the_rows_in_days_are_doubted():
    source = table_of(
        SOUND,
        "12,2.01,3.6,0.09,10000,13,1.25,4.25,5700",
        SOUND.replace("11,1.01", "13,3.01"),
        "14,4.01,22.8,0.29,1000,3.6,1.05,4.4,5900",
    )
    (doubt,) = find_doubts(read_signals(source))
    assert (doubt.kind, doubt.count, doubt.of, doubt.rows) == ("duration_days", 2, 4, (2, 4))
    assert (doubt.unit, doubt.suggested_unit) == ("hours", "days")
    assert doubt.given == 0.09
    assert doubt.suggested == pytest.approx(2.16)
    assert "they may be days, not hours" in doubt.sentence
    assert doubt.problem.rows == (2, 4)
    assert json.loads(json.dumps(doubt.as_json()))["mission"] == "TESS"


@pytest.mark.parametrize(
    ("depth", "radius", "kind", "suggested"),
    [
        ("0.99842", "", "depth_flux", 1580),
        ("0.99842", "4.34", "depth_flux", 1580),
        ("0.984", "14", "depth_flux", 16_000),
        ("0.97", "10.75", "depth_percent", 9_700),
        ("0.158", "4.34", "depth_percent", 1580),
        ("0.158", "", "depth_percent", 1580),
        ("1.58", "4.34", "depth_ppt", 1580),
    ],
)
def test_a_single_depth_is_doubted_and_its_value_suggested(
    depth: str, radius: str, kind: str, suggested: float
):
    source = table_of(f"11,1.01,5.0,2.9,{depth},{radius},1.0,4.4,5700")
    (doubt,) = find_doubts(read_signals(source))
    assert doubt.kind == kind
    assert doubt.suggested == pytest.approx(suggested)


def test_missions_of_one_table_are_doubted_each_for_itself():
    source = io.BytesIO(
        b"mission,orbital_period,transit_duration,transit_depth\n"
        b"Kepler,9.48,2.95,615\nKepler,3.5,3.1,9145\nK2,10.05,2.54,0.1313\nK2,17.7,2.9,3.66\n"
    )
    (doubt,) = find_doubts(read_signals(source))
    assert (doubt.mission, doubt.count, doubt.of, doubt.rows) == (Mission.K2, 2, 2, (3, 4))
    assert "2 of 2 K2 values" in doubt.sentence


def test_jupiter_radii_are_doubted_in_the_row_that_has_them():
    source = table_of(SOUND, "12,2.01,3.6,3.1,10600,1.15,1.0,4.4,5700")
    (doubt,) = find_doubts(read_signals(source))
    assert (doubt.kind, doubt.rows) == ("radius_jupiter", (2,))
    assert doubt.suggested == pytest.approx(1.15 * 11.209, rel=1e-4)


def test_a_run_of_rows_is_doubted_in_a_long_table():
    rows = [SOUND.replace("11,1.01", f"{n},{n}.01") for n in range(1, 3001)]
    for n in (10, 500, 900, 2000):
        rows[n] = rows[n].replace("5.0,2.9", "5.0,0.12")
    assert find_doubts(read_signals(table_of(*rows))) == []
    for n in range(1200, 1204):
        rows[n] = rows[n].replace("5.0,2.9", "5.0,0.12")
    (doubt,) = find_doubts(read_signals(table_of(*rows)))
    assert (doubt.kind, doubt.count) == ("duration_days", 8)


def test_chunks_add_up_to_the_doubts_of_the_whole_table():
    rows = [SOUND.replace("11,1.01", f"{n},{n}.01") for n in range(1, 60)]
    rows[40] = "41,41.01,3.6,0.09,10000,13,1.25,4.25,5700"
    rows[7] = "8,8.01,3.6,0.09,0.13,13,1.25,4.25,99"
    whole = find_doubts(read_signals(table_of(*rows)))
    added = Doubts()
    reader = open_table(table_of(*rows))
    for chunk in reader.chunks(10):
        seen = Doubts().look(chunk.table, chunk.first_row, reader.plan)
        added.update(Doubts.from_json(json.loads(json.dumps(seen.as_json()))))
    assert [doubt.kind for doubt in whole] == ["depth_percent", "duration_days"]
    assert [(d.kind, d.rows, d.sentence) for d in added.found()] == [
        (d.kind, d.rows, d.sentence) for d in whole
    ]
    assert [doubt.column for doubt in added.found()] == ["pl_trandep", "pl_trandurh"]


def test_a_sound_table_raises_no_doubt():
    table = pd.concat([simulate(Mission.TESS, 400, seed=s) for s in (1, 2)], ignore_index=True)
    assert find_doubts(read_signals(io.BytesIO(table.to_csv(index=False).encode()))) == []
