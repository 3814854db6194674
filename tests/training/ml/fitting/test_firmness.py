"""Fragile verdicts and their accuracy: what is drawn, who answers it, how it is counted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tests.training.ml.conftest import TINY
from training.ml.explanations.draws import drawn_within, uncertain_inputs
from training.ml.fitting import again
from training.ml.fitting.again import OtherFolds, firmness_of
from training.ml.fitting.cross_validation import cross_validate
from training.ml.fitting.firmness import DRAWS, FirmnessProbe, firmness_figures
from training.ml.fitting.training_set import gather
from training.ml.model import ExoplanetClassifier
from training.ml.schema import NUMERIC_NAMES
from training.ml.tables.signal_table import SignalTable


def test_draws_move_what_is_uncertain_and_nothing_else() -> None:
    values = np.full(len(NUMERIC_NAMES), np.nan)
    at = {name: place for place, name in enumerate(NUMERIC_NAMES)}
    values[at["orbital_period"]], values[at["transit_depth"]] = 3.0, 1_000.0
    values[at["transit_depth_error"]] = 100.0
    assert uncertain_inputs(values) == ["transit_depth"]
    rows, names = drawn_within(values, 400, seed=1)
    assert names == ["transit_depth"] and rows.shape == (400, len(NUMERIC_NAMES))
    assert rows[:, at["transit_depth"]].std() == pytest.approx(100, rel=0.1)
    assert (rows[:, at["orbital_period"]] == 3).all()
    assert np.array_equal(rows, drawn_within(values, 400, seed=1)[0], equal_nan=True)
    assert len(drawn_within(np.full_like(values, np.nan), 5, seed=1)[0]) == 0


def test_verdicts_are_counted_by_how_many_draws_keep_them() -> None:
    kept = np.array([0.2, 0.5, 0.6, 0.89, 0.9, 0.99, 1.0, 1.0])
    right = np.array([0, 1, 0, 1, 1, 1, 1, 0], dtype=bool)
    found = firmness_figures(kept, right)
    assert [part["signals"] for part in found["bins"]] == [1, 2, 1, 2, 2]
    assert [part["accuracy"] for part in found["bins"]] == [0, 0.5, 1, 1, 0.5]
    assert (found["fragile"]["signals"], found["fragile"]["accuracy"]) == (4, 0.5)
    assert (found["firm"]["signals"], found["firm"]["accuracy"]) == (4, 0.75)
    assert firmness_figures(kept[:0], right[:0])["firm"]["accuracy"] is None


def test_only_boosters_that_never_saw_a_star_answer_its_draws(
    simulated_tables: Sequence[SignalTable],
) -> None:
    signals = gather(simulated_tables)
    probe = FirmnessProbe.of(signals, seed=3, most=60)
    asked: list[int] = []

    def ask(pipeline: object, held: np.ndarray) -> None:
        before = probe.raw.copy()
        probe.score(pipeline, held)
        changed = (probe.raw != before).any(axis=1).reshape(-1, DRAWS).any(axis=1)
        assert np.array_equal(probe.rows[changed], np.intersect1d(probe.rows, held))
        asked.append(len(held))

    found = cross_validate(signals, TINY, seed=3, threads=1, calibrate=False, ask=ask)
    assert sum(asked) == len(signals) and len(asked) == 5
    assert (probe.raw != 0).any(axis=1).all() and len(probe.rows) == 60
    assert found.fold.min() == 0


def test_a_training_measures_it(tiny_classifier: ExoplanetClassifier) -> None:
    found = tiny_classifier.metadata["metrics"]["firmness"]
    assert found["draws"] == DRAWS and found["signals"] > 300
    assert sum(part["signals"] for part in found["bins"]) == found["signals"]


def test_measured_again_it_is_the_same(
    tiny_classifier: ExoplanetClassifier,
    simulated_tables: Sequence[SignalTable],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    signals = gather(simulated_tables)
    assert (
        firmness_of(tiny_classifier, signals, threads=1)
        == (tiny_classifier.metadata["metrics"]["firmness"])
    )
    monkeypatch.setattr(again, "SAME", 0.001)  # less than folds that calibrate each other differ
    with pytest.raises(OtherFolds, match="answer otherwise"):
        firmness_of(tiny_classifier, signals, threads=1)
