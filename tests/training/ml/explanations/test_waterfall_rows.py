"""The bars of a waterfall that have a name tell more than those that have none; its axis."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.simulator import simulate, write_csv
from tests.training.ml.explanations.parts import part
from training.ml.evaluation.famous import FAMOUS
from training.ml.explanations.explain import answer_and_explain
from training.ml.explanations.explanation import OTHER, Explanation
from training.ml.explanations.waterfall import Bar, waterfall_axis, waterfall_bars
from training.ml.inputs import parse_signal
from training.ml.model import ExoplanetClassifier
from training.ml.schema import NUMERIC_NAMES, Disposition, Mission
from training.ml.signal_rows import SignalRows
from training.ml.tables.data_loader import read_signals


def explanation_of(*contributions: float) -> Explanation:
    parts = tuple(
        part(name, 1.0, size)
        for name, size in zip(NUMERIC_NAMES[: len(contributions)], contributions, strict=True)
    )
    return Explanation(Disposition.CONFIRMED, -1.0, -1.0 + sum(contributions), parts, [])


def lengths(bars: list[Bar]) -> dict[str, float]:
    return {bar.label: abs(bar.end - bar.start) for bar in bars[1:-1]}


def check(explanation: Explanation) -> bool:
    """Whether anything is folded; what is, is not the largest bar."""
    found = lengths(waterfall_bars(explanation))
    folded = [size for label, size in found.items() if label.endswith(OTHER)]
    assert not folded or folded[0] < max(found.values())
    return bool(folded)


def test_as_many_bars_as_the_others_need_to_be_small() -> None:
    few = explanation_of(1.0, *[0.3] * 9, *[0.05] * 6)
    assert len(waterfall_bars(few)) == 2 + 10 + 1
    many = explanation_of(1.0, *[0.3] * 9, *[0.2] * 12)
    assert len(waterfall_bars(many)) == 2 + 18 + 1  # 0.8 are left to four
    assert lengths(waterfall_bars(many))["4 other inputs"] == pytest.approx(0.8)


def test_the_others_are_never_the_largest_bar_of_a_famous_signal(
    bundled_classifier: ExoplanetClassifier,
) -> None:
    signals = [parse_signal(dict(values)) for values in FAMOUS.values()]
    folded = [check(answer_and_explain(bundled_classifier, signal)[1]) for signal in signals]
    assert len(folded) == 10 and all(folded)


@pytest.mark.parametrize("mission", [Mission.KEPLER, Mission.TESS, Mission.K2])
def test_nor_of_a_row_of_a_table(
    bundled_classifier: ExoplanetClassifier, mission: Mission, tmp_path: Path
) -> None:
    table = read_signals(write_csv(simulate(mission, 70, seed=5), tmp_path / "table.csv"))
    rows = SignalRows.of_frame(table.frame)
    folded = [
        check(answer_and_explain(bundled_classifier, rows.take(np.array([row])))[1])
        for row in range(len(rows))
    ]
    assert len(folded) >= 67 and any(folded)


def test_the_axis_has_a_few_round_numbers_where_the_bars_have_them() -> None:
    explanation = explanation_of(3.1, -0.6, 0.2)  # −1 to 2.1
    ticks = waterfall_axis(explanation)
    assert [tick.text for tick in ticks] == ["−1", "0", "1", "2"]
    first, *_ = waterfall_bars(explanation)
    assert first.start == -1 and first.x0 == ticks[0].x
    assert all(2 <= tick.x <= 98 for tick in ticks)
    assert [tick.text for tick in waterfall_axis(explanation_of(0.21, 0.1))] == [
        "−1.0",
        "−0.9",
        "−0.8",
        "−0.7",
    ]
    assert [tick.x for tick in waterfall_axis(explanation_of(0.0))] == [50]
