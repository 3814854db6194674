"""The notebook works as it stands, against a site that runs, on the archive's own table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from django.contrib.auth.models import User
from nbclient import NotebookClient
from pytest_django.live_server_helper import LiveServer

from predictions.batches import services as batch_services
from predictions.batches import work as batch_work
from tests.conftest import PROJECT
from training.accounts.services import token_create

NOTEBOOK = PROJECT / "docs" / "notebooks" / "rank_tois.ipynb"


def cells(kind: str) -> list[Any]:
    return [cell for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == kind]


def test_it_is_kept_without_what_it_fetched() -> None:
    assert len(cells("code")) >= 5
    assert all(cell.outputs == [] and cell.execution_count is None for cell in cells("code"))
    assert NOTEBOOK.stat().st_size < 20_000
    assert "notebooks/rank_tois.ipynb" in (PROJECT / "docs" / "api.md").read_text()


@pytest.mark.slow
@pytest.mark.shared_data
@pytest.mark.django_db(transaction=True)
def test_it_ranks_the_archives_table(
    live_server: LiveServer,
    member: User,
    shared_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # No worker runs beside a test: what goes to the queue is done on the spot.
    monkeypatch.setattr(
        batch_services, "async_task", lambda task, key, **_: batch_work.batch_execute(batch_id=key)
    )
    _, token = token_create(user=member, name="notebook", scopes=["read", "classify"], days=1)
    for name, value in {
        "EXOPLANET_SITE": live_server.url,
        "EXOPLANET_TOKEN": token,
        "IPYTHONDIR": tmp_path,
        "PYTHONPATH": PROJECT / "clients" / "python" / "src",
        "TOI_TABLE": shared_data / "archive" / "TOI_2025.10.04.csv",
        "JUPYTER_RUNTIME_DIR": tmp_path,
    }.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.delenv("MPLBACKEND", raising=False)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    # Of what astronomers have decided, the first of the list must be planets: the list is worth
    # something.
    check = (
        "d = answers[answers.tfopwg_disp.isin(['CP', 'KP', 'FP', 'FA'])].nlargest(200,"
        " 'planet_score')\n"
    )
    check += (
        "print('planets among the first 200:', d.tfopwg_disp.isin(['CP', 'KP']).sum(), 'open:',"
        " len(ranked))"
    )
    notebook.cells.append(nbformat.v4.new_code_cell(check))
    where = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=where).execute()
    outputs = [
        output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs
    ]
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 1
    words = outputs[-1]["text"].split()
    assert int(words[-3]) >= 180, words
    assert int(words[-1]) > 3000
