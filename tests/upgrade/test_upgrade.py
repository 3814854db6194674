"""A folder of data that an earlier version made is opened by this one, and everything in it works.

``site.tar.xz`` was made by the version of 2026-11-27 with tables of `tests/simulator.py`: two
predictions, a batch that is done, one of which a third is done, a draft, two datasets, two model
versions of a few rounds, and a queued training.
"""

from __future__ import annotations

import csv
import io
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.training.conftest import site_in
from tests.upgrade.conftest import Upgraded, upgraded

BATCH_TASK = "predictions.batch_tasks.execute_batch"  # where batches had their tasks
TRAINING_TASK = "training.tasks.execute_training_run"


@pytest.fixture(scope="module")
def upgrade(tmp_path_factory: pytest.TempPathFactory) -> Upgraded:
    return upgraded("site.tar.xz", tmp_path_factory.mktemp("earlier"))


@pytest.fixture(scope="module")
def found(upgrade: Upgraded) -> dict[str, Any]:
    return upgrade.found


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_what_was_queued_runs_by_its_old_path(found: dict[str, Any]) -> None:
    assert found["tasks"][:2] == [BATCH_TASK, TRAINING_TASK]
    ((status, reason, page),) = found["runs"]
    assert (status, page) == ("SUCCEEDED", 200), reason


def test_a_finished_batch_is_shown_as_it_was(upgrade: Upgraded) -> None:
    batch = upgrade.found["batches"]["done.csv"]
    assert (batch["status"], batch["page"], batch["filtered"]) == ("succeeded", 200, 200)
    assert batch["rows"] == [200] * 25
    now, then = rows_of(batch["csv"]), rows_of(upgrade.then["csv"])
    assert then
    assert [{name: row[name] for name in then[0]} for row in now] == then  # columns came, none went


def test_a_batch_that_was_half_done_is_finished(found: dict[str, Any]) -> None:
    batch, whole = found["batches"]["half-done.csv"], found["batches"]["done.csv"]
    assert (batch["status"], batch["page"], batch["rows"]) == ("succeeded", 200, [200] * 25)
    assert batch["chunks"] == [10, 10, 5]  # as it was divided then
    rows, expected = rows_of(batch["csv"]), rows_of(whole["csv"])
    names = ("p_confirmed", "p_candidate", "p_false_positive")
    assert [[row[name] for name in names] for row in rows] == [
        [row[name] for name in names] for row in expected
    ]


def test_a_draft_can_still_be_checked(found: dict[str, Any]) -> None:
    assert found["batches"]["draft.csv"] == {"status": "draft", "page": 200}


def test_both_versions_answer_as_they_did(found: dict[str, Any]) -> None:
    assert len({prediction["version"] for prediction in found["predictions"]}) == 2
    for prediction in found["predictions"]:
        assert prediction["page"] == 200
        assert prediction["now"] == prediction["stored"]


def test_every_page_is_there(found: dict[str, Any]) -> None:
    assert found["datasets"] == [200, 200]
    # The two, the one that the queued training made, and the one that comes with the site.
    assert list(found["versions"].values()) == [200] * 4


def test_what_a_person_chose_stays_in_service(upgrade: Upgraded) -> None:
    assert upgrade.said == ""
    assert len(upgrade.found["activations"]) == 2
    assert upgrade.found["predict"] == [200, "2026-11-28T20-48-43Z"]
    assert set(upgrade.found["pages"].values()) == {200}


def schema_of(database: Path) -> dict[str, Any]:
    """Columns, keys and indexes by name, in whatever order they came."""
    found: dict[str, Any] = {}
    with closing(sqlite3.connect(database)) as connection:
        made = "select name, type, sql from sqlite_master where name not like 'sqlite_%'"
        for name, kind, sql in connection.execute(made).fetchall():
            if kind != "table":
                found[name] = sql
                continue
            columns = connection.execute(f'pragma table_info("{name}")')
            keys = connection.execute(f'pragma foreign_key_list("{name}")')
            found[name] = (
                sorted(column[1:] for column in columns),
                sorted(key[2:] for key in keys),
                sorted(part for part in sql.split(", ") if part.startswith("CONSTRAINT")),
            )
    return found


def test_its_database_is_as_a_new_one(upgrade: Upgraded, tmp_path: Path) -> None:
    """A new site makes its tables at once, and not by one migration after the other."""
    new = site_in(tmp_path)
    new.run("migrate", "-v0")
    made = {row["name"] for row in new.rows("select name from django_migrations")}
    assert any("_squashed_" in name for name in made)
    assert schema_of(upgrade.database) == schema_of(tmp_path / "db.sqlite3")
