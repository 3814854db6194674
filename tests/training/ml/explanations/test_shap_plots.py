"""What shap.plots makes of a classifier."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from training.ml.explanations.shap_plots import draw, explanations_of
from training.ml.model import ExoplanetClassifier
from training.ml.schema import DISPOSITIONS
from training.ml.tables.signal_table import SignalTable

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def frame(simulated_tables: Sequence[SignalTable]) -> pd.DataFrame:
    return pd.concat([table.frame.head(25) for table in simulated_tables], ignore_index=True)


def test_a_beeswarm_per_disposition_and_ten_dependences(
    tiny_classifier: ExoplanetClassifier, frame: pd.DataFrame
) -> None:
    plots = draw(tiny_classifier, frame, seed=1)
    assert [plot.key for plot in plots] == [
        "beeswarm-confirmed",
        "beeswarm-candidate",
        "beeswarm-false-positive",
        *(f"dependence-{k}" for k in range(1, 11)),
    ]
    assert all(plot.png.startswith(PNG) for plot in plots)
    assert len({plot.png for plot in plots}) == len(plots)
    assert "75 signals for CONFIRMED" in plots[0].words
    assert len({plot.title for plot in plots[3:]}) == 10


def test_they_show_the_classifiers_own_contributions(
    tiny_classifier: ExoplanetClassifier, frame: pd.DataFrame
) -> None:
    matrix = tiny_classifier.matrix(frame)
    found = explanations_of(tiny_classifier, frame)
    assert list(found) == [str(disposition) for disposition in DISPOSITIONS]
    for number, explanation in enumerate(found.values()):
        evidence = tiny_classifier.contributions(matrix, number).sum(axis=1)
        shown = explanation.values.sum(axis=1) + explanation.base_values
        np.testing.assert_allclose(shown, evidence, atol=1e-9)
        period = list(explanation.feature_names).index("Orbital period (days)")
        np.testing.assert_allclose(explanation.data[:, period], frame["orbital_period"])


def test_when_time_is_up_no_further_plot_is_begun(
    tiny_classifier: ExoplanetClassifier, frame: pd.DataFrame
) -> None:
    assert len(draw(tiny_classifier, frame, seconds=0)) == 1
