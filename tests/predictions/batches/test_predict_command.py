"""`manage.py predict --explain N`: the reasons beside the answers, as in a batch."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from predictions.answers import ANSWER_COLUMNS
from predictions.batches.downloads import csv_bytes
from predictions.batches.models import Batch
from tests.predictions.conftest import kepler_csv

pytestmark = pytest.mark.django_db


def test_it_adds_the_same_reasons_as_a_batch(
    make_batch: Callable[..., Batch], tmp_path: Path
) -> None:
    text = kepler_csv(12) + "1,2\n"
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(text)
    call_command("predict", str(source), str(out), explain=2)
    found = list(csv.reader(out.read_text().splitlines()))
    batch = make_batch(text, done=True, top_contributions=2)
    expected = list(csv.reader(b"".join(csv_bytes(batch)).decode().splitlines()))
    width = len(ANSWER_COLUMNS) + 6
    assert [row[-width:] for row in found] == [row[-width:] for row in expected]
    assert found[0][-6] == "reason_1"
    assert found[1][-6]
    assert found[13][-6:] == [""] * 6


@pytest.mark.parametrize("count", ["0", "-1", "21", "x"])
def test_it_refuses_what_is_no_count(tmp_path: Path, count: str) -> None:
    with pytest.raises(CommandError, match="from 1 to 20"):
        call_command(
            "predict", str(tmp_path / "in.csv"), str(tmp_path / "out.csv"), "--explain", count
        )
