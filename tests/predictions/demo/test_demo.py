"""The simulated example: what it brings, what it never does, and that nothing of it is left."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django_q.models import OrmQ

from predictions.batches.models import Batch
from predictions.batches.work import batch_execute
from predictions.catalogue.filling.apart import NotForCatalogue
from predictions.catalogue.services import charge_request
from predictions.demo.catalogue import catalogue_execute
from predictions.demo.services import demo_fill, demo_remove
from tests.predictions.demo.conftest import rows
from tests.training.conftest import small_classifiers, tables  # noqa: F401 - fixtures
from training import simulated
from training.ml.evaluation.dataset_report import SignalIndex
from training.ml.schema import Mission
from training.models import Dataset, ModelVersion, TrainingRun
from training.runs.process import training_run_execute
from training.versions.drift import input_counts_write
from training.versions.models import InputCount
from training.versions.services import (
    VersionSimulated,
    model_version_create,
    version_put_in_service,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(filled: User, small_classifiers: tuple[Any, Any]) -> ModelVersion:
    """What the training of the example would have made."""
    made = model_version_create(
        small_classifiers[0], origin=ModelVersion.Origin.TRAINING_RUN, is_simulated=True
    )
    TrainingRun.objects.update(status="SUCCEEDED", model_version=made)
    return made


def files(folder: Path) -> Iterator[str]:
    return (str(path.relative_to(folder)) for path in (folder / "media").rglob("*/*/**/*"))


def work() -> None:
    """As a worker does."""
    batch_execute(batch_id=str(Batch.objects.get().pk))
    assert training_run_execute(TrainingRun.objects.get().pk)
    catalogue_execute()
    input_counts_write()


@pytest.mark.django_db(transaction=True)  # a training looks after itself by another connection
def test_all_of_it_is_named_serves_nobody_and_leaves_nothing(
    administrator: User, data_dir: Path, django_capture_on_commit_callbacks: Any
) -> None:
    before, serving = (rows(), sorted(files(data_dir))), ModelVersion.objects.active()
    assert len(before[1]) > 3
    demo_fill(administrator)
    work()
    *newest, earlier = Dataset.objects.order_by("pk")
    assert [dataset.name for dataset in newest] == [
        f"Simulated {mission} table.csv" for mission in simulated.SIGNALS
    ]
    assert earlier.name.startswith("Simulated TESS table of 20")
    batch, run = Batch.objects.get(), TrainingRun.objects.get()
    assert (batch.status, batch.rows, batch.shared) == ("succeeded", 200, True)
    assert batch.name.startswith("Simulated")
    assert run.status == "SUCCEEDED", run.reason
    assert str(run).endswith("(simulated)")
    assert run.model_version
    assert run.model_version.name.endswith("-simulated")
    assert ModelVersion.objects.active() == serving
    # What people ask is compared with what the version learnt from; nobody asked this.
    assert not InputCount.objects.exists()
    assert len(list(files(data_dir))) > len(before[1]) + 10
    with django_capture_on_commit_callbacks(execute=True):
        demo_remove(administrator)
    assert (rows(), sorted(files(data_dir))) == before


def test_it_goes_before_a_worker_has_come(
    administrator: User, data_dir: Path, django_capture_on_commit_callbacks: Any
) -> None:
    before = rows(), sorted(files(data_dir))
    with django_capture_on_commit_callbacks(execute=True):
        demo_fill(administrator)
    queued = [row.task["args"] for row in OrmQ.objects.all()]
    assert len(queued) == 3
    with django_capture_on_commit_callbacks(execute=True):
        demo_remove(administrator)
    assert (rows(), sorted(files(data_dir))) == before
    batch_execute(batch_id=str(queued[0][0]))  # what was queued finds nothing to do
    catalogue_execute()
    assert (rows(), sorted(files(data_dir))) == before


def test_filled_twice_it_is_there_once(filled: User) -> None:
    before = rows()
    demo_fill(filled)
    assert rows() == before


def test_its_signals_are_none_that_exist(filled: User) -> None:
    """Judged together with real ones, they would count as known stars."""
    dataset = Dataset.objects.get(mission=Mission.KEPLER)
    held_out = ModelVersion.objects.active().classifier.held_out
    known = SignalIndex(held_out.signals, held_out.stars, held_out.truth)
    assert len(known.signals) > 100
    assert (dataset.report or {})["overlaps"] == []


def test_a_simulated_version_is_never_put_in_service(
    version: ModelVersion, filled: User, administrator_client: Client
) -> None:
    before = ModelVersion.objects.active()
    with pytest.raises(VersionSimulated):
        version_put_in_service(version=version, user=filled, reason="because", override=True)
    sent = {"reason": "because", "override": True}
    answer = administrator_client.post(
        f"/api/v1/model-versions/{version.name}/activate", sent, "application/json"
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "version_simulated")
    page = administrator_client.post(f"/model-versions/{version.name}/activate/", sent)
    assert page.status_code == 422
    assert "made-up signals" in page.content.decode()
    assert ModelVersion.objects.active() == before


def test_what_else_learns_from_it_is_simulated_too(filled: User) -> None:
    datasets = list(Dataset.objects.filter(mission=Mission.TESS))
    from training.runs.services import Choices, training_run_start

    mine = training_run_start(datasets=datasets, choices=Choices(rounds=20), user=filled)
    assert mine.is_simulated
    demo_remove(filled)
    assert not TrainingRun.objects.exists()


def test_a_real_table_of_that_name_stays(filled: User, member: User) -> None:
    mine = Batch.objects.create(owner=member, name="Simulated TESS signals.csv", size=1)
    demo_remove(filled)
    assert list(Batch.objects.all()) == [mine]


def test_a_simulated_table_takes_charge_of_nothing(filled: User) -> None:
    dataset = Dataset.objects.filter(mission=Mission.TESS)[0]
    with pytest.raises(NotForCatalogue, match="simulated"):
        charge_request(dataset=dataset, user=filled, sure=True)


# --- Its doors ------------------------------------------------------------------------------------


def test_the_first_page_of_an_empty_site_offers_it(administrator_client: Client) -> None:
    home = administrator_client.get("/").content.decode()
    assert "Fill it with a simulated example" in home
    page = administrator_client.get("/demo/").content.decode()
    assert 'name="wish" value="fill"' in page
    answer = administrator_client.post("/demo/", {"wish": "fill"}, follow=True)
    assert "Simulated TESS signals.csv" in answer.content.decode()
    assert "Remove everything simulated" in administrator_client.get("/").content.decode()
    assert 'name="wish" value="remove"' in administrator_client.get("/demo/").content.decode()
    administrator_client.post("/demo/", {"wish": "remove"})
    assert not Dataset.objects.exists()


def test_others_are_not_offered_it(member_client: Client, curator_client: Client) -> None:
    for client in (member_client, curator_client):
        assert "simulated example" not in client.get("/").content.decode()
        assert client.post("/demo/", {"wish": "fill"}).status_code == 403


def test_a_site_with_work_on_it_is_not_offered_it(
    administrator_client: Client, member: User
) -> None:
    Batch.objects.create(owner=member, name="mine.csv", size=1)
    assert "simulated" not in administrator_client.get("/").content.decode()


def test_the_pages_say_so(version: ModelVersion, administrator_client: Client) -> None:
    batch_execute(batch_id=str(Batch.objects.get().pk))
    for subject in (Batch.objects.get(), TrainingRun.objects.get(), Dataset.objects.first()):
        page = administrator_client.get(subject.get_absolute_url()).content.decode()  # type: ignore[union-attr]
        assert "made" in page
        assert "imulated" in page
    row = administrator_client.get(f"{Batch.objects.get().get_absolute_url()}rows/7/")
    assert "Simulated TOI-" in row.content.decode()
    input_counts_write()
    assert not InputCount.objects.exists()  # looking at a row asks about no signal
    page = administrator_client.get(version.get_absolute_url()).content.decode()
    assert "never put in service" in page
    assert ">Put in service<" not in page
    for address in ("/batches/", "/datasets/", "/training-runs/", "/model-versions/"):
        assert "imulated" in administrator_client.get(address).content.decode(), address


def test_the_command_says_whose_it_is(administrator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    executed: list[int] = []
    # Only another process can train, and that does not see this test's transaction.
    monkeypatch.setattr(
        "predictions.demo.services.training_run_here", lambda run: executed.append(run.pk)
    )
    out = StringIO()
    call_command("demo", stdout=out)
    assert "It belongs to “administrator”" in out.getvalue()
    assert executed == [TrainingRun.objects.get().pk]
    assert Batch.objects.get().is_done
    call_command("demo", "--remove", stdout=out)
    assert not Dataset.objects.exists()


def test_the_command_wants_somebody_to_look_at_it() -> None:
    with pytest.raises(CommandError, match="there is no account yet"):
        call_command("demo")


def test_without_a_version_in_service_it_says_so(administrator_client: Client) -> None:
    ModelVersion.objects.update(is_active=False)
    answer = administrator_client.post("/demo/", {"wish": "fill"}, follow=True)
    assert answer.status_code == 200
    assert "No model version is in service" in answer.content.decode()
