"""A test that commits leaves nothing to the next one and takes nothing from it, in whatever order
they run."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from predictions.pages.examples import EXAMPLE_BY_KEY
from tests.conftest import PROJECT
from training.models import ModelVersion


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2, 3])
def test_each_test_that_commits_begins_with_what_the_migrations_made(
    turn: int, member_client: Client
) -> None:
    assert set(Group.objects.values_list("name", flat=True)) == {
        "member",
        "curator",
        "administrator",
    }
    assert User.objects.count() == 1
    assert ContentType.objects.get_for_model(User) == ContentType.objects.get(
        app_label="auth", model="user"
    )
    assert ModelVersion.objects.active().name
    example = EXAMPLE_BY_KEY["kepler-10-b"]
    sent = {"mission": str(example.mission), **example.values}
    assert member_client.post("/predict", sent, "application/json").status_code == 200
    ModelVersion.objects.update(is_active=False)
    Group.objects.all().delete()
    ContentType.objects.all().delete()


def test_a_server_that_a_test_starts_is_enough_to_be_one_that_commits(
    request: pytest.FixtureRequest, live_server: LiveServer
) -> None:
    marker = request.node.get_closest_marker("django_db")
    assert marker and marker.kwargs == {"transaction": True, "serialized_rollback": True}
    assert ModelVersion.objects.active().name


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_so_does_one_after_a_browser_has_started(turn: int, chromium: Browser) -> None:
    assert Group.objects.count() == 3
    assert ModelVersion.objects.active().name
    Group.objects.all().delete()


@pytest.mark.django_db
def test_so_does_one_that_does_not_commit() -> None:
    assert Group.objects.count() == 3
    assert ModelVersion.objects.active().name


@pytest.mark.slow
def test_one_that_does_not_commit_may_come_after_one_that_does() -> None:
    """pytest-django puts it before, but only within one file where files are dealt out to several
    processes."""
    options = ["--numprocesses=1", "--dist=loadfile", "--quiet", "-m", "not browser and not slow"]
    command = [
        sys.executable,
        "-m",
        "pytest",
        *options,
        __file__,
        "tests/training/accounts/test_create_token.py",
    ]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
