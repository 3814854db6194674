"""schemathesis reads our OpenAPI document and tries to make the API contradict it, with tokens of
each scope."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from pytest_django.live_server_helper import LiveServer

from predictions.batches.models import Batch
from tests.conftest import PROJECT
from tests.predictions.conftest import make_batch, queue  # noqa: F401 - fixtures
from tests.test_access import Things, things  # noqa: F401 - a fixture
from training.accounts.services import token_create

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# Everything for a token that may everything; what others may not is found by trying each operation
# a few times.
EVERYTHING = ("--phases", "examples,coverage,fuzzing,stateful")
A_LITTLE = ("--phases", "examples,fuzzing", "--max-examples", "2")
RUNS = {
    "read classify train": EVERYTHING,
    "read": A_LITTLE,
    "classify": A_LITTLE,
    "train": A_LITTLE,
}


def run(
    site: str, token: str, parts: dict[str, str], options: tuple[str, ...]
) -> subprocess.CompletedProcess[str]:
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "--no-color",
        "--config-file",
        "tests/predictions/rest/schemathesis.toml",
        "run",
        f"{site}/api/openapi.yaml",
        "--header",
        f"Authorization: Token {token}",
        *options,
    ]
    facts = {
        "BATCH": parts["batches"],
        "DATASET": parts["datasets"],
        "RUN": parts["training-runs"],
        "VERSION": parts["<str:name>"],
        "SLUG": parts["<str:slug>"],
        "PYTHONPATH": str(PROJECT),
    }
    return subprocess.run(
        command, cwd=PROJECT, env=os.environ | facts, capture_output=True, text=True, timeout=600
    )


@pytest.mark.parametrize("scopes", RUNS)
def test_the_api_is_as_its_document_says(
    scopes: str,
    live_server: LiveServer,
    things: Things,
    make_user: Callable[..., User],
) -> None:
    curator = make_user("tester", "curator")
    Batch.objects.update(owner=curator)
    _, token = token_create(user=curator, name="schemathesis", scopes=scopes.split(), days=7)
    done = run(live_server.url, token, things.parts, RUNS[scopes])
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    tested = re.search(r"Tested: (\d+)", done.stdout)
    assert tested and int(tested[1]) >= 26, done.stdout[-2000:]
