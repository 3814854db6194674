"""In every door the disposition that is named lies in its set, and a known planet of which little
is given is not headed by a low score alone."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from predictions.models import Prediction
from tests.predictions.batches.test_api import send_list
from training.ml.evaluation.famous import FAMOUS
from training.ml.schema import REQUIRED_NAMES
from training.ml.signal_rows import SignalRows
from training.models import ModelVersion

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("queue")]

HD_189733_B = dict(FAMOUS["HD 189733 b"])
THREE = {name: HD_189733_B[name] for name in ("mission", *REQUIRED_NAMES)}
given = pytest.mark.parametrize("signal", [HD_189733_B, THREE], ids=["six", "three"])


@given
def test_in_the_api(member_client: Client, signal: dict[str, float | str]) -> None:
    body = json.dumps(signal)
    answer = member_client.post("/predict", body, content_type="application/json").json()
    assert answer["disposition"] in answer["prediction_set"]


@given
def test_in_the_form(member_client: Client, member: User, signal: dict[str, float | str]) -> None:
    typed = {name: str(value) for name, value in signal.items()}
    page = member_client.post("/classify/", typed, follow=True).content.decode()
    answer = Prediction.objects.get(owner=member).answer
    assert answer["disposition"] in answer["prediction_set"]
    heading = page.split("<h1>")[1].split("</h1>")[0]
    either = len(answer["planet_set"]) == 2 and answer["disposition"] == "CANDIDATE"
    assert ("cannot be told from these inputs" in heading) is either


@given
def test_in_a_list_and_on_the_command_line(
    member_client: Client, tmp_path: Path, signal: dict[str, float | str]
) -> None:
    table, output = tmp_path / "table.csv", tmp_path / "answers.csv"
    table.write_text(f"{','.join(signal)}\n{','.join(map(str, signal.values()))}\n")
    call_command("predict", str(table), str(output))
    with output.open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["predicted_disposition"] in row["prediction_set"].split("|")
    (answer,) = send_list(member_client, [signal]).json()["results"]
    assert answer["disposition"] in answer["prediction_set"]


def test_a_shallower_depth_is_never_better() -> None:
    """1.5 ppm where 150 ppm were measured, with the same error or without one."""
    classifier = ModelVersion.objects.active().classifier
    tried = 0
    for signal in FAMOUS.values():
        bare = {name: signal[name] for name in ("mission", *REQUIRED_NAMES)}
        for values in (signal, {**signal, "transit_depth_error": 10.0}, bare):
            depths = [SignalRows.of_values({**values, "transit_depth": d}) for d in (1.5, 150.0)]
            shallow, deep = classifier.predict(SignalRows.stack(depths)).planet_score
            assert shallow <= deep
            tried += 1
    assert tried == 3 * len(FAMOUS)
