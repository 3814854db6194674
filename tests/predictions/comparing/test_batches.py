"""Two batches compared: joined by the names of their signals, what changes is counted and
listed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.test import Client

from predictions.batches.models import Batch
from predictions.batches.results import ResultIndex
from predictions.comparing import changes
from predictions.comparing.changes import BatchComparison, NamedRows, batches_compare
from tests.predictions.conftest import kepler_csv
from training.ml.libraries import pandas as pd

pytestmark = pytest.mark.django_db
MakeBatch = Callable[..., Batch]


def index_of(dispositions: list[int], scores: list[float]) -> ResultIndex:
    count = len(dispositions)
    arrays: dict[str, Any] = dict.fromkeys(
        (
            "given",
            "confidence",
            "set_size",
            "warned",
            "trained_on",
            "period",
            "radius",
            "open_score",
            "learnt",
        ),
        np.zeros(count),
    )
    return ResultIndex(
        **arrays,
        disposition=np.array(dispositions, np.int8),
        planet_score=np.array(scores),
        lead=np.array(dispositions) >= 0,
    )


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> tuple[Batch, Batch]:
    """Five rows each: a row that was not usable, a name twice, one without, two in other places."""
    before, after = Batch(name="a", index_file="a"), Batch(name="b", index_file="b")
    indexes = {
        "a": index_of([0, 1, -1, 2, 0], [0.9, 0.5, np.nan, 0.1, 0.8]),
        "b": index_of([2, 1, 0, 0, 1], [0.2, 0.5, 0.95, 0.7, 0.6]),
    }
    names = {"a": ["p", "q", "r", "s", "p"], "b": ["s", "q", "p", "", "x"]}
    monkeypatch.setattr(changes, "index_kept", indexes.__getitem__)
    monkeypatch.setattr(
        changes,
        "answers_read",
        lambda path, _: {"identifier": _Column(names[path])},
    )
    return before, after


class _Column:
    def __init__(self, names: list[str]) -> None:
        self.names = names

    def to_pandas(self) -> Any:
        return pd.Series(self.names)


def test_it_joins_by_name_and_counts(two: tuple[Batch, Batch]) -> None:
    found = batches_compare(*two)
    assert found.first.tolist() == [0, 1, 3]  # p, q, s
    assert found.second.tolist() == [2, 1, 0]
    assert found.matrix == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert found.changes.tolist() == []
    assert (found.before.unnamed, found.after.unnamed) == (0, 1)


def test_changes_come_with_the_largest_first_and_name_their_rows() -> None:
    rows = np.arange(3)
    names = pd.Index(["p", "q", "s"])
    before = NamedRows(Batch(), index_of([0, 1, 2], [0.9, 0.5, 0.1]), rows, names, 0)
    after = NamedRows(Batch(), index_of([2, 1, 0], [0.4, 0.5, 0.8]), rows, names, 0)
    found = BatchComparison(before, after, rows, rows)
    assert found.matrix == [[0, 0, 1], [0, 1, 0], [1, 0, 0]]
    shown = found.shown(found.changes.tolist())
    assert [(c["name"], c["row_after"]) for c in shown] == [("s", 3), ("p", 1)]
    assert (shown[0]["before"], shown[0]["after"]) != (shown[1]["before"], shown[1]["after"])


def test_the_page_compares_and_the_outcome_leads_to_it(
    make_batch: MakeBatch, member_client: Client
) -> None:
    first = make_batch(done=True, name="first.csv")
    second = make_batch(done=True, name="second.csv")
    address = f"/batches/{second.pk}/compare/"
    assert address in member_client.get(f"/batches/{second.pk}/").content.decode()
    assert "first.csv" in member_client.get(address).content.decode()
    answer = member_client.get(address, {"other": str(first.pk)})
    assert answer.context["shared"] > 0
    assert answer.context["changed"] == 0
    assert "changes its disposition" in answer.content.decode()


def test_what_changes_is_listed_with_links_to_both_rows(
    make_batch: MakeBatch, member_client: Client
) -> None:
    head, *lines = kepler_csv().strip().splitlines()
    first = make_batch("\n".join([head, *lines]), done=True)
    place = head.split(",").index("koi_depth")
    deeper = []
    for line in lines:
        cells = line.split(",")
        cells[place] = "90000"
        deeper.append(",".join(cells))
    second = make_batch("\n".join([head, *deeper]), done=True)
    answer = member_client.get(f"/batches/{second.pk}/compare/", {"other": str(first.pk)})
    assert answer.context["changed"] > 0
    change = answer.context["changes"][0]
    assert change["before"] != change["after"]
    page = answer.content.decode()
    assert f"/batches/{first.pk}/rows/{change['row_before']}/" in page
    assert f"/batches/{second.pk}/rows/{change['row_after']}/" in page


def test_a_batch_of_somebody_else_is_not_there(
    make_batch: MakeBatch, make_user: Callable[..., User], member_client: Client
) -> None:
    own = make_batch(done=True)
    others = make_batch(owner=make_user("other"), done=True, name="secret.csv")
    page = member_client.get(f"/batches/{own.pk}/compare/", {"other": str(others.pk)})
    assert page.status_code == 422
    assert "There is no such batch that is done" in page.content.decode()
    assert "secret.csv" not in page.content.decode()
    assert member_client.get(f"/batches/{others.pk}/compare/").status_code == 404


def test_a_signal_is_the_same_however_it_is_spelled(
    make_batch: MakeBatch, member_client: Client
) -> None:
    text = kepler_csv()
    first = make_batch(text, done=True)
    names = [row["kepoi_name"] for row in csv.DictReader(io.StringIO(text))]
    other = text
    for name in names:
        other = other.replace(name, f"KOI-{int(name[1:6])}.{name[7:]}")
    assert other != text
    second = make_batch(other, done=True)
    answer = member_client.get(f"/batches/{second.pk}/compare/", {"other": str(first.pk)})
    assert answer.context["shared"] == first.summary["signals"]
    assert (answer.context["only_before"], answer.context["only_after"]) == (0, 0)


def test_the_newest_are_listed_and_an_older_one_by_its_address(
    make_batch: MakeBatch, member_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("predictions.comparing.forms.LISTED", 1)
    older, newer, batch = (make_batch(done=True) for _ in range(3))
    address = f"/batches/{batch.pk}/compare/"
    page = member_client.get(address).content.decode()
    assert f'value="{newer.pk}"' in page
    assert f'value="{older.pk}"' not in page
    assert "newest are listed" in page
    page = member_client.get(address, {"other": str(older.pk)}).content.decode()
    assert f'value="{older.pk}" selected' in page
