from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from training.ml.answers import hash_inputs
from training.ml.model import ExoplanetClassifier
from training.ml.signal_rows import SignalRows, rows_of
from training.ml.tables.signal_table import SignalTable


def of(**inputs: float | str) -> int:
    return int(hash_inputs(SignalRows.of_values({"mission": "Kepler", **inputs}))[0])


def test_the_hash_of_inputs_tells_apart_what_differs() -> None:
    usual = of(orbital_period=3.5, transit_depth=100.0)
    assert usual == of(transit_depth=100.0, orbital_period=3.5)
    others = [
        of(orbital_period=100.0, transit_depth=3.5),
        of(orbital_period=3.5),
        of(orbital_period=np.nextafter(3.5, 4), transit_depth=100.0),
        of(orbital_period=3.5, transit_depth=100.0, impact_parameter=0.0),
        of(orbital_period=3.5, transit_depth=100.0, mission="TESS"),
        of(orbital_period=3.5, transit_depth=100.0, magnitude_band="G"),
    ]
    assert len({usual, *others}) == 7
    assert of(impact_parameter=0.0) == of(impact_parameter=-0.0)


def test_a_hash_does_not_depend_on_the_batch(simulated_tables: Sequence[SignalTable]) -> None:
    rows = rows_of(simulated_tables[0].frame)
    whole = hash_inputs(rows)
    assert len(np.unique(whole)) == len(rows)
    alone = [int(hash_inputs(rows.take(slice(k, k + 1)))[0]) for k in range(0, len(rows), 37)]
    assert alone == whole[::37].tolist()


def test_a_signal_that_was_learnt_from_is_answered_out_of_fold(
    simulated_tables: Sequence[SignalTable], tiny_classifier: ExoplanetClassifier
) -> None:
    frame = simulated_tables[0].frame[simulated_tables[0].dispositions.notna()]
    answers = tiny_classifier.predict(frame)
    assert answers.out_of_fold.all()
    kept = tiny_classifier.held_out
    assert kept.inputs is not None
    at = pd.Series(np.arange(len(kept.inputs)), kept.inputs)[hash_inputs(rows_of(frame))]
    np.testing.assert_array_equal(answers.probabilities, kept.probabilities[at].astype(float))
    np.testing.assert_array_equal(answers.prediction_sets, np.asarray(kept.prediction_sets)[at])
    np.testing.assert_array_equal(answers.planet_sets, np.asarray(kept.planet_sets)[at])


def test_with_other_inputs_it_is_answered_by_the_classifier(
    simulated_tables: Sequence[SignalTable], tiny_classifier: ExoplanetClassifier
) -> None:
    frame = simulated_tables[0].frame
    other = frame.assign(orbital_period=frame["orbital_period"] * 1.0001)
    answers = tiny_classifier.predict(other)
    assert not answers.out_of_fold.any()
    mixed = tiny_classifier.predict(pd.concat([frame, other], ignore_index=True))
    assert mixed.out_of_fold.tolist() == [True] * len(frame) + [False] * len(other)
    np.testing.assert_array_equal(mixed.probabilities[len(frame) :], answers.probabilities)
