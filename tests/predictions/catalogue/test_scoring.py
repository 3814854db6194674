"""Honest scores of every signal, by each version in its turn."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from django_q.models import OrmQ

from predictions.batch_tasks import clean_up
from predictions.catalogue.derived.deriving import rows_of_signals
from predictions.catalogue.models import CatalogueTable, Score, Signal
from predictions.catalogue.scoring import scores_make
from tests.predictions.catalogue.conftest import Fill
from training.ml.answers import hash_key
from training.ml.schema import Mission
from training.models import ModelVersion
from training.versions.services import model_version_activate, model_version_create

pytestmark = pytest.mark.django_db


def test_each_signal_gets_the_version_s_own_answer(catalogue: CatalogueTable) -> None:
    version = ModelVersion.objects.active()
    signal = Signal.objects.first()
    assert signal is not None
    own = version.classifier.predict(rows_of_signals([signal]))
    assert signal.planet_score == pytest.approx(float(own.planet_score[0]), abs=1e-9)
    assert (signal.scored_by, signal.basis) == (version, "unseen")
    score = signal.scores.get()
    assert sum(score.probabilities.values()) == pytest.approx(1)
    assert set(score.set_members) <= set(score.probabilities)
    assert scores_make() == 0  # nothing waits any more


def test_what_it_learnt_from_is_answered_by_what_had_not_seen_it(
    catalogue: CatalogueTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the signal's name, though its inputs are not those of the training any more."""
    signals = list(Signal.objects.order_by("pk")[:2])
    classifier = ModelVersion.objects.active().classifier
    held_out = classifier.held_out
    learnt, stars = held_out.signals.copy(), held_out.stars.copy()
    learnt[5] = hash_key(f"Kepler {signals[0].listed_name}")
    stars[5] = hash_key(signals[0].star_key)
    monkeypatch.setattr(classifier, "held_out", replace(held_out, signals=learnt, stars=stars))
    Signal.objects.update(scored_by=None)
    assert scores_make() == catalogue.signals
    first, other = (Signal.objects.get(pk=signal.pk) for signal in signals)
    said = first.scores.get()
    assert said.basis == "out of fold"
    assert list(said.probabilities.values()) == pytest.approx(held_out.probabilities[5].tolist())
    assert other.basis == "unseen"


def test_scores_of_earlier_versions_stay(catalogue: CatalogueTable) -> None:
    first = ModelVersion.objects.active()
    second = model_version_create(first.classifier, origin=ModelVersion.Origin.COMMAND)
    model_version_activate(second)
    assert scores_make() == catalogue.signals
    assert Score.objects.filter(version=first).count() == catalogue.signals
    assert set(Signal.objects.values_list("scored_by", flat=True)) == {second.pk}
    model_version_activate(first)
    assert scores_make() == catalogue.signals
    assert Score.objects.count() == 2 * catalogue.signals


@pytest.mark.django_db(transaction=True)
def test_an_activation_asks_for_new_scores(fill: Fill, koi: pd.DataFrame) -> None:
    first = ModelVersion.objects.active()
    second = model_version_create(first.classifier, origin=ModelVersion.Origin.COMMAND)
    model_version_activate(second)
    assert not OrmQ.objects.exists()  # an empty catalogue has nothing to score
    fill(koi, "koi.csv", Mission.KEPLER)
    model_version_activate(first)
    tasks = [task.func() for task in OrmQ.objects.all()]
    assert tasks == ["predictions.catalogue.tasks.score_signals"]


def test_the_janitor_scores_what_was_left(fill: Fill, koi: pd.DataFrame) -> None:
    fill(koi)
    clean_up()
    assert not Signal.objects.filter(scored_by=None).exists()


def test_without_a_version_in_service_nothing_is_scored(fill: Fill, koi: pd.DataFrame) -> None:
    fill(koi)
    ModelVersion.objects.update(is_active=False)
    assert scores_make() == 0
