"""How far a training is said to be: it moves within a stage, and what is left never grows."""

from __future__ import annotations

import itertools
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from training.models import Dataset, ModelVersion, TrainingRun
from training.runs.course import USUAL, Course, seconds_left

EARLIER = [[0, "Gathering"], [10, "Fold 1"], [60, "Fold 2"], [80, "Fitting"]]
COURSE = Course.of([(EARLIER, 100.0)], seconds=100.0)


def lefts(log: list[list[object]], until: int) -> list[float]:
    found = []
    for now in range(1, until):
        left = seconds_left([entry for entry in log if float(str(entry[0])) <= now], now, COURSE)
        assert left is not None
        found.append(left)
    return found


def test_a_run_like_the_earlier_ones_counts_down_by_the_clock() -> None:
    found = lefts(EARLIER, 80)
    assert found[0] == pytest.approx(99)
    assert found[29] == pytest.approx(70), "in the middle of a stage"
    assert found[59] == pytest.approx(40, abs=4)


@pytest.mark.parametrize("pace", [0.4, 1.0, 1.7, 5.0])
def test_what_is_left_never_grows_and_the_share_always_does(pace: float) -> None:
    log = [[pace * float(str(began)), words] for began, words in EARLIER]
    found = lefts(log, round(100 * pace))
    assert len(found) > 30
    assert all(after <= before for before, after in itertools.pairwise(found))
    shares = [now / (now + left) for now, left in enumerate(found, start=1)]
    assert all(after > before for before, after in itertools.pairwise(shares))
    assert shares[-1] < 1


def test_nothing_is_known_of_a_stage_that_nobody_has_seen() -> None:
    assert seconds_left([[0, "Something new"]], 5, COURSE) is None
    assert seconds_left([[0, "Gathering signals and stars"]], 5, Course.of([])) is None


def test_without_earlier_runs_the_usual_course_serves() -> None:
    course = Course.of([])
    assert list(USUAL.values()) == sorted(USUAL.values())
    log = [[2, "Cross-validating by star"], [30, "Fold 1 of 5 done"]]
    left = seconds_left(log, 30, course)
    assert left is not None
    assert 60 < left < 600


@pytest.mark.django_db
def test_the_tab_tells_state_and_share(
    curator_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    monkeypatch.setattr("training.runs.models.timezone", SimpleNamespace(now=lambda: now))
    common = {"created_at": now, "origin": "training run", "sha256": "0" * 64}
    version = ModelVersion.objects.create(
        name="paced", artifact="a", metadata={"signals": 1000}, **common
    )
    TrainingRun.objects.create(
        created_at=now,
        status="SUCCEEDED",
        model_version=version,
        log=EARLIER,
        started_at=now - timedelta(seconds=100),
        finished_at=now,
    )
    run = TrainingRun.objects.create(
        created_at=now,
        status="RUNNING",
        stage="Fold 1",
        log=EARLIER[:2],
        started_at=now - timedelta(seconds=35),
        heartbeat_at=now,
        progress=0.1,
    )
    for address in (f"/training-runs/{run.pk}/", f"/training-runs/{run.pk}/progress/"):
        page = curator_client.get(address).content.decode()
        assert f"<title>35 % · Fold 1 · {run}" in page, address
        assert "about 1 min 5 s left" in page


@pytest.mark.django_db
def test_a_dataset_arrives_ticked_unless_it_teaches_nothing(curator_client: Client) -> None:
    now = timezone.now()
    made = [
        Dataset.objects.create(
            name=f"{count} labelled",
            status="READY",
            created_at=now,
            sha256=f"{count:064d}",
            signals=9,
            report={"adds": {"version": "", "labelled": count}, "signals": 9, "stars": 9},
        )
        for count in (7, 0)
    ]
    good, bare = made
    page = curator_client.get(f"/datasets/{good.pk}/").content.decode()
    address = f"/training-runs/new/?dataset={good.pk}"
    assert address in page
    form = curator_client.get(address).content.decode()
    assert f'value="{good.pk}" id="id_datasets_0" checked' in form
    assert "0 labelled" not in form
    page = curator_client.get(f"/datasets/{bare.pk}/").content.decode()
    assert "Train on it" not in page
    assert "nothing to learn from it" in page
