"""A site filled with a small simulated example."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from pytest_django import Settings

from predictions.demo.services import demo_fill
from training import simulated
from training.ml.schema import Mission

MACHINERY = ("django_q", "admin", "sessions")  # queue, audit trail, who is signed in


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    few = {Mission.KEPLER: 90, Mission.TESS: 80, Mission.K2: 60}
    monkeypatch.setattr(simulated, "SIGNALS", few)
    settings.TRAINING_THREADS = 1


@pytest.fixture
def filled(administrator: User) -> User:
    demo_fill(administrator)
    return administrator


def rows() -> dict[str, int]:
    models = [model for model in apps.get_models() if model._meta.app_label not in MACHINERY]
    assert len(models) > 15
    return {model._meta.label: model._default_manager.count() for model in models}
