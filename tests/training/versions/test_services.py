"""Versions: stored whole or not at all,
exactly one in service, verified before they are unpickled."""

from __future__ import annotations

import hashlib
import inspect
import io
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from training.ml.artifact import FORMAT_VERSION, sign
from training.ml.errors import ArtifactDamaged, ArtifactForged
from training.ml.evaluation.open_then import OpenThen
from training.ml.model import ExoplanetClassifier
from training.ml.schema import schema_fingerprint
from training.ml.sky.period_radius import KnownPoints
from training.models import Activation, ModelVersion
from training.versions import artifacts, services
from training.versions import bundled as bundled_module
from training.versions.bundled import BundledClassifierError, bundled_version_register
from training.versions.services import model_version_activate, model_version_create

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
METADATA = {
    "format_version": FORMAT_VERSION,
    "created": "2026-11-20T08:30:00+00:00",
    "metrics": {"macro_f1": 0.81},
}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_registered(db: None) -> None:
    """Without the bundled version that the migrations have registered, and with nothing loaded."""
    Activation.objects.all().delete()
    ModelVersion.objects.all().delete()
    artifacts._kept.clear()


def a_classifier(mark: str = "a", **metadata: Any) -> ExoplanetClassifier:
    """A real classifier object with nothing fitted in it; `mark` makes its file differ from
    another's."""
    parts: dict[str, Any] = dict.fromkeys(
        inspect.signature(ExoplanetClassifier.__init__).parameters, mark
    )
    del parts["self"]
    parts["points"] = None  # the file of its own is tried below
    return ExoplanetClassifier(
        **{**parts, "metadata": {"schema": schema_fingerprint(), **METADATA, **metadata}}
    )


def with_points() -> ExoplanetClassifier:
    classifier, one = a_classifier(), np.ones(1, dtype=np.float32)
    number, names = one.astype(np.int8), ("K00001.01",)
    classifier.points = KnownPoints(one, one, number, names)
    sets = np.ones((1, 2), dtype=np.bool_)
    classifier.open_then = (OpenThen("Kepler", "2017-10", "2025-10", names, one, sets, number),)
    return classifier


def create(mark: str = "a", **facts: Any) -> ModelVersion:
    return model_version_create(
        a_classifier(mark), origin=ModelVersion.Origin.COMMAND, created_at=NOON, **facts
    )


def replace(version: ModelVersion, name: str, content: bytes) -> None:
    Path(settings.MEDIA_ROOT, version.artifact, name).write_bytes(content)


# --- create ---------------------------------------------------------------------------------------


def test_a_version_is_named_by_its_second_and_serves_nobody_yet(curator: User) -> None:
    version = create(created_by=curator, notes="First try.")
    assert version.name == "2026-11-23T12-00-00Z"
    assert version.artifact == "artifacts/2026-11-23T12-00-00Z"
    assert version.metrics == {"macro_f1": 0.81}
    assert (version.created_by, version.notes, version.is_active) == (curator, "First try.", False)
    content = default_storage.open(f"{version.artifact}/classifier.joblib").read()
    assert version.sha256 == hashlib.sha256(content).hexdigest()


def test_trainings_that_end_in_the_same_second_both_get_a_name() -> None:
    assert [create(mark).name[-4:] for mark in "abc"] == ["-00Z", "-01Z", "-02Z"]
    assert len({version.sha256 for version in ModelVersion.objects.all()}) == 3


def test_a_full_disk_leaves_neither_row_nor_files(monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []

    def full_at_the_third_file(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) == 3:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("training.ml.files.os.fsync", full_at_the_third_file)
    with pytest.raises(OSError, match="No space left"):
        create()
    assert not ModelVersion.objects.exists()
    folder = Path(settings.MEDIA_ROOT, "artifacts")
    assert not [*folder.glob("2026-11-23T12*"), *folder.glob(".*")]


# --- activate -------------------------------------------------------------------------------------


def test_activating_replaces_the_version_in_service_and_is_written_down(curator: User) -> None:
    old, new = create("old"), create("new")
    model_version_activate(old, curator, "it is the first")
    model_version_activate(new, curator, "it is better on TESS")
    assert ModelVersion.objects.active() == new
    assert ModelVersion.objects.filter(is_active=True).count() == 1
    assert (new.activated_by, new.activated_at is not None) == (curator, True)
    entries = LogEntry.objects.order_by("pk").values_list(
        "user__username", "object_repr", "change_message"
    )
    assert list(entries) == [
        ("curator", old.name, "Put in service: it is the first"),
        ("curator", new.name, "Put in service: it is better on TESS"),
    ]


def test_rolling_back_is_activating_again() -> None:
    old, new = create("old"), create("new")
    for version in (old, new, old):
        model_version_activate(version)
    assert ModelVersion.objects.active() == old


def test_the_database_allows_one_version_in_service() -> None:
    model_version_activate(create("a"))
    with pytest.raises(IntegrityError):
        ModelVersion.objects.filter(pk=create("b").pk).update(is_active=True)


def test_a_failed_audit_entry_leaves_the_old_version_in_service(
    curator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = create("old"), create("new")
    model_version_activate(old)

    def fails(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(services, "record", fails)
    with pytest.raises(RuntimeError):
        model_version_activate(new, curator)
    assert ModelVersion.objects.active() == old


def test_nothing_in_service_is_a_named_error() -> None:
    with pytest.raises(ModelVersion.DoesNotExist):
        ModelVersion.objects.active()


# --- load -----------------------------------------------------------------------------------------


def test_the_classifier_is_loaded_once_per_process() -> None:
    pk = create("loaded").pk
    first, again = ModelVersion.objects.get(pk=pk), ModelVersion.objects.get(pk=pk)
    assert first.classifier.pipeline == "loaded"
    assert first.classifier is again.classifier
    with CaptureQueriesContext(connection) as queries:
        assert again.classifier
    assert not queries


def test_an_activation_reaches_a_process_that_has_loaded_the_old_one() -> None:
    model_version_activate(create("old"))
    assert ModelVersion.objects.active().classifier.pipeline == "old"
    model_version_activate(create("new"))
    assert ModelVersion.objects.active().classifier.pipeline == "new"


def test_three_classifiers_are_kept_and_the_longest_unused_goes() -> None:
    versions = [create(mark) for mark in "abcd"]
    for version in (*versions[:3], versions[0], versions[3]):
        assert version.classifier
    assert set(artifacts._kept) == {versions[place].sha256 for place in (0, 2, 3)}


class Bomb:
    """Unpickling this leaves a file behind."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Path]]:
        return Path.touch, (self.path,)


def test_a_swapped_artifact_is_refused_before_it_is_unpickled(tmp_path: Path) -> None:
    version, mark = create(), tmp_path / "unpickled"
    buffer = io.BytesIO()
    joblib.dump(Bomb(mark), buffer)
    joblib.load(io.BytesIO(buffer.getvalue()))
    assert mark.exists()  # the bomb works
    mark.unlink()
    replace(version, "classifier.joblib", buffer.getvalue())
    with pytest.raises(ArtifactDamaged):
        assert version.classifier
    assert not mark.exists()
    files = {**artifacts.artifact_read(version.artifact), "classifier.joblib": buffer.getvalue()}
    del files["signature.json"]
    for name, content in sign(files, b"the attacker's key").items():
        replace(version, name, content)
    with pytest.raises(ArtifactForged):
        assert version.classifier
    assert not mark.exists()


def test_another_versions_signed_files_are_refused() -> None:
    one, other = create("one"), create("other")
    for name, content in artifacts.artifact_read(other.artifact).items():
        replace(one, name, content)
    with pytest.raises(ArtifactDamaged, match="not the file that the database knows"):
        assert one.classifier


@pytest.mark.parametrize("name", artifacts.ARTIFACT_FILES)
def test_a_missing_file_is_named(name: str) -> None:
    version = model_version_create(with_points(), origin=ModelVersion.Origin.COMMAND)
    default_storage.delete(f"{version.artifact}/{name}")
    with pytest.raises(ArtifactDamaged, match=f"{name} is missing"):
        assert version.classifier


# --- bundled --------------------------------------------------------------------------------------


def bundle(folder: Path, files: Mapping[str, bytes], sha256: str) -> None:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "__init__.py").write_text(f'BUNDLED_SHA256 = "{sha256}"\n')


@pytest.fixture
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """A bundled classifier of our own in the place of the site's."""
    files = a_classifier("bundled").pack(b"no matter: it is signed anew")
    del files["signature.json"]
    package = f"bundled_{tmp_path.name}"
    bundle(tmp_path / package, files, hashlib.sha256(files["classifier.joblib"]).hexdigest())
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(bundled_module, "BUNDLED", package)
    return files


def test_the_bundled_version_is_registered_signed_and_put_in_service(
    bundled: dict[str, bytes],
) -> None:
    version = bundled_version_register()
    assert version.name == "2026-11-20T08-30-00Z"  # when it was trained
    assert version.origin == "bundled"
    assert version.metadata == json.loads(bundled["metadata.json"])
    assert ModelVersion.objects.active() == version
    assert version.classifier.pipeline == "bundled"


def test_registering_again_changes_nothing(bundled: dict[str, bytes]) -> None:
    first = bundled_version_register()
    assert bundled_version_register() == first
    assert ModelVersion.objects.count() == 1


def test_the_bundled_version_does_not_push_another_out_of_service(
    bundled: dict[str, bytes],
) -> None:
    ours = model_version_activate(create())
    bundled_version_register()
    assert ModelVersion.objects.active() == ours


def test_the_bundled_version_takes_over_from_one_that_is_not_read_any_more(
    bundled: dict[str, bytes],
) -> None:
    ours = model_version_activate(create())
    ours.metadata = {**ours.metadata, "format_version": 1}
    ours.save(update_fields=["metadata"])
    version = bundled_version_register()
    assert ModelVersion.objects.active() == version != ours
    reason = version.activations.get().reason
    assert ours.name in reason and "format version is 1" in reason


def release(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another bundled classifier, as a newer release of the site has it."""
    files = a_classifier("later", created="2026-11-25T08:30:00+00:00").pack(b"signed anew")
    for name in ("classifier.joblib", "metadata.json"):
        (folder / name).write_bytes(files[name])
    sha256 = hashlib.sha256(files["classifier.joblib"]).hexdigest()
    monkeypatch.setattr(import_module(bundled_module.BUNDLED), "BUNDLED_SHA256", sha256)


@pytest.mark.parametrize("somebody", [False, True])
def test_a_newer_bundled_version_takes_over_unless_somebody_chose_the_earlier(
    tmp_path: Path, bundled: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, somebody: bool
) -> None:
    first = bundled_version_register()
    if somebody:
        model_version_activate(create())
        model_version_activate(first, User.objects.create_user("cara"))
    release(tmp_path / bundled_module.BUNDLED, monkeypatch)
    later = bundled_version_register()
    assert later != first
    assert ModelVersion.objects.active() == (first if somebody else later)
    model_version_activate(first)  # on the command line, where nobody is signed in
    bundled_version_register()
    assert ModelVersion.objects.active() == first


def test_while_the_release_before_still_runs_nothing_takes_over(
    tmp_path: Path,
    bundled: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    settings: Any,
) -> None:
    first = bundled_version_register()
    first.metadata = {**first.metadata, "format_version": 2}
    first.save(update_fields=["metadata"])
    release(tmp_path / bundled_module.BUNDLED, monkeypatch)
    settings.KEEP_VERSION = True
    call_command("migrate", verbosity=0)
    assert ModelVersion.objects.get() == ModelVersion.objects.active() == first
    settings.KEEP_VERSION = False
    call_command("migrate", verbosity=0)
    assert ModelVersion.objects.active() != first
    assert "answer 503 until they are replaced" in capsys.readouterr().err


def test_lost_files_and_a_new_signing_key_are_made_good(
    bundled: dict[str, bytes], settings: Any
) -> None:
    version = bundled_version_register()
    default_storage.delete(f"{version.artifact}/classifier.joblib")
    bundled_version_register()
    assert version.classifier
    artifacts._kept.clear()
    settings.ARTIFACT_SIGNING_KEY = "a new key"
    with pytest.raises(ArtifactForged):
        assert version.classifier
    bundled_version_register()
    assert version.classifier


def test_an_upgrade_brings_what_stands_beside_a_classifier_that_stays(
    tmp_path: Path, bundled: dict[str, bytes]
) -> None:
    version = model_version_activate(bundled_version_register())
    assert not version.classifier.points
    artifacts._kept.clear()
    folder = tmp_path / bundled_module.BUNDLED
    files = with_points().files_beside()
    metadata = json.loads(files["metadata.json"]) | {"metrics": {"macro_f1": 0.9}}
    (folder / "metadata.json").write_text(json.dumps(metadata))
    (folder / "points.npz").write_bytes(files["points.npz"])
    assert bundled_version_register() == version
    assert ModelVersion.objects.count() == 1
    upgraded = ModelVersion.objects.get()
    assert upgraded.is_active and upgraded.metrics == {"macro_f1": 0.9}
    assert len(upgraded.classifier.points or ()) == 1


def test_a_bundled_file_that_the_code_does_not_name_is_not_used(
    tmp_path: Path, bundled: dict[str, bytes]
) -> None:
    (tmp_path / bundled_module.BUNDLED / "classifier.joblib").write_bytes(b"something else")
    with pytest.raises(BundledClassifierError, match="not the file that the code names"):
        bundled_version_register()
    assert not ModelVersion.objects.exists()


def test_a_copy_without_a_bundled_classifier_still_migrates(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bundled_module, "BUNDLED", "training.ml.not_bundled")
    call_command("migrate", verbosity=1)
    assert "This copy of the site came without a bundled classifier." in capsys.readouterr().out
    assert not ModelVersion.objects.exists()


def test_migrating_registers_the_bundled_version(bundled: dict[str, bytes]) -> None:
    call_command("migrate", verbosity=0)
    assert ModelVersion.objects.active().classifier.pipeline == "bundled"
