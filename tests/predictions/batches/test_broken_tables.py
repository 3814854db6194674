"""Tables broken at random, sent by page, API and command: answered or refused with a sentence, and
no cell changes column."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings

from predictions.answers import ANSWER_COLUMNS
from predictions.batches import work as batch_work
from predictions.batches.downloads import FORMATS, csv_bytes
from predictions.batches.models import Batch
from predictions.spreadsheets import neutral
from tests.training.ml.tables.test_broken_tables import broken
from training.ml.tables.reading.read_table import TextTable
from training.ml.tables.recognition import recognised_names

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db,
    pytest.mark.usefixtures("queue", "small_chunks"),
]

# The database and the data folder belong to the whole test: no case depends on what an earlier one
# left there.
UNSHRUNK = [
    Phase.explicit,
    Phase.reuse,
    Phase.generate,
]  # a case takes a second, and shrinking hundreds of them
SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level("CRITICAL", logger="django.request"):
        yield


def check_columns(content: bytes, result: bytes) -> None:
    """Every cell of the table stands in the result at its own place."""
    table = TextTable(io.BytesIO(content), known=recognised_names())
    raw = [
        row for block in table.blocks(1_000) for row in block.raw.itertuples(index=False, name=None)
    ]
    rows = list(csv.reader(io.StringIO(result.decode(), newline="")))
    count = len(table.columns)
    assert rows[0][:count] == [neutral(name) for name in table.columns]
    assert len(rows) == len(raw) + 1
    for given_cells, row in zip(raw, rows[1:], strict=True):
        assert len(row) == count + len(ANSWER_COLUMNS)
        assert row[:count] == [neutral(cell) for cell in given_cells]
        assert row[count] or row[count + ANSWER_COLUMNS.index("warnings")], (
            "answered, or named as unusable"
        )


@settings(max_examples=500, deadline=None, suppress_health_check=SHARED)
@given(content=broken())
def test_the_api_answers_or_refuses(member_client: Client, content: bytes) -> None:
    answer: Any = member_client.post(
        "/predict_batch",
        {"file": SimpleUploadedFile("t.csv", content)},
        headers={"accept": "text/csv"},
    )
    if answer.status_code == 200:
        check_columns(content, b"".join(answer.streaming_content))
    else:
        error = answer.json()["error"]
        assert answer.status_code == 400
        assert error["code"]
        assert error["message"].endswith((".", "?"))


@settings(
    max_examples=40,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    suppress_health_check=SHARED,
)
@given(content=broken())
def test_the_pages_and_the_worker_answer_or_refuse(member_client: Client, content: bytes) -> None:
    Batch.objects.all().delete()
    answer = member_client.post(
        "/batches/new/", {"file": SimpleUploadedFile("t.csv", content)}, follow=True
    )
    assert answer.status_code in (200, 422)
    batch = Batch.objects.first()
    if batch is None:
        assert answer.status_code == 422
        return
    member_client.post(f"/batches/{batch.pk}/check/", {"start": "yes"})
    batch_work.batch_execute(batch_id=str(batch.pk))
    batch.refresh_from_db()
    assert member_client.get(f"/batches/{batch.pk}/", follow=True).status_code == 200
    if batch.is_done:
        check_columns(content, b"".join(csv_bytes(batch)))
        for wanted in FORMATS.values():
            assert b"".join(wanted.write(batch, None))
    else:
        assert batch.is_draft or (batch.status == "failed" and batch.reason.endswith("."))
