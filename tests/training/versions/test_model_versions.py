"""Model versions: compared, guarded, rolled back, deleted, downloaded; what people classify is
counted."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from tests.training.conftest import Site
from training.ml.evaluation.model_card import render
from training.ml.schema import Mission
from training.ml.tables.data_loader import read_signals
from training.models import Activation, InputCount, ModelVersion
from training.versions.drift import input_counts_write, input_shifts, inputs_count
from training.versions.services import (
    ActivationHeld,
    NothingBefore,
    VersionServed,
    model_version_activate,
    model_version_create,
    version_before,
    version_delete,
    version_put_in_service,
    version_roll_back,
)

pytestmark = pytest.mark.django_db
RUN = ModelVersion.Origin.TRAINING_RUN
SIGNAL = {"mission": "TESS", "orbital_period": 3.5, "transit_duration": 2.5, "transit_depth": 1200}
ROLL_BACK = "/model-versions/roll-back/"


@pytest.fixture
def versions(small_classifiers: tuple[Any, Any]) -> tuple[ModelVersion, ModelVersion]:
    """A good one in service, and a poor one."""
    Activation.objects.all().delete()
    good, poor = (model_version_create(classifier, origin=RUN) for classifier in small_classifiers)
    model_version_activate(good)
    return good, poor


Pair = tuple[ModelVersion, ModelVersion]


def test_a_worse_version_needs_an_override_that_is_recorded(versions: Pair, curator: User) -> None:
    good, poor = versions
    with pytest.raises(ActivationHeld, match="lower than that of the version in service"):
        version_put_in_service(version=poor, user=curator, reason="Just to see")
    assert ModelVersion.objects.active() == good
    version_put_in_service(version=poor, user=curator, reason="Just to see", override=True)
    assert ModelVersion.objects.active() == poor
    activation = Activation.objects.first()
    assert activation is not None
    assert (activation.user, activation.previous, activation.reason) == (
        curator,
        good,
        "Just to see",
    )
    assert "lower than" in activation.overridden


def test_a_better_version_is_not_held_back(versions: Pair, curator: User) -> None:
    good, poor = versions
    model_version_activate(poor)
    version_put_in_service(version=good, user=curator, reason="Better on everything")
    activation = Activation.objects.first()
    assert activation is not None
    assert activation.overridden == ""


def test_a_version_that_was_not_evaluated_is_held_back(versions: Pair, curator: User) -> None:
    _, poor = versions
    poor.metadata["metrics"] = {}
    poor.save()
    with pytest.raises(ActivationHeld, match="not evaluated"):
        version_put_in_service(version=poor, user=curator, reason="Why not")


def test_the_page_asks_for_the_override(versions: Pair, curator_client: Client) -> None:
    _, poor = versions
    address = f"/model-versions/{poor.name}/activate/"
    assert "although this speaks against it" in curator_client.get(address).content.decode()
    assert curator_client.post(address, {"reason": "Just to see"}).status_code == 422
    assert (
        curator_client.post(address, {"reason": "Just to see", "override": "on"}).status_code == 302
    )
    history = curator_client.get("/model-versions/").content.decode()
    assert "Just to see" in history
    assert f"Roll back to {versions[0].name}" in history


def test_rolling_back_asks_first(versions: Pair, curator_client: Client) -> None:
    good, poor = versions
    model_version_activate(poor)
    page = curator_client.get(ROLL_BACK).content.decode()
    for words in ("Roll back?", "What will happen", "How to undo it", good.name, poor.name):
        assert words in page, words
    curator_client.post(ROLL_BACK)
    assert ModelVersion.objects.active() == poor, "nothing happens unasked"
    curator_client.post(ROLL_BACK, {"leaves": poor.name, "returns": good.name})
    assert ModelVersion.objects.active() == good
    assert ModelVersion.objects.filter(is_active=True).count() == 1


def test_a_double_click_does_not_bring_the_bad_version_back(
    versions: Pair, curator_client: Client
) -> None:
    good, poor = versions
    model_version_activate(poor)
    seen = {"leaves": poor.name, "returns": good.name}
    for _ in range(2):
        answer = curator_client.post(ROLL_BACK, seen, follow=True)
        assert ModelVersion.objects.active() == good
    assert "Nothing was changed" in answer.content.decode()
    assert Activation.objects.filter(model_version=good, previous=poor).count() == 1


def test_a_program_that_asks_twice_does_not_bring_the_bad_version_back(
    versions: Pair, curator_client: Client
) -> None:
    good, poor = versions
    model_version_activate(poor)
    address = "/api/v1/model-versions/roll-back"
    assert curator_client.post(address).json()["name"] == good.name
    while curator_client.post(address).status_code == 200:
        assert ModelVersion.objects.active() not in (good, poor)
    page = curator_client.get("/model-versions/").content.decode()
    assert f"Roll back to {poor.name}" not in page


def test_rolling_back_twice_goes_back_two_steps(versions: Pair, curator: User) -> None:
    good, poor = versions
    model_version_activate(poor)
    model_version_activate(good)
    assert version_roll_back(user=curator) == poor
    assert version_roll_back(user=curator) == good
    assert version_before() not in (good, poor)


def test_a_deletion_asks_first(versions: Pair, curator_client: Client) -> None:
    _, poor = versions
    address = f"/model-versions/{poor.name}/delete/"
    page = curator_client.get(address).content.decode()
    for words in ("Delete this version?", "What will happen", "How to undo it"):
        assert words in page, words
    assert ModelVersion.objects.filter(pk=poor.pk).exists()
    curator_client.post(address)
    assert not ModelVersion.objects.filter(pk=poor.pk).exists()


def test_activating_what_is_in_service_changes_nothing(
    versions: Pair, curator_client: Client
) -> None:
    good, poor = versions
    model_version_activate(poor)
    before = Activation.objects.count()
    data = {"reason": "Once more.", "override": True}
    answer = curator_client.post(
        f"/api/v1/model-versions/{poor.name}/activate", data, content_type="application/json"
    )
    assert answer.status_code == 200, answer.content
    assert answer.json()["in_service"] is True
    assert Activation.objects.count() == before
    answer = curator_client.post("/api/v1/model-versions/roll-back")
    assert answer.status_code == 200, answer.content
    assert ModelVersion.objects.active() == good


def test_an_activation_of_itself_in_an_older_history_hides_nothing(
    versions: Pair, curator: User
) -> None:
    good, poor = versions
    model_version_activate(poor)
    Activation.objects.create(model_version=poor, previous=poor, at=timezone.now(), user=curator)
    assert version_roll_back(user=curator) == good


def test_there_may_be_nothing_to_roll_back_to(versions: Pair, curator: User) -> None:
    with pytest.raises(NothingBefore):
        version_roll_back(user=curator) if _only_one() else None


def _only_one() -> bool:
    Activation.objects.update(previous=None)
    return True


def test_only_what_never_served_can_be_deleted(versions: Pair, curator: User) -> None:
    good, poor = versions
    with pytest.raises(VersionServed):
        version_delete(good, curator)
    folder = poor.artifact
    version_delete(poor, curator)
    assert not ModelVersion.objects.filter(pk=poor.pk).exists()
    from django.core.files.storage import default_storage

    assert not default_storage.exists(folder)


def test_a_tampered_artifact_cannot_be_put_in_service(
    versions: Pair, curator_client: Client, settings: Any
) -> None:
    from training.versions import artifacts

    good, poor = versions
    artifacts._kept.clear()
    Path(settings.MEDIA_ROOT, poor.artifact, "classifier.joblib").write_bytes(b"something else")
    response = curator_client.post(
        f"/model-versions/{poor.name}/activate/", {"reason": "Anyway", "override": "on"}
    )
    assert response.status_code == 422
    assert "damaged" in response.content.decode()
    assert ModelVersion.objects.active() == good


def test_a_damaged_version_in_service_is_said_on_every_page_that_needs_it(
    versions: Pair, curator_client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from training.versions import artifacts

    good, _ = versions
    monkeypatch.setattr(artifacts, "_kept", OrderedDict())
    file = Path(settings.MEDIA_ROOT, good.artifact, "classifier.joblib")
    whole = file.read_bytes()
    file.write_bytes(b"something else")
    try:
        for address in ("/", "/model/", "/model-versions/"):
            page = curator_client.get(address)
            assert page.status_code == 200
            assert "Nothing can be classified at the moment." in page.content.decode()
            assert "The artifact is damaged" in page.content.decode()
        curator_client.raise_request_exception = False
        page = curator_client.post("/classify/", SIGNAL)
        assert page.status_code == 503
        assert "The artifact is damaged" in page.content.decode()
        assert "Nothing was lost." in page.content.decode()
    finally:
        file.write_bytes(whole)
    page = curator_client.get("/")
    assert "Nothing can be classified" not in page.content.decode()


def test_the_download_is_what_the_checksum_says(versions: Pair, curator_client: Client) -> None:
    good, _ = versions
    response = curator_client.get(f"/model-versions/{good.name}/artifact/")
    archive = zipfile.ZipFile(io.BytesIO(response.content))
    content = archive.read(f"{good.name}/classifier.joblib")
    assert (
        hashlib.sha256(content).hexdigest()
        == good.sha256
        == response.headers["X-Classifier-SHA256"]
    )


def test_members_read_the_history_and_decide_nothing(versions: Pair, member_client: Client) -> None:
    good, poor = versions
    for address in (
        "/model-versions/",
        f"/model-versions/{good.name}/",
        f"/model-versions/{poor.name}/compare/",
    ):
        assert member_client.get(address).status_code == 200
    for address in ("activate", "notes", "delete"):
        assert member_client.post(f"/model-versions/{poor.name}/{address}/").status_code == 403
    assert member_client.get(f"/model-versions/{good.name}/artifact/").status_code == 403
    assert member_client.post("/model-versions/roll-back/").status_code == 403
    assert ModelVersion.objects.active() == good


def test_a_versions_page_holds_figures_card_and_lineage(
    versions: Pair, curator_client: Client
) -> None:
    good, _ = versions
    good.metadata["tables"][0] |= {"file": "<b>koi</b>.csv", "sha256": "ab" * 32}
    good.save()
    page = curator_client.get(f"/model-versions/{good.name}/").content.decode()
    for words in (
        good.sha256,
        "ab" * 32,
        "train_model",
        "--seed 0",
        "scikit-learn",
        "min_leaf",
        f"/model/?version={good.name}",
        "&lt;b&gt;koi",
        f"/model-versions/{good.name}/artifact/",
    ):
        assert words in page, words
    card = curator_client.get(f"/model-versions/{good.name}/card/").content.decode()
    for words in ("Intended use.", "Limits and known biases", "&lt;b&gt;koi"):
        assert words in card, words
    assert "<b>koi" not in page + card
    assert 'href="data.md"' not in card


def test_the_card_page_says_what_the_model_card_says(member_client: Client) -> None:
    version = ModelVersion.objects.active()
    page = member_client.get(f"/model-versions/{version.name}/card/").content.decode()
    for heading in [
        line.removeprefix("## ")
        for line in render(version.metadata).splitlines()
        if line[:3] == "## "
    ]:
        assert f"<h2>{heading}</h2>" in page, heading


def test_the_comparison_names_figures_and_changes(versions: Pair, member_client: Client) -> None:
    good, poor = versions
    page = member_client.get(
        f"/model-versions/{poor.name}/compare/?other={good.name}"
    ).content.decode()
    assert "certainly worse in" in page
    assert "Macro-F1" in page
    assert "Signals that change their disposition" in page


def test_unasked_a_version_is_compared_with_the_one_in_service(
    versions: Pair, member_client: Client
) -> None:
    _, poor = versions
    page = member_client.get(f"/model-versions/{poor.name}/compare/").content.decode()
    in_service = ModelVersion.objects.active().name
    assert in_service != poor.name
    assert f'<option value="{in_service}" selected>' in page
    assert "certainly worse in" in page


# --- drift ----------------------------------------------------------------------------------------


def test_inputs_are_counted_and_compared_with_the_training(
    versions: Pair, tables: dict[Mission, Path]
) -> None:
    good, _ = versions
    frame = read_signals(tables[Mission.KEPLER]).frame
    inputs_count(good, frame)
    input_counts_write()
    signals, found = input_shifts(good)["Kepler"]
    assert signals == len(frame) == InputCount.objects.get().signals
    assert found
    assert {shift.size for shift in found} == {"none"}, "the training's own values have not shifted"
    inputs_count(good, frame.assign(orbital_period=frame["orbital_period"] * 100))
    input_counts_write()
    _, found = input_shifts(good)["Kepler"]
    assert [shift.feature for shift in found if shift.size == "large"] == ["orbital_period"]


def test_a_few_inputs_raise_no_alarm(
    versions: Pair, tables: dict[Mission, Path], member_client: Client
) -> None:
    good, _ = versions
    inputs_count(
        good, read_signals(tables[Mission.KEPLER]).frame.head(20).assign(orbital_period=400.0)
    )
    input_counts_write()
    assert (
        "so nothing is concluded"
        in member_client.get(f"/model-versions/{good.name}/").content.decode()
    )


def test_a_process_that_ends_writes_what_it_has_counted(site: Site) -> None:
    """Its own end, and that of a forked child as the queue's workers are."""
    code = (
        "import multiprocessing\n"
        "from training.ml.tables.data_loader import read_signals\n"
        "from training.models import Dataset, ModelVersion\n"
        "from training.datasets.services import dataset_content\n"
        "from training.versions.drift import inputs_count\n"
        "frame = read_signals(dataset_content(Dataset.objects.get())).frame\n"
        "from django.db import connections\n"
        "connections.close_all()\n"  # nothing to be carried across the fork
        "def count(rows):\n"
        "    inputs_count(ModelVersion.objects.active(), frame.head(rows))\n"
        "child = multiprocessing.get_context('fork').Process(target=count, args=(7,))\n"
        "child.start(); child.join()\n"
        "count(5)\n"
    )
    site.run("shell", "-v0", "-c", code)
    assert site.rows("select sum(signals) as signals from training_inputcount") == [{"signals": 12}]


def test_the_version_in_service_comes_without_its_metadata(
    versions: Pair, django_assert_num_queries: Any
) -> None:
    version = ModelVersion.objects.get(pk=versions[0].pk)
    with django_assert_num_queries(1):
        found = ModelVersion.objects.serving()
        assert (found, found.name, found.sha256) == (version, version.name, version.sha256)
    assert found.get_deferred_fields() == {"metadata", "notes"}
    assert found.metadata == version.metadata
    ModelVersion.objects.update(is_active=False)
    with pytest.raises(ModelVersion.DoesNotExist):
        ModelVersion.objects.serving()
