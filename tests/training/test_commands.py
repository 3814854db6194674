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
from django.core.management import CommandError, ManagementUtility, call_command

from tests.simulator import simulate
from training.accounts.services import first_administrator_create
from training.management.commands.evaluate import table
from training.ml.errors import EmptyTable
from training.ml.fitting import bundled
from training.ml.schema import Mission
from training.models import Activation, Dataset, ModelVersion, TrainingRun
from training.versions.services import model_version_activate, model_version_create

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
    good, poor = (
        model_version_create(each, origin=ModelVersion.Origin.TRAINING_RUN)
        for each in small_classifiers
    )
    model_version_activate(poor)
    manage("dataset", "upload", str(tables[Mission.KEPLER]))
    manage("model_version", "activate", good.name, "--reason", "Better")
    manage("model_version", "roll-back", "--user", "curator")
    found = entries()
    assert all(name.endswith(" (command line)") for name, _ in found[:-1])
    assert found[-2][1] == "Put in service: Better"
    assert found[-1][0] == "curator"
    activation = Activation.objects.all()[1]
    assert activation.user is not None
    assert activation.user.username == found[0][0]


def test_nobody_can_sign_in_as_the_systems_user(tables: dict[Mission, Path]) -> None:
    manage("dataset", "upload", str(tables[Mission.KEPLER]))
    user = User.objects.get()
    assert not user.is_active
    assert not user.has_usable_password()
    assert first_administrator_create(), (
        "a site that only commands have touched still gets its first account"
    )


def test_a_cancelled_run_says_by_whom(tables: dict[Mission, Path]) -> None:
    manage("dataset", "upload", str(tables[Mission.KEPLER]))
    manage("training_run", "start", str(Dataset.objects.get().pk))
    run = TrainingRun.objects.get()
    manage("training_run", "cancel", str(run.pk))
    run.refresh_from_db()
    assert "(command line)" in run.reason
    assert [message for _, message in entries()][-1] == "Cancelled."


def test_a_version_is_shown_and_downloaded(tmp_path: Path) -> None:
    version = ModelVersion.objects.active()
    shown = manage(
        "model_version", "show", version.name, "--download", str(tmp_path / "version.zip")
    )
    assert version.sha256 in shown
    assert "python manage.py train_model" in shown
    content = zipfile.ZipFile(tmp_path / "version.zip").read(f"{version.name}/classifier.joblib")
    assert hashlib.sha256(content).hexdigest() == version.sha256
    facts = json.loads(manage("model_version", "show", version.name, "--json"))
    assert facts["environment"]["lightgbm"]
    assert facts["headline"]["accuracy"] > 0.7


@pytest.mark.parametrize(
    ("noun", "verbs"),
    [
        ("dataset", "archive fetch list report upload"),
        ("training_run", "cancel clean-up list start"),
        ("model_version", "activate compare delete list roll-back show"),
    ],
)
def test_a_noun_names_its_verbs(
    noun: str, verbs: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as end:
        ManagementUtility(["manage.py", noun, "--help"]).execute()
    assert end.value.code == 0
    shown = capsys.readouterr().out
    for verb in verbs.split():
        assert f"    {verb} " in shown, verb
    with pytest.raises(SystemExit) as end:
        ManagementUtility(["manage.py", noun]).execute()
    assert end.value.code == 2
    assert "VERB" in capsys.readouterr().err


def test_training_on_mistaken_units_has_to_be_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = simulate(Mission.TESS, 60, 3)
    table["pl_trandurh"] = table["pl_trandurh"].astype(float) / 24
    path = tmp_path / "toi.csv"
    path.write_text(str(table.to_csv(index=False)))

    def trained(*_: Any, **__: Any) -> None:
        raise EmptyTable("This is as far as the test goes.")

    monkeypatch.setattr("training.runs.training.classifier_train", trained)
    with pytest.raises(CommandError, match="--accept-doubts") as refused:
        call_command("train_model", "--tess", str(path))
    assert refused.value.returncode == 3
    assert "toi.csv: " in (said := capsys.readouterr().err) and "they may be days" in said
    with pytest.raises(CommandError, match="as far as the test goes"):
        call_command("train_model", "--tess", str(path), "--accept-doubts")
    path.write_text(str(simulate(Mission.TESS, 60, 3).to_csv(index=False)))
    with pytest.raises(CommandError, match="as far as the test goes"):
        call_command("train_model", "--tess", str(path))


def test_evaluate_prints_how_sets_hold_by_how_much_is_given() -> None:
    metadata = json.loads((Path(bundled.__file__).parent / "metadata.json").read_text())
    subsets = metadata["metrics"]["subsets"]
    studies = ("figures", "views", "specialists", "one_mission", "transfer", "ablation")
    figures = {"signals": 9, "stars": 8, "seeds": [0], "subsets": subsets}
    printed = table(figures | {study: {} for study in studies})
    _, found = printed.split("coverage of sets and calibration error by what is given\n")
    head, *rows = found.splitlines()
    assert "lacks" in head
    assert len(rows) == sum(map(len, subsets.values())) > 9
