"""Signals as rows, alone and many, against scikit-learn's own steps on frames: to the last bit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.pipeline import Pipeline

from training.ml.answering.steps import encoded_matrix
from training.ml.explanations.explain import answer_and_explain, explain
from training.ml.inputs import parse_values
from training.ml.model import ExoplanetClassifier
from training.ml.schema import BANDS, FEATURE_BY_NAME, FEATURE_NAMES, NUMERIC_NAMES, Mission
from training.ml.signal_rows import CATEGORIES, FRAME_COLUMNS, SignalRows
from training.ml.tables.data_loader import SignalTable, read_signals

TABLES = (
    "archive/cumulative_2025.10.04.csv",
    "archive/TOI_2025.10.04.csv",
    "archive/k2pandc_2025.10.04_default_columns.csv",
    "all_columns/cumulative_2025.10.04_94_columns.csv.gz",
    "all_columns/TOI_2025.10.01_87_columns.csv",
    "all_columns/k2pandc_sample_295_columns.csv",
)


def through_scikit_learn(pipeline: Pipeline, frame: pd.DataFrame) -> np.ndarray[Any, Any]:
    """What scikit-learn's own imputers, scaler and encoder make of a frame."""
    steps = pipeline.named_steps
    derived = steps["sparse"].transform(steps["derive"].transform(frame))
    matrix: np.ndarray[Any, Any] = steps["encode"].columns_.transform(derived)
    return matrix


def row_by_row(classifier: ExoplanetClassifier, frame: pd.DataFrame) -> np.ndarray[Any, Any]:
    """What becomes of each row alone, from a dict as the API reads it."""
    records = frame.astype(object).where(frame.notna(), None).to_dict("records")
    values = [
        {str(name): value for name, value in record.items() if value is not None}
        for record in records
    ]
    return np.vstack([classifier.matrix(SignalRows.of_values(one)) for one in values])


def test_every_row_of_simulated_tables(
    tiny_classifier: ExoplanetClassifier, simulated_tables: Sequence[SignalTable]
) -> None:
    for table in simulated_tables:
        expected = through_scikit_learn(tiny_classifier.pipeline, table.frame)
        assert len(expected) > 50
        np.testing.assert_array_equal(row_by_row(tiny_classifier, table.frame), expected)
        np.testing.assert_array_equal(tiny_classifier.matrix(table.frame), expected)


@pytest.mark.shared_data
@pytest.mark.parametrize("name", TABLES)
def test_every_row_of_the_real_tables(
    name: str, bundled_classifier: ExoplanetClassifier, shared_data: Path
) -> None:
    frame = read_signals(shared_data / name).frame
    expected = through_scikit_learn(bundled_classifier.pipeline, frame)
    assert len(expected) > 300
    np.testing.assert_array_equal(row_by_row(bundled_classifier, frame), expected)
    np.testing.assert_array_equal(encoded_matrix(bundled_classifier.pipeline, frame), expected)


def _number(name: str) -> st.SearchStrategy[float | None]:
    feature = FEATURE_BY_NAME[name]
    edges = st.sampled_from([feature.low, feature.high, 0.0, -1.0, 5e-324, 1e308])
    return st.none() | st.floats(feature.low, feature.high) | edges


SIGNALS = st.fixed_dictionaries(
    {name: _number(name) for name in NUMERIC_NAMES},
    optional={
        "mission": st.sampled_from([*map(str, Mission), "Roman", "", "kepler"]),
        "magnitude_band": st.sampled_from([*BANDS, "Ks", ""]),
    },
)


@settings(max_examples=150, deadline=None)
@given(signal=SIGNALS)
def test_missing_values_and_unknown_categories(
    bundled_classifier: ExoplanetClassifier, signal: dict[str, Any]
) -> None:
    values = {name: value for name, value in signal.items() if value is not None}
    frame = pd.DataFrame([{name: values.get(name, math.nan) for name in NUMERIC_NAMES}])
    for name in CATEGORIES:
        frame[name] = pd.Series([values.get(name)], dtype="str")
    with np.errstate(over="ignore"):
        expected = through_scikit_learn(bundled_classifier.pipeline, frame[list(FRAME_COLUMNS)])
        found = bundled_classifier.matrix(SignalRows.of_values(values))
    np.testing.assert_array_equal(found, expected)


def test_a_row_and_its_frame_get_the_same_answer(
    bundled_classifier: ExoplanetClassifier, simulated_tables: Sequence[SignalTable]
) -> None:
    frame = simulated_tables[0].frame.head(20)
    together = bundled_classifier.predict(frame)
    for at in range(len(frame)):
        one = frame.iloc[[at]].reset_index(drop=True)
        rows = SignalRows.of_frame(one)
        answer, explanation = answer_and_explain(bundled_classifier, rows)
        np.testing.assert_array_equal(answer.probabilities[0], together.probabilities[at])
        np.testing.assert_array_equal(answer.prediction_sets[0], together.prediction_sets[at])
        assert explanation == explain(bundled_classifier, one)
        assert bundled_classifier.missing(rows)[0] == [
            n for n in FEATURE_NAMES if pd.isna(one[n].item())
        ]
        assert bundled_classifier.warnings(rows) == bundled_classifier.warnings(one)


def test_rows_become_the_frame_that_they_came_from(simulated_tables: Sequence[SignalTable]) -> None:
    for table in simulated_tables:
        pd.testing.assert_frame_equal(SignalRows.of_frame(table.frame).frame(), table.frame)
        halves = [
            SignalRows.of_frame(table.frame).take(part) for part in (slice(0, 7), slice(7, None))
        ]
        pd.testing.assert_frame_equal(SignalRows.stack(halves).frame(), table.frame)


def test_values_become_one_row() -> None:
    signal = {"mission": "TESS", "orbital_period": 3, "transit_duration": 2, "transit_depth": 900}
    rows = SignalRows.of_values(parse_values(signal))
    assert (len(rows), rows["mission"][0], rows["orbital_period"][0]) == (1, "TESS", 3.0)
    assert np.isnan(rows["stellar_teff"][0])
