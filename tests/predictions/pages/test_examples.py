"""The known signals are typed as published."""

from pathlib import Path

import pytest

from predictions.pages.examples import EXAMPLES, Example
from training.ml.inputs import parse_signal
from training.ml.schema import Mission
from training.ml.tables.data_loader import SignalTable, read_signals

TABLES = {Mission.KEPLER: "cumulative_2025.10.04.csv", Mission.TESS: "TOI_2025.10.04.csv"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.key)
def test_each_can_be_classified_and_names_its_source(example: Example) -> None:
    rows = parse_signal({"mission": example.mission, **example.values})
    assert rows["mission"][0] == example.mission
    assert example.address.startswith("https://")
    assert any(year in example.reference for year in ("2011", "2017", "2018", "2021"))


def test_planets_a_binary_a_false_alarm_and_an_open_one_are_among_them() -> None:
    kinds = {example.kind for example in EXAMPLES}
    assert {"eclipsing binary", "false alarm", "open candidate"} < kinds
    assert len(EXAMPLES) == len({example.key for example in EXAMPLES}) == 8


@pytest.fixture(scope="module")
def tables(shared_data: Path) -> dict[Mission, SignalTable]:
    return {
        mission: read_signals(shared_data / "archive" / name) for mission, name in TABLES.items()
    }


@pytest.mark.shared_data
@pytest.mark.parametrize(
    "example", [e for e in EXAMPLES if "table" in e.reference], ids=lambda example: example.key
)
def test_values_from_a_table_are_the_tables(
    example: Example, tables: dict[Mission, SignalTable]
) -> None:
    table = tables[example.mission]
    row = table.frame[(table.signals == example.identifier.removeprefix("TOI-")).to_numpy()].iloc[0]
    for name, value in example.values.items():
        assert value == pytest.approx(row[name], rel=1e-5), name
