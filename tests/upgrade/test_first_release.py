"""A folder of 28cef1f, whose bundled classifier is of a format that is not read any more.

``site-28cef1f.tar.xz`` was made by that very version with tables of its own `tests/simulator.py`: a
prediction, a batch that is done, one of which a part is done, a draft, a dataset, and a model
version of four rounds in the place of the bundled one, which is too large to be kept here.
"""

from __future__ import annotations

import csv
import io

import pytest

from tests.upgrade.conftest import Upgraded, upgraded

OLD = "2026-11-29T13-25-03Z"


@pytest.fixture(scope="module")
def upgrade(tmp_path_factory: pytest.TempPathFactory) -> Upgraded:
    return upgraded("site-28cef1f.tar.xz", tmp_path_factory.mktemp("earlier"))


def test_the_bundled_version_takes_over_and_that_is_recorded_and_said(upgrade: Upgraded) -> None:
    (first, second) = upgrade.found["activations"]
    assert first[1] == OLD
    previous, new, reason = second
    assert previous == OLD
    assert "format version is 1" in reason
    assert f"{new} is in service now instead of {OLD}." in upgrade.said
    assert reason in upgrade.said
    assert upgrade.found["predict"] == [200, new]


def test_every_page_answers(upgrade: Upgraded) -> None:
    found = upgrade.found
    assert len(found["pages"]) > 5
    assert set(found["pages"].values()) == {200}
    assert list(found["versions"].values()) == [200, 200]
    assert found["datasets"] == [200]


def test_a_finished_batch_is_shown_row_by_row(upgrade: Upgraded) -> None:
    """Though nobody can say why any more."""
    batch = upgrade.found["batches"]["done.csv"]
    assert (batch["status"], batch["page"], batch["filtered"]) == ("succeeded", 200, 200)
    assert batch["rows"] == [200] * 25
    now, then = (
        list(csv.DictReader(io.StringIO(text))) for text in (batch["csv"], upgrade.then["csv"])
    )
    assert len(then) == 25
    assert [{name: row[name] for name in then[0]} for row in now] == then  # columns came, none went


def test_what_that_version_had_begun_ends_with_a_reason(upgrade: Upgraded) -> None:
    batch = upgrade.found["batches"]["half-done.csv"]
    assert (batch["status"], batch["page"]) == ("failed", 200)
    assert upgrade.found["batches"]["draft.csv"] == {"status": "draft", "page": 200}


def test_a_prediction_keeps_its_answer(upgrade: Upgraded) -> None:
    (prediction,) = upgrade.found["predictions"]
    assert (prediction["page"], prediction["version"]) == (200, OLD)
    assert sum(prediction["stored"].values()) == pytest.approx(1)
    assert "format version is 1" in prediction["now"]
