"""Fetching a table from an archive that answers well, or in one of the ways that it fails, by the
background task."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django_q.models import OrmQ
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from tests import misbehaving_archive as wrong
from tests.misbehaving_archive import Answer, MisbehavingArchive, misbehaving_archive, serving
from tests.simulator import simulate
from training.ml.archive.client import Archive, RetryPolicy
from training.ml.schema import Mission
from training.models import Dataset

pytestmark = pytest.mark.django_db
Fetch = Callable[[], Dataset]
ROWS = [
    {name: "" if value != value else str(value) for name, value in row.items()}
    for row in simulate(Mission.KEPLER, 120, 0).to_dict("records")
]
NO_WAIT = ("Retry-After", "0")


@pytest.fixture
def server(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[MisbehavingArchive]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    at_once = partial(Archive, patience=RetryPolicy(sleep=lambda _: None))
    monkeypatch.setattr("training.ml.archive.client.Archive", at_once)
    with misbehaving_archive() as server:
        settings.EXOPLANET_ARCHIVE_URL = server.url
        server.rows = len(ROWS)
        server.table = [serving(ROWS)]
        yield server


@pytest.fixture
def fetch(
    curator_client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> Fetch:
    """Ask on the page, then do what the queue was told."""

    def ask_and_work() -> Dataset:
        with django_capture_on_commit_callbacks(execute=True):
            response = curator_client.post("/datasets/fetch/", {"mission": "Kepler"})
        dataset = Dataset.objects.latest("pk")
        assert response.headers["Location"] == dataset.get_absolute_url()
        assert dataset.is_busy
        queued = OrmQ.objects.latest("pk")
        module, _, name = queued.func().rpartition(".")
        for _ in range(2):  # delivered twice
            getattr(import_module(module), name)(*queued.task["args"])
        queued.delete()
        dataset.refresh_from_db()
        return dataset

    return ask_and_work


def stored() -> list[Path]:
    return [
        path for path in Path(django_settings.MEDIA_ROOT, "datasets").rglob("*") if path.is_file()
    ]


def test_a_good_answer_becomes_a_dataset(
    server: MisbehavingArchive, fetch: Fetch, curator_client: Client
) -> None:
    dataset = fetch()
    assert (dataset.status, dataset.signals, dataset.mission) == ("READY", 120, "Kepler")
    assert server.tables_asked == 1, "the second delivery fetched again"
    page = curator_client.get(dataset.get_absolute_url()).content.decode()
    assert "select " in page
    assert "10.26133/NEA4" in page
    assert len(stored()) == 2
    again = fetch()
    assert again.status == "REFUSED"
    assert "the very file of the dataset" in again.reason


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (wrong.challenge, "HTTP 403"),
        (wrong.ok_with_error, "No such table"),
        (wrong.bad_query, "invalid identifier"),
        (wrong.without_last_rows, "rows"),
        (wrong.within_a_quoted_value, "cut off or damaged: after row 119"),
        (wrong.web_page, "Scheduled maintenance"),
        (wrong.status(503, NO_WAIT), "503"),
    ],
    ids=[
        "challenge",
        "error with 200",
        "wrong query",
        "rows missing",
        "cut within a value",
        "web page",
        "busy",
    ],
)
def test_a_bad_answer_is_explained_with_the_steps_by_hand(
    server: MisbehavingArchive, fetch: Fetch, curator_client: Client, answer: Answer, words: str
) -> None:
    server.table = [answer]
    dataset = fetch()
    assert (dataset.status, dataset.sha256, dataset.file) == ("REFUSED", None, "")
    why, steps = dataset.refusal
    assert words in why
    assert len(steps) == 3
    assert "koi_period" in steps[0]
    page = curator_client.get(dataset.get_absolute_url()).content.decode()
    assert "By hand instead" in page
    assert f'href="{server.url}' in page
    assert "/datasets/upload/" in page
    assert stored() == []


def test_what_was_tried_before_it_worked_is_seen_nowhere(
    server: MisbehavingArchive, fetch: Fetch
) -> None:
    server.table = [wrong.status(503, NO_WAIT), wrong.without_last_rows, serving(ROWS)]
    assert fetch().status == "READY"
