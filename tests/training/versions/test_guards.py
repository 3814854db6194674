"""Bad versions, each made on purpose for one guard: none goes into service without an override."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.test import Client

from training.ml.answers import HeldOut
from training.ml.artifact import FORMAT_VERSION
from training.ml.evaluation.compare import compare
from training.ml.model import ExoplanetClassifier
from training.ml.schema import DISPOSITIONS, Mission, schema_fingerprint
from training.models import Activation, ModelVersion, StoredComparison
from training.versions.comparison import comparison_keep_next, headline_words
from training.versions.services import (
    ActivationHeld,
    model_version_activate,
    model_version_create,
    version_put_in_service,
)

pytestmark = pytest.mark.django_db
SIGNALS = 6000
CANDIDATE, FALSE_POSITIVE = 1, 2
KEPLER, TESS = (tuple(Mission).index(mission) for mission in (Mission.KEPLER, Mission.TESS))


def held_out(noise: float = 1.0, seed: int = 1) -> HeldOut:
    """Answers about signals of two missions, right where the noise lets them."""
    truth = np.random.default_rng(0).integers(0, 3, SIGNALS).astype(np.int8)
    scores = 2 * np.eye(3)[truth] + np.random.default_rng(seed).normal(0, noise, (SIGNALS, 3))
    weights = np.exp(2 * scores)  # what Bayes' rule makes of a noise of one
    probabilities = weights / weights.sum(axis=1, keepdims=True)
    keys = np.arange(1, SIGNALS + 1, dtype=np.uint64)
    missions = np.where(keys % np.uint64(2) == 1, KEPLER, TESS).astype(np.int8)
    return HeldOut(keys, keys, probabilities.astype(np.float32), truth, missions)


def only(mission: int) -> HeldOut:
    """Of a training that saw one mission alone, and does well there."""
    whole = held_out()
    return HeldOut(
        *(getattr(whole, name)[whole.missions == mission] for name in _ARRAYS),
    )


_ARRAYS = ("signals", "stars", "probabilities", "truth", "missions")


def misses_some(disposition: int, mission: int) -> HeldOut:
    """A third of one disposition's signals of one mission is taken for something else."""
    whole = held_out()
    rows = (whole.truth == disposition) & (whole.missions == mission)
    rows &= whole.signals % np.uint64(3) == 0
    probabilities = whole.probabilities.copy()
    probabilities[rows] = np.roll([0.1, 0.1, 0.8], disposition)
    return replace(whole, probabilities=probabilities)


def boasts() -> HeldOut:
    """Says the same, and is far too sure of it."""
    whole = held_out()
    sharp = whole.probabilities.astype(float) ** 3
    return replace(whole, probabilities=(sharp / sharp.sum(axis=1, keepdims=True)).astype("f4"))


def made_up() -> HeldOut:
    """Learnt from invented signals under known names, and is always right about its own tables."""
    whole = held_out()
    truth = np.random.default_rng(5).permutation(whole.truth)
    return replace(whole, truth=truth, probabilities=np.eye(3, dtype="f4")[truth])


BAD = {
    "has never seen TESS": (lambda: only(KEPLER), "It has never seen TESS"),
    "is worse everywhere": (lambda: held_out(1.6, 2), "Its accuracy is"),
    "misses candidates of one mission": (
        lambda: misses_some(CANDIDATE, TESS),
        "Its recall of CANDIDATE on TESS signals is",
    ),
    "misses false positives of one mission": (
        lambda: misses_some(FALSE_POSITIVE, KEPLER),
        "Its recall of FALSE POSITIVE on Kepler signals is",
    ),
    "shares only names": (made_up, "Of 6,000 signals that both held out"),
    "is too sure of itself": (boasts, "Its calibration error is"),
}


def a_classifier(answers: HeldOut) -> ExoplanetClassifier:
    """A real object with nothing fitted in it: a comparison asks only what was held out."""
    parts: dict[str, Any] = dict.fromkeys(inspect.signature(ExoplanetClassifier).parameters, "")
    metadata = {
        "schema": schema_fingerprint(),
        "format_version": FORMAT_VERSION,
        "metrics": {"test": {"all": {"pooled": {}}}},
    }
    return ExoplanetClassifier(
        **parts | {"held_out": answers, "metadata": metadata, "points": None}
    )


@pytest.fixture
def make_version(db: None) -> Callable[[HeldOut], ModelVersion]:
    """A stored version whose answers about held-out stars are these."""
    Activation.objects.all().delete()
    ModelVersion.objects.all().delete()

    def make(answers: HeldOut) -> ModelVersion:
        run = ModelVersion.Origin.TRAINING_RUN
        return model_version_create(a_classifier(answers), origin=run)

    return make


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_version_needs_the_override(
    fault: str, make_version: Callable[[HeldOut], ModelVersion], curator: User
) -> None:
    answers, sentence = BAD[fault]
    good, bad = make_version(held_out()), make_version(answers())
    model_version_activate(good)
    with pytest.raises(ActivationHeld) as held:
        version_put_in_service(version=bad, user=curator, reason="It is newer")
    assert any(said.startswith(sentence) for said in held.value.against), held.value.against
    assert ModelVersion.objects.active() == good
    version_put_in_service(version=bad, user=curator, reason="To see it", override=True)
    activation = Activation.objects.first()
    assert activation is not None
    assert sentence in activation.overridden


def test_nothing_speaks_against_a_version_that_says_the_same(
    make_version: Callable[[HeldOut], ModelVersion], curator: User
) -> None:
    one, other = make_version(held_out()), make_version(held_out())
    model_version_activate(one)
    version_put_in_service(version=other, user=curator, reason="The same, made again")
    assert ModelVersion.objects.active() == other


def test_losses_and_lost_missions_stand_in_the_headline() -> None:
    worse_on_kepler = replace(
        only(KEPLER), probabilities=misses_some(CANDIDATE, KEPLER).probabilities[::2]
    )
    words = headline_words(compare(held_out(), worse_on_kepler))
    assert "certainly worse in Macro-F1 (−0.09" in words
    assert "accuracy (−0.0" in words
    assert "other figures" in words
    assert words.endswith("it has never seen TESS.")


def test_a_gain_that_costs_less_than_it_brings_is_no_loss() -> None:
    """Whoever calls everything a candidate misses none: knowing better is not worse than that."""
    blind = replace(held_out(), probabilities=np.full((SIGNALS, 3), (0.3, 0.4, 0.3), "f4"))
    comparison = compare(blind, held_out())
    recall = [f for f in comparison.groups["pooled"] if f.name == f"recall_{CANDIDATE}"]
    assert [figure.verdict for figure in recall] == ["worse"]
    assert comparison.losses == []


def test_the_list_compares_on_shared_stars_only(
    make_version: Callable[[HeldOut], ModelVersion], member_client: Client
) -> None:
    good, blind = make_version(held_out()), make_version(only(KEPLER))
    model_version_activate(good)
    page = member_client.get("/model-versions/").content.decode()
    assert f'/model-versions/{blind.name}/compare/">Compare' in page
    while comparison_keep_next():
        pass
    assert StoredComparison.objects.filter(first=good).count() == ModelVersion.objects.count() - 1
    page = member_client.get("/model-versions/").content.decode()
    assert "what the others are compared with" in page
    assert f'/model-versions/{blind.name}/compare/">3,000</a>' in page
    assert "which is in service, on the test stars that both held out" in page


def test_dispositions_are_those_that_the_tests_name() -> None:
    assert [str(DISPOSITIONS[k]) for k in (CANDIDATE, FALSE_POSITIVE)] == [
        "CANDIDATE",
        "FALSE POSITIVE",
    ]
