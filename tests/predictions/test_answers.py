"""The answers beside the rows of a table: the numbers of `/predict`, whatever the chunks."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from predictions.answers import (
    ANSWER_COLUMNS,
    PROBABILITY_COLUMNS,
    chunk_csv,
    classify_chunk,
    free_names,
    header_csv,
    joined,
    joined_lists,
    pattern_names,
)
from predictions.signals.services import signal_classify
from training.ml.inputs import parse_signal
from training.ml.model import ExoplanetClassifier
from training.ml.schema import FEATURE_NAMES
from training.ml.signal_rows import SignalRows
from training.ml.tables.data_loader import open_table
from training.models import ModelVersion

# Rows of our own template. The third has a mission that nobody knows, the fourth a depth that is no
# number.
TABLE = """identifier,mission,orbital_period,transit_duration,transit_depth,planet_radius,stellar_teff,stellar_radius
KOI-72.01,Kepler,0.837495,1.811,152,1.416,5627,1.056
"a ""quoted"", name",TESS,3.52474, 3.1,14600,15.6,6117,1.19
x,Hubble,1,1,100,,,
y,K2,10.05,2.5,deep,2.1,,
z,tess,3.52474,3.1,14600,15.6,6117,1.19
"""  # noqa: E501 - a table's header


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(TABLE)
    return path


@pytest.fixture
def classifier(db: None) -> ExoplanetClassifier:
    return ModelVersion.objects.active().classifier


def answers_of(table: Path, classifier: ExoplanetClassifier, rows: int = 5_000) -> pd.DataFrame:
    chunks = [classify_chunk(chunk, classifier, "v") for chunk in open_table(table).chunks(rows)]
    return pd.concat(chunks, ignore_index=True)


def test_each_row_has_its_answer(table: Path, classifier: ExoplanetClassifier) -> None:
    answers = answers_of(table, classifier)
    assert tuple(answers.columns) == ANSWER_COLUMNS
    assert len(answers) == 5
    usable = answers.drop(index=2)
    assert np.allclose(usable[list(PROBABILITY_COLUMNS)].sum(axis=1), 1)
    assert (usable["model_version"] == "v").all()


def test_a_row_that_cannot_be_used_says_why_and_nothing_else(
    table: Path, classifier: ExoplanetClassifier
) -> None:
    unusable = answers_of(table, classifier).loc[2]
    assert ["Hubble" in warning for warning in unusable["warnings"]] == [True]
    assert all(
        pd.isna(value) if isinstance(value, float) else not value
        for value in unusable.drop("warnings")
    )


def test_what_is_wrong_with_a_row_stands_in_its_warnings(
    table: Path, classifier: ExoplanetClassifier
) -> None:
    row = answers_of(table, classifier).loc[3]
    assert "deep" in row["warnings"][0]
    assert "transit_depth" in row["missing_inputs"]


@pytest.mark.parametrize("rows", [1, 2, 3, 5])
def test_answers_do_not_depend_on_the_chunks(
    table: Path, classifier: ExoplanetClassifier, rows: int
) -> None:
    pd.testing.assert_frame_equal(
        answers_of(table, classifier, rows), answers_of(table, classifier)
    )


def test_a_row_gets_exactly_the_numbers_of_one_signal(
    table: Path, classifier: ExoplanetClassifier
) -> None:
    row = answers_of(table, classifier).loc[4]
    typed = {
        "mission": "TESS",
        "orbital_period": 3.52474,
        "transit_duration": 3.1,
        "transit_depth": 14600,
        "planet_radius": 15.6,
        "stellar_teff": 6117,
        "stellar_radius": 1.19,
        "signal_count": 1,
    }
    frame = open_table(table).table().frame.iloc[[3]].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        frame.drop(columns=["signal_count"]),
        parse_signal(typed).frame().drop(columns=["signal_count"]),
    )
    verdict = signal_classify(SignalRows.of_frame(frame), explain=False)
    assert row["predicted_disposition"] == verdict.disposition
    assert [row[name] for name in PROBABILITY_COLUMNS] == list(verdict.probabilities.values())
    assert row["planet_score"] == verdict.planet_score
    assert list(row["prediction_set"]) == [str(d) for d in verdict.prediction_set]
    assert list(row["missing_inputs"]) == verdict.missing
    assert list(row["warnings"]) == verdict.warnings


def test_missing_inputs_are_those_that_the_classifier_names(
    table: Path, classifier: ExoplanetClassifier
) -> None:
    whole = open_table(table).table()
    named = [tuple(names) for names in classifier.missing(whole.frame)]
    assert answers_of(table, classifier)["missing_inputs"].drop(index=2).tolist() == named


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_input_cells_stay_as_they_are(
    tmp_path: Path, classifier: ExoplanetClassifier, delimiter: str
) -> None:
    rows = list(csv.reader(io.StringIO(TABLE)))
    path = tmp_path / "table.csv"
    with path.open("w", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)  # with CRLF
    reader = open_table(path)
    text = header_csv(reader.columns, ANSWER_COLUMNS)
    text += "".join(
        chunk_csv(chunk, classify_chunk(chunk, classifier, "v")) for chunk in reader.chunks(2)
    )
    assert "\r" not in text
    written = list(csv.reader(io.StringIO(text)))
    assert [row[: len(rows[0])] for row in written] == rows
    assert written[0][len(rows[0]) :] == list(ANSWER_COLUMNS)
    assert {len(row) for row in written} == {len(rows[0]) + len(ANSWER_COLUMNS)}


masks = st.integers(1, 60).flatmap(
    lambda width: st.lists(
        st.lists(st.booleans(), min_size=width, max_size=width), min_size=1, max_size=20
    )
)


@given(masks)
def test_texts_of_patterns_are_those_of_each_row(mask: list[list[bool]]) -> None:
    names = [f"n{number}" for number in range(len(mask[0]))]
    expected = [
        tuple(name for name, holds in zip(names, row, strict=True) if holds) for row in mask
    ]
    assert pattern_names(np.array(mask), names).tolist() == expected


def test_every_name_has_its_place_in_a_pattern() -> None:
    found = pattern_names(np.eye(len(FEATURE_NAMES), dtype=bool), FEATURE_NAMES)
    assert found.tolist() == [(name,) for name in FEATURE_NAMES]


def test_a_bar_in_a_cell_is_kept(tmp_path: Path, classifier: ExoplanetClassifier) -> None:
    path = tmp_path / "table.csv"
    path.write_text(TABLE.replace("deep", "1|2"))
    answers = answers_of(path, classifier)
    (warning,) = [text for text in answers["warnings"].tolist()[3] if "1|2" in text]
    written = joined_lists(answers)["warnings"].tolist()[3]
    assert warning.replace("|", "\\|") in written
    assert joined(["a|b", "c\nd"]) == "a\\|b|c d"


@pytest.mark.parametrize(
    ("taken", "free"),
    [
        ([], {"a": "a", "b": "b"}),
        (["x"], {"a": "a", "b": "b"}),
        (["a"], {"a": "a_2", "b": "b"}),
        (["a", "a_2", "b"], {"a": "a_3", "b": "b_2"}),
    ],
)
def test_a_name_that_the_table_has_gets_a_number(taken: list[str], free: dict[str, str]) -> None:
    assert free_names(["a", "b"], taken) == free


def test_a_numbered_name_never_takes_another_new_one() -> None:
    assert free_names(["a", "a_2"], ["a"]) == {"a": "a_3", "a_2": "a_2"}
