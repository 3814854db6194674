"""Figures by how much is given, and what of them is said to fall short."""

from __future__ import annotations

import json
from typing import Any

from training.ml.evaluation.card_answers import (
    open_signals_section,
    shortfalls_section,
    subsets_section,
)
from training.ml.evaluation.shapes import OPEN_GROUPS
from training.ml.evaluation.subsets import (
    TITLES,
    band_rows,
    gap_sentences,
    open_sentences,
    shortfalls,
    subset_rows,
)


def block(confirmed: float, calibration_error: float = 0.01) -> dict[str, Any]:
    return {
        "signals": 1000,
        "coverage": {"CONFIRMED": confirmed, "CANDIDATE": 0.9, "FALSE POSITIVE": None},
        "mean_size": 1.2,
        "calibration_error": calibration_error,
        "planet_calibration_error": 0.02,
        "roc_auc": 0.95,
        "open": None,
    }


METRICS = {
    "subsets": {
        "three": {"Kepler": block(0.72, 0.05), "other": block(0.97)},
        "all": {"Kepler": block(0.9)},
        "random subsets, again": {"Kepler": block(0.1)},
    },
    "specialists": {"three": {"Kepler": 0.97}, "all": {"Kepler": 0.951}},
}
BACKTESTS = {
    "TESS": {
        "decided": 1071,
        "open": {
            "covered": 0.913,
            "single_right": 0.9,
            "bands": [{"lower": 0.2, "upper": 0.4, "signals": 60, "said": 0.31, "observed": 0.55}],
        },
    },
    "K2": {"decided": 5},
}


def test_figures_are_read_by_their_names() -> None:
    """JSON that is kept sorts them otherwise than the one who measured them."""
    opened = {"coverage": {"planet": 0.95, "false positive": 0.93}, "mean_size": 1.0}
    measured = {"all": {"TESS": block(0.9) | {"open": opened}, "Kepler": block(0.9)}}
    kept = json.loads(json.dumps({"three": measured["all"], **measured}, sort_keys=True))
    rows = subset_rows({"subsets": kept}, None)
    assert [row.name for row in rows[:2]] == ["Kepler, all columns", "TESS, all columns"]
    assert rows[1].open_coverage == (0.95, 0.93)
    assert OPEN_GROUPS == ("planet", "false positive")


def test_each_mission_has_a_row_for_each_amount_of_inputs() -> None:
    rows = subset_rows(METRICS, None)
    assert [row.name for row in rows] == [
        "Kepler, all columns",
        "Kepler, the needed three",
        "other, the needed three",
    ]
    assert rows[1].lacks is not None
    assert round(rows[1].lacks, 3) == 0.02
    assert subset_rows({}, None) == []
    assert [row.view for row in subset_rows(METRICS, {"subsets": {"six": {"K2": block(0.9)}}})] == [
        "six"
    ]


def test_what_misses_its_promise_is_said_in_words() -> None:
    said = shortfalls(subset_rows(METRICS, None))
    assert said[0] == (
        "Sets at 90 % hold the truth less often than promised in 1 case: Kepler, the needed three,"
        " CONFIRMED: 72 %."
    )
    assert "wider than they need be in 1 case: other, the needed three, CONFIRMED: 97 %" in said[1]
    assert "off by more than 0.03 on average in 1 case: Kepler, the needed three: 0.050" in said[2]
    assert "ranks better by over 0.01 in 1 case: Kepler, the needed three: 0.020" in said[3]
    assert shortfalls(subset_rows({"subsets": {"all": {"K2": block(0.9)}}}, None)) == []


def test_many_shortfalls_are_counted_and_the_worst_named() -> None:
    bad = {view: {"K2": block(0.5 + n / 100)} for n, view in enumerate([*TITLES][:9])}
    (said,) = shortfalls(subset_rows({"subsets": bad}, None))
    assert "in 9 cases: K2, all columns, CONFIRMED: 50 %;" in said
    assert said.endswith("and 5 more.")


def test_open_signals_have_figures_of_their_own() -> None:
    (said,) = open_sentences(BACKTESTS)
    assert said == (
        "TESS: of 1,071 signals that were open and have been decided since, the set at 90 % held"
        " what became of them in 91 %, and a single answer was right in 90 %."
    )
    assert band_rows(BACKTESTS) == [("TESS", "0.20–0.40", 60, 0.31, 0.55)]
    assert open_sentences(None) == []


def test_the_model_card_carries_them() -> None:
    metadata = {"metrics": METRICS}
    assert "## Where it falls short\n\n- Sets at 90 %" in shortfalls_section(metadata)
    assert "| the needed three | Kepler | 0.720 | 0.900 | – | 1.20 | 0.050 |" in subsets_section(
        metadata
    )
    assert "| TESS | 0.20–0.40 | 60 | 0.31 | 0.55 |" in open_signals_section(BACKTESTS)
    assert (
        shortfalls_section({"metrics": {}})
        == subsets_section({"metrics": {}})
        == open_signals_section({})
        == ""
    )


def test_gaps_that_tell_too_much_are_said() -> None:
    views = {
        "gaps of own disposition": {"TESS": 0.9542, "Kepler": 0.997},
        "gaps of another disposition": {"TESS": 0.9486, "Kepler": 0.9951},
    }
    (said,) = gap_sentences({"views": views})
    assert "(TESS: 0.0056)" in said
    assert gap_sentences({"views": {}}) == gap_sentences(None) == []
