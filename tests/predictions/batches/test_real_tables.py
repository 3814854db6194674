"""Every real table, in full, through a batch: the same answers as on the command line."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command

from predictions.batches.downloads import csv_bytes
from predictions.batches.models import Batch
from tests.training.ml.tables.test_shared_tables import TABLES

pytestmark = [pytest.mark.shared_data, pytest.mark.django_db]


@pytest.mark.parametrize("name", TABLES)
def test_it_answers_every_row_as_the_command_does(
    make_batch: Callable[..., Batch], shared_data: Path, tmp_path: Path, name: str
) -> None:
    _, rows, columns, signals, *dispositions = TABLES[name]
    batch = make_batch((shared_data / name).read_bytes(), name=name, done=True)
    assert (batch.rows, batch.summary["signals"]) == (rows, signals)
    given = batch.summary["agreement"]["matrix"], batch.summary["agreement"]["matrix_trained_on"]
    assert [sum(given[0][d]) + sum(given[1][d]) for d in range(3)] == dispositions
    out = tmp_path / "out.csv"
    call_command("predict", str(shared_data / name), str(out))
    expected = list(csv.reader(out.read_text().splitlines()))
    found = list(csv.reader(b"".join(csv_bytes(batch)).decode().splitlines()))
    assert len(found) == rows + 1
    assert [row[columns:] for row in found] == [row[columns:] for row in expected]
    # No cell of the archive is a formula: negative numbers and declinations come back as they were.
    assert [row[:columns] for row in found] == [row[:columns] for row in expected]
