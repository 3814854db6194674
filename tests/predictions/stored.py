"""Signals and stored predictions for the tests of pages."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User

from predictions.models import Prediction
from predictions.pages.examples import EXAMPLE_BY_KEY
from predictions.signals.services import prediction_create, signal_classify
from training.ml.inputs import parse_signal


def typed(key: str = "kepler-10-b", **changes: str) -> dict[str, str]:
    """What somebody types into the form for a known signal."""
    example = EXAMPLE_BY_KEY[key]
    texts = {name: str(value) for name, value in example.values.items()}
    return {"mission": str(example.mission), "identifier": example.identifier, **texts, **changes}


def stored(user: User, key: str = "kepler-10-b", **facts: Any) -> Prediction:
    """A prediction by the version in service, as the form would store it."""
    example = EXAMPLE_BY_KEY[key]
    raw = {"mission": str(example.mission), **example.values}
    rows = parse_signal(raw)
    facts = {"identifier": example.identifier, **facts}
    shared = facts.pop("shared", False)
    prediction = prediction_create(user=user, raw=raw, verdict=signal_classify(rows), **facts)
    if shared:
        Prediction.objects.filter(pk=prediction.pk).update(shared=True)
        prediction.refresh_from_db()
    return prediction
