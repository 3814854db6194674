"""The program in docs/api.md that sends a table and takes its results, run as it stands there."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django.live_server_helper import LiveServer

from predictions.batches import services as batch_services
from predictions.batches import work as batch_work
from predictions.batches.models import Batch
from tests.predictions.conftest import kepler_csv
from training.accounts.services import token_create

pytestmark = pytest.mark.django_db(transaction=True)

MANUAL = Path(__file__).resolve().parents[3] / "docs" / "api.md"


def test_the_program_of_the_manual_runs(
    live_server: LiveServer,
    member: User,
    settings: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.BATCH_SYNC_ROWS = 5
    # A worker that is at once: the program asks how far it is and finds it done.
    work = lambda _, key, **__: batch_work.batch_execute(batch_id=key)  # noqa: E731
    monkeypatch.setattr(batch_services, "async_task", work)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cumulative.csv.gz").write_bytes(gzip.compress(kepler_csv(12).encode()))
    section = MANUAL.read_text().partition("## Batches")[2]
    found = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert found is not None
    _, token = token_create(user=member, name="manual", scopes=("read", "classify"), days=7)
    program = (
        found[1].replace("http://localhost:8000", live_server.url).replace("YOUR_TOKEN", token)
    )
    exec(compile(program, "docs/api.md", "exec"), {})  # noqa: S102 - our own manual
    exec(compile(program, "docs/api.md", "exec"), {})  # noqa: S102 - sent again with the same key
    assert Batch.objects.count() == 1
    assert len((tmp_path / "classified.csv").read_text().splitlines()) == 13
