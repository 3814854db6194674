"""Whoever changes something is written down: people, and commands that name nobody."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.management import call_command

from training.accounts.services import first_administrator_create
from training.ml.schema import Mission
from training.models import Activation, Dataset, ModelVersion, TrainingRun
from training.services import model_version_activate, model_version_create

pytestmark = pytest.mark.django_db


def manage(*command: str) -> str:
    out = io.StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


def entries() -> list[tuple[str, str]]:
    return list(LogEntry.objects.order_by("pk").values_list("user__username", "change_message"))


def test_commands_without_a_name_act_for_the_systems_user(
    tables: dict[Mission, Path], small_classifiers: tuple[Any, Any], curator: User
) -> None:
    Activation.objects.all().delete()
    good, poor = (model_version_create(each, origin=ModelVersion.Origin.TRAINING_RUN) for each in small_classifiers)
    model_version_activate(poor)
    manage("dataset_upload", str(tables[Mission.KEPLER]))
    manage("model_version_activate", good.name, "--reason", "Better")
    manage("model_version_rollback", "--user", "curator")
    found = entries()
    assert all(name.endswith(" (command line)") for name, _ in found[:-1])
    assert found[-2][1] == "Put in service: Better"
    assert found[-1][0] == "curator"
    activation = Activation.objects.all()[1]
    assert activation.user is not None
    assert activation.user.username == found[0][0]


def test_nobody_can_sign_in_as_the_systems_user(tables: dict[Mission, Path]) -> None:
    manage("dataset_upload", str(tables[Mission.KEPLER]))
    user = User.objects.get()
    assert not user.is_active
    assert not user.has_usable_password()
    assert first_administrator_create(), "a site that only commands have touched still gets its first account"


def test_a_cancelled_run_says_by_whom(tables: dict[Mission, Path]) -> None:
    manage("dataset_upload", str(tables[Mission.KEPLER]))
    manage("retrain", str(Dataset.objects.get().pk))
    run = TrainingRun.objects.get()
    manage("training_run_cancel", str(run.pk))
    run.refresh_from_db()
    assert "(command line)" in run.reason
    assert [message for _, message in entries()][-1] == "Cancelled."


def test_a_version_is_shown_and_downloaded(tmp_path: Path) -> None:
    version = ModelVersion.objects.active()
    shown = manage("model_version_show", version.name, "--download", str(tmp_path / "version.zip"))
    assert version.sha256 in shown
    assert "python manage.py train_model" in shown
    content = zipfile.ZipFile(tmp_path / "version.zip").read(f"{version.name}/classifier.joblib")
    assert hashlib.sha256(content).hexdigest() == version.sha256
    facts = json.loads(manage("model_version_show", version.name, "--json"))
    assert facts["environment"]["lightgbm"]
    assert facts["headline"]["accuracy"] > 0.7
