"""A search has a row, and its row is the truth: one process, one end, whatever happens."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.utils import timezone
from pytest_django import Settings

from predictions.curves import searching, work
from predictions.curves.asking import Asked
from predictions.curves.models import CurveSearch, CurveSignal
from predictions.models import Prediction
from tests.predictions.curves.searches import (
    bare_table,
    make_draft,
    make_queued,
    make_search,
    planet_file,
    quiet_file,
)
from training.ml.curves.errors import CurveError
from training.ml.curves.evidence import evidence_of
from training.ml.curves.read import Reading
from training.ml.errors import UserError

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What would have gone to the queue."""
    tasks: list[Any] = []
    monkeypatch.setattr(searching, "async_task", lambda *task, **options: tasks.append(task))
    return tasks


def files() -> set[str]:
    try:
        folders = default_storage.listdir("curves")[0]
    except FileNotFoundError:
        return set()
    return {
        f"{name}/{file}"
        for name in folders
        for file in default_storage.listdir(f"curves/{name}")[1]
    }


def again(search: CurveSearch) -> CurveSearch:
    work.search_execute(search.pk, is_child=False)
    search.refresh_from_db()
    return search


def test_from_files_to_a_verdict_in_the_history(
    member: User, sent: list[Any], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    draft = make_draft(member)
    assert draft.name == "TIC 1"
    assert draft.glanced["star"]["teff"] == 5_772
    with django_capture_on_commit_callbacks(execute=True):
        searching.search_start(draft, Asked())
    assert sent == [(searching.TASK, str(draft.pk))]
    done = again(draft)
    assert (done.status, done.progress, done.reason) == ("SUCCEEDED", 1.0, "")
    assert done.result is not None
    (signal,) = done.result["signals"]
    assert signal["period"]["value"] == pytest.approx(3.0, rel=1e-3)
    kept = Prediction.objects.get()
    assert str(kept.pk) == signal["prediction"]
    assert (kept.identifier, kept.owner) == ("TIC 1", member)
    assert kept.answer == signal["verdict"]
    assert CurveSignal.objects.get(prediction=kept).search == done
    assert done.plots is not None
    assert len(done.plots["signals"]) == 1


def test_a_search_handed_out_twice_runs_once(member: User) -> None:
    search = make_search(member)
    assert not work.search_execute(search.pk, is_child=False)
    assert Prediction.objects.count() == 1


def test_without_the_star_it_searches_and_gives_no_verdict(member: User) -> None:
    reading = Reading("when", "brightness", 2_457_000.0, None, "d")
    search = make_search(member, bare_table(), reading=reading)
    assert search.result is not None
    (signal,) = search.result["signals"]
    assert signal["verdict"] is signal["prediction"] is None
    assert len(signal["no_verdict"]) == 2
    assert all("under “The star”" in reason for reason in signal["no_verdict"]), "no options here"
    told = searching.search_again(search, star={"teff": 5_772.0, "radius": 1.0})
    assert again(told).status == "SUCCEEDED"
    assert told.result is not None
    assert told.result["signals"][0]["verdict"]
    assert told.earlier == search


def test_no_signal_is_an_answer(member: User) -> None:
    search = make_search(member, quiet_file())
    assert search.result is not None
    assert search.result["signals"] == []
    assert search.result["ended"]
    assert not Prediction.objects.exists()


def test_a_stated_period_is_measured_without_a_search(member: User) -> None:
    from predictions.curves.remeasuring import stated_otherwise

    search = make_search(member)
    stated = stated_otherwise(search, 1, 6.0)
    new = again(searching.search_again(search, stated=stated))
    assert new.result is not None
    (signal,) = new.result["signals"]
    measured = signal["period"] or {"value": new.plots["signals"][0]["ephemeris"][0]}  # type: ignore[index]
    assert measured["value"] == pytest.approx(6.0, rel=5e-3)
    assert signal["sde"] is None


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"nonsense", "one column"), (b"", "empty"), (b"\x1f\x8b broken", "x.csv: ")],
)
def test_what_is_no_light_curve_leaves_nothing_behind(
    member: User, content: bytes, says: str
) -> None:
    with pytest.raises(UserError, match=says):
        searching.search_create(owner=member, files=[("x.csv", io.BytesIO(content))])
    assert not CurveSearch.objects.exists()
    assert files() == set()


def test_too_many_files_are_refused(member: User) -> None:
    many = [(f"{n}.fits", io.BytesIO(b"x")) for n in range(21)]
    with pytest.raises(CurveError, match="1 to 20"):
        searching.search_create(owner=member, files=many)


def test_files_that_are_gone_are_a_sentence(member: User) -> None:
    search = make_queued(member)
    default_storage.delete(search.files[0]["path"])
    assert again(search).status == "FAILED"
    assert "tess.fits is no longer in the site's storage" in search.reason


def test_a_failed_search_begins_anew(member: User) -> None:
    search = make_queued(member, reading=Reading("nothing", "like", None))
    assert again(search).status == "FAILED"
    assert "no column" in search.reason
    searching.search_restart(search)
    assert search.is_draft
    searching.search_start(search, Asked())
    assert again(search).is_done


def test_a_cancelled_search_stores_nothing(member: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelled while it was measured: its process finds out when it stores."""
    search = make_queued(member)

    def cancelled_meanwhile(*arguments: Any) -> Any:
        CurveSearch.objects.filter(pk=search.pk).update(status="CANCELLED")
        return evidence_of(*arguments)

    monkeypatch.setattr("predictions.curves.work.evidence_of", cancelled_meanwhile)
    assert again(search).status == "CANCELLED"
    assert search.result is None
    assert not Prediction.objects.exists()
    assert files() == {f"{search.pk}/file-0"}


def test_a_fault_of_ours_is_said_and_raised(member: User, monkeypatch: pytest.MonkeyPatch) -> None:
    search = make_queued(member)
    monkeypatch.setattr(work, "read_curve", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        work.search_execute(search.pk, is_child=False)
    search.refresh_from_db()
    assert search.status == "FAILED"
    assert "on our side" in search.reason


@pytest.fixture
def silent(member: User) -> Iterator[CurveSearch]:
    search = make_queued(member)
    long_ago = timezone.now() - timedelta(hours=1)
    CurveSearch.objects.filter(pk=search.pk).update(
        status="RUNNING", claim="x", host="elsewhere", pid=1, heartbeat_at=long_ago
    )
    yield search


def test_a_silent_search_is_ended_with_a_reason(silent: CurveSearch) -> None:
    searching.searches_clean_up()
    silent.refresh_from_db()
    assert silent.status == "FAILED"
    assert "no sign of life" in silent.reason
    assert "kept" in silent.reason
    assert files() == {f"{silent.pk}/file-0"}


def test_what_nobody_came_for_is_delivered_again(
    member: User, sent: list[Any], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    search = make_queued(member)
    CurveSearch.objects.update(enqueued_at=timezone.now() - timedelta(hours=1))
    with django_capture_on_commit_callbacks(execute=True):
        searching.searches_clean_up()
        searching.searches_clean_up()
    assert sent == [(searching.TASK, str(search.pk))]


def test_old_searches_go_and_their_predictions_stay(
    member: User, settings: Settings, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    done, draft, running = make_search(member), make_draft(member), make_queued(member)
    ago = timezone.now() - timedelta(days=settings.CURVE_KEPT_DAYS + 1)
    CurveSearch.objects.filter(pk=done.pk).update(finished_at=ago)
    CurveSearch.objects.filter(pk__in=(draft.pk, running.pk)).update(created_at=ago)
    with django_capture_on_commit_callbacks(execute=True):
        searching.searches_clean_up()
    assert list(CurveSearch.objects.all()) == [running]
    assert files() == {f"{running.pk}/file-0"}
    assert Prediction.objects.count() == 1


def test_a_worker_that_stops_gives_its_search_back(
    member: User, sent: list[Any], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    import os
    import socket

    search = make_queued(member)
    assert searching.search_claim(search.pk, "mine")
    with django_capture_on_commit_callbacks(execute=True):
        assert not searching.search_requeue(search.pk, os.getpid() + 1)
        assert searching.search_requeue(search.pk, os.getpid())
    search.refresh_from_db()
    assert (search.status, search.claim, search.host) == ("QUEUED", "", socket.gethostname())
    assert len(sent) == 1


def test_a_star_that_cannot_be_is_refused_before_anything_is_queued(member: User) -> None:
    draft = make_draft(member, planet_file())
    with pytest.raises(CurveError, match="not between"):
        searching.search_start(draft, Asked(star={"teff": 1e9}))
    draft.refresh_from_db()
    assert draft.is_draft
