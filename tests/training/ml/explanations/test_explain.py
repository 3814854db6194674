from __future__ import annotations

import io
import itertools
import math
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.known_signals import KEPLER_10_B
from tests.training.ml.explanations.parts import part
from training.ml.answering.boosters import candidate_booster
from training.ml.evaluation import measures
from training.ml.explanations import explain
from training.ml.explanations.explain import (
    Contribution,
    Explanation,
    explain_batch,
    quantity_names,
    top,
    unit_of,
    waterfall_bars,
    waterfall_png,
)
from training.ml.explanations.explanation import OTHER
from training.ml.explanations.waterfall import DARK, LIGHT, Colours, title, waterfall_figure
from training.ml.features import DERIVED
from training.ml.given import Regime, reduce_to
from training.ml.inputs import parse_signal
from training.ml.model import ExoplanetClassifier
from training.ml.numbers import readable, signed
from training.ml.schema import DISPOSITIONS, FEATURES, NUMERIC_NAMES
from training.ml.tables.data_loader import read_signals
from training.ml.tables.signal_table import SignalTable

CONFIRMED, CANDIDATE, FALSE_POSITIVE = DISPOSITIONS


@pytest.fixture(scope="module")
def frame(simulated_tables: Sequence[SignalTable]) -> pd.DataFrame:
    """Signals of three missions, each also with fewer inputs."""
    some = pd.concat([table.frame.head(60) for table in simulated_tables], ignore_index=True)
    return pd.concat([reduce_to(some, regime) for regime in Regime], ignore_index=True)


def explanation_of(*parts: Contribution, base: float = -1.0) -> Explanation:
    total = base + sum(p.contribution for p in parts)
    return Explanation(
        CONFIRMED,
        base,
        total,
        tuple(sorted(parts, key=lambda p: -abs(p.contribution))),
        ["Because."],
    )


# --- contributions --------------------------------------------------------------------------------


def test_contributions_add_up_to_the_raw_score_of_the_predicted_disposition(
    tiny_classifier: ExoplanetClassifier, frame: pd.DataFrame
) -> None:
    answers, matrix = tiny_classifier.predict(frame), tiny_classifier.matrix(frame)
    numbers = answers.numbers.copy()
    numbers[::9] = measures.CANDIDATE  # so tiny a classifier hardly ever names one
    for row in range(0, len(frame), 3):
        named = np.eye(len(DISPOSITIONS))[[numbers[row]]]
        answer = replace(answers.take(np.array([row])), probabilities=named)
        explanation = explain.explain(tiny_classifier, frame.iloc[[row]], answer)
        assert explanation.disposition == DISPOSITIONS[numbers[row]]
        total = explanation.base_value + sum(p.contribution for p in explanation.contributions)
        assert explanation.raw_score == pytest.approx(total, abs=1e-12)
        evidence = tiny_classifier.contributions(matrix[[row]], int(numbers[row])).sum()
        assert explanation.raw_score == pytest.approx(evidence, abs=1e-9)
        sizes = [abs(p.contribution) for p in explanation.contributions]
        assert sizes == sorted(sizes, reverse=True)
        assert 1 <= len(explanation.sentences) <= 6
    assert set(numbers[::3]) == {0, 1, 2}


def test_an_answer_that_is_known_already_changes_nothing(
    tiny_classifier: ExoplanetClassifier, frame: pd.DataFrame
) -> None:
    row = frame.iloc[[1]]
    assert explain.explain(tiny_classifier, row, tiny_classifier.predict(row)) == explain.explain(
        tiny_classifier, row
    )


def test_one_row_at_a_time(tiny_classifier: ExoplanetClassifier, frame: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="one signal, not 2"):
        explain.explain(tiny_classifier, frame.head(2))


def test_the_trees_of_candidate_alone_give_the_very_contributions_of_all_trees(
    tiny_classifier: ExoplanetClassifier, frame: pd.DataFrame
) -> None:
    matrix, boosters = tiny_classifier.matrix(frame), tiny_classifier.boosters
    flat: Any = boosters.dispositions_.predict(
        matrix, pred_contrib=True, num_iteration=boosters.used_rounds_, num_threads=1
    )
    whole = flat.reshape(len(frame), len(DISPOSITIONS), -1)
    booster, rounds = boosters.evidence(measures.CANDIDATE)
    alone = booster.predict(matrix, pred_contrib=True, num_iteration=rounds, num_threads=1)
    assert np.array_equal(np.asarray(alone), whole[:, measures.CANDIDATE])
    assert candidate_booster(boosters.dispositions_) is candidate_booster(
        boosters.dispositions_
    )  # made once


@pytest.mark.parametrize("disposition", range(len(DISPOSITIONS)))
def test_a_signal_alone_has_the_contributions_that_it_has_among_others(
    tiny_classifier: ExoplanetClassifier, frame: pd.DataFrame, disposition: int
) -> None:
    matrix, boosters = tiny_classifier.matrix(frame), tiny_classifier.boosters
    together = boosters.contributions(matrix, disposition)
    assert len(together) > 1
    for row in range(len(matrix)):
        for threads in (1, 2):
            alone = boosters.contributions(matrix[[row]], disposition, threads=threads)
            np.testing.assert_array_equal(alone[0], together[row])


def test_the_evidence_for_a_planet_is_the_planet_score_before_calibration(
    tiny_classifier: ExoplanetClassifier, frame: pd.DataFrame
) -> None:
    matrix, raw = tiny_classifier.matrix(frame), tiny_classifier.raw_scores(frame)
    evidence = tiny_classifier.contributions(matrix, measures.CONFIRMED).sum(axis=1)
    assert evidence == pytest.approx(
        raw[:, measures.CONFIRMED] - raw[:, measures.FALSE_POSITIVE], abs=1e-9
    )
    assert np.array_equal(
        tiny_classifier.contributions(matrix, measures.FALSE_POSITIVE),
        -tiny_classifier.contributions(matrix, measures.CONFIRMED),
    )


def assert_equal_to_shap(classifier: ExoplanetClassifier, frame: pd.DataFrame) -> None:
    import shap  # only here: it costs seconds

    assert len(frame) >= 50
    matrix, columns = classifier.matrix(frame), np.array(classifier.columns)
    boosters, width = classifier.boosters, len(columns)
    planet = shap.TreeExplainer(boosters.planet_)(matrix)
    whole = shap.TreeExplainer(boosters.dispositions_)(matrix)
    full = shap.TreeExplainer(boosters.full_)(matrix) if getattr(boosters, "full_", None) else whole
    rows, shares = boosters.shared(matrix)
    share = np.zeros(len(frame))
    share[rows] = shares[:, 0]
    for row in range(len(frame)):
        explanation = explain.explain(classifier, frame.iloc[[row]])
        sign = -1 if explanation.disposition == DISPOSITIONS[measures.FALSE_POSITIVE] else 1
        values, base = sign * planet.values[row], sign * planet.base_values[row]
        if explanation.disposition == DISPOSITIONS[measures.CANDIDATE]:
            values, base = (
                share[row] * part[0] + (1 - share[row]) * part[1]
                for part in (
                    [of.values[row, :, measures.CANDIDATE] for of in (full, whole)],
                    [of.base_values[row, measures.CANDIDATE] for of in (full, whole)],
                )
            )
        assert explanation.base_value == pytest.approx(base, abs=1e-6)
        for contribution in explanation.contributions:
            expected = values[:width][columns == contribution.feature].sum()
            assert contribution.contribution == pytest.approx(expected, abs=1e-6), (
                contribution.feature
            )


def test_contributions_are_the_shap_values(
    tiny_classifier: ExoplanetClassifier, frame: pd.DataFrame
) -> None:
    assert_equal_to_shap(tiny_classifier, frame.iloc[::4])


@pytest.mark.shared_data
def test_contributions_of_the_bundled_classifier_are_the_shap_values_on_real_signals(
    bundled_classifier: ExoplanetClassifier, shared_data: Path
) -> None:
    koi = read_signals(
        shared_data / "all_columns" / "cumulative_2025.10.04_94_columns.csv.gz"
    ).frame
    toi = read_signals(shared_data / "all_columns" / "TOI_2025.10.01_87_columns.csv").frame
    assert_equal_to_shap(
        bundled_classifier,
        pd.concat([koi.sample(40, random_state=1), toi.sample(30, random_state=1)]),
    )


def test_one_hot_columns_are_one_contribution(
    tiny_classifier: ExoplanetClassifier, frame: pd.DataFrame
) -> None:
    names = quantity_names(tiny_classifier)
    assert len(names) == len(set(names)) < len(tiny_classifier.columns)
    row = frame.iloc[[0]]
    explanation = explain.explain(tiny_classifier, row)
    assert sorted(p.feature for p in explanation.contributions) == sorted(names)
    number = DISPOSITIONS.index(explanation.disposition)
    found = tiny_classifier.contributions(tiny_classifier.matrix(row), number)[0, :-1]
    four = found[np.array(tiny_classifier.columns) == "mission"]
    assert len(four) == 4
    mission = next(p for p in explanation.contributions if p.feature == "mission")
    assert mission.contribution == pytest.approx(four.sum(), abs=1e-12)
    assert (mission.label, mission.unit, mission.value) == ("Mission", "", "Kepler")


def test_values_are_the_users_own_in_the_schemas_units(
    tiny_classifier: ExoplanetClassifier,
) -> None:
    explanation = explain.explain(tiny_classifier, parse_signal(KEPLER_10_B))
    shown = {p.feature: p for p in explanation.contributions}
    checked = 0
    for feature in FEATURES:
        if feature.name in shown:
            assert shown[feature.name].value == KEPLER_10_B.get(feature.name), feature.name
            assert (shown[feature.name].unit, shown[feature.name].label) == (
                feature.unit,
                feature.label,
            )
            checked += 1
    assert checked > 20
    # Derived quantities stand there as people say them, not as logarithms.
    assert shown["duty_cycle"].value == pytest.approx(9.01, abs=0.01)
    assert shown["duty_cycle"].unit == "%"
    assert shown["radius_from_depth"].value == pytest.approx(1.42, abs=0.001)
    assert shown["radius_from_depth"].unit == "Earth radii"
    assert (
        shown["radius_consistency"].label_text
        == "Catalogue radius over radius from depth = 0.997 ×"
    )
    # What is not given, and what follows from it, is missing and not zero.
    assert shown["transit_snr"].value is None
    assert shown["transit_snr"].label_text == "Transit signal-to-noise not given"
    assert shown["signal_to_noise"].value is None


def test_no_derived_quantity_is_shown_as_a_logarithm() -> None:
    assert len(DERIVED) > 20
    assert [feature.name for feature in DERIVED if "dex" in unit_of(feature.name)] == []


def test_two_explanations_of_one_row_are_equal_and_json_keeps_them(
    tiny_classifier: ExoplanetClassifier, frame: pd.DataFrame
) -> None:
    explanation = explain.explain(tiny_classifier, frame.iloc[[7]])
    assert explain.explain(tiny_classifier, frame.iloc[[7]]) == explanation
    stored = explanation.as_json()
    assert Explanation.from_json(str(explanation.disposition), stored) == explanation
    assert set(stored["contributions"][0]) == {"feature", "label", "unit", "value", "contribution"}


def test_small_contributions_are_folded_and_nothing_is_lost() -> None:
    parts = [part(name, 1.0, 0.5 / (k + 1)) for k, name in enumerate(NUMERIC_NAMES[:9])]
    explanation = explanation_of(*parts)
    folded = top(explanation, 3)
    assert [p.feature for p in folded] == [*NUMERIC_NAMES[:3], OTHER]
    assert folded[-1].label == "6 other inputs"
    assert folded[-1].label_text == "6 other inputs"
    assert sum(p.contribution for p in folded) == pytest.approx(
        explanation.raw_score - explanation.base_value
    )
    # One that would be folded alone has its own name.
    assert (
        top(explanation, 8)
        == top(explanation, 9)
        == top(explanation, 99)
        == explanation.contributions
    )


# --- many rows ------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", [1, 50, 1000])
def test_a_batch_says_what_single_explanations_say(
    tiny_classifier: ExoplanetClassifier,
    frame: pd.DataFrame,
    chunk: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(explain, "BATCH_ROWS", chunk)
    some = frame.iloc[::5]
    batch = explain_batch(tiny_classifier, some, 4)
    assert batch.features.shape == batch.values.shape == batch.contributions.shape == (len(some), 4)
    for row in range(len(some)):
        alone = explain.explain(tiny_classifier, some.iloc[[row]]).contributions[:4]
        assert batch.features[row].tolist() == [p.feature for p in alone]
        assert batch.contributions[row].tolist() == [p.contribution for p in alone]
        values = [p.value if isinstance(p.value, float) else math.nan for p in alone]
        assert np.array_equal(batch.values[row], values, equal_nan=True)


def test_a_batch_gives_columns_for_a_table(
    tiny_classifier: ExoplanetClassifier, frame: pd.DataFrame
) -> None:
    columns = explain_batch(tiny_classifier, frame.head(5), 2).columns()
    assert list(columns) == [
        "reason_1",
        "reason_1_value",
        "reason_1_contribution",
        "reason_2",
        "reason_2_value",
        "reason_2_contribution",
    ]
    assert (
        np.abs(columns["reason_1_contribution"]) >= np.abs(columns["reason_2_contribution"])
    ).all()
    assert len(pd.DataFrame(columns)) == 5


def test_a_batch_of_nothing_and_more_reasons_than_there_are(
    tiny_classifier: ExoplanetClassifier, frame: pd.DataFrame
) -> None:
    assert explain_batch(tiny_classifier, frame.head(0), 3).features.shape == (0, 3)
    names = quantity_names(tiny_classifier)
    assert explain_batch(tiny_classifier, frame.head(2), 10_000).features.shape == (2, len(names))
    with pytest.raises(ValueError, match="at least one"):
        explain_batch(tiny_classifier, frame, 0)


# --- cost -----------------------------------------------------------------------------------------


def test_an_explanation_asks_few_trees(bundled_classifier: ExoplanetClassifier) -> None:
    """Its cost grows with the trees of one booster: 250 of them take about 5 ms
    (``benchmarks.serve`` measures it)."""
    boosters = bundled_classifier.boosters
    for booster in (boosters.dispositions_, getattr(boosters, "full_", None)):
        assert booster is None or 0 < candidate_booster(booster).num_trees() <= 250
    assert 0 < boosters.planet_.num_trees() <= 250


def test_neither_shap_nor_pyplot_is_ever_imported() -> None:
    program = (
        "import sys; import training.ml.explanations.explain as e; heavy = {m.split('.')[0] for m"
        " in sys.modules};assert not heavy & {'shap', 'matplotlib'}, heavy;from"
        " training.ml.explanations.explain import Contribution, Explanation, waterfall_png;from"
        " training.ml.schema import Disposition;c = Contribution('orbital_period', 'Orbital"
        " period', 'days', 3.0, 1.0);assert waterfall_png(Explanation(Disposition.CONFIRMED, 0.0,"
        " 1.0, (c,), []));assert 'matplotlib.pyplot' not in sys.modules and 'shap' not in"
        " sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


# --- the waterfall --------------------------------------------------------------------------------


def test_bars_lead_from_the_average_signal_to_this_one(
    tiny_classifier: ExoplanetClassifier, frame: pd.DataFrame
) -> None:
    explanation = explain.explain(tiny_classifier, frame.iloc[[3]])
    bars = waterfall_bars(explanation, n=6)
    first, *steps, last = bars
    assert (first.label, first.direction, first.end) == (
        "Average signal",
        "start",
        explanation.base_value,
    )
    assert (last.label, last.direction, last.end) == ("This signal", "end", explanation.raw_score)
    assert len(steps) == 7
    assert steps[-1].label.endswith("other inputs")
    for above, below in itertools.pairwise(bars):
        assert above.end == pytest.approx(below.start)
    for bar in steps:
        assert bar.direction == ("for" if bar.end >= bar.start else "against")
        assert bar.contribution == signed(bar.end - bar.start)
        # The same numbers as the raw scores, on a scale of percent.
    span = (max(b.end for b in bars) - min(b.end for b in bars)) / (
        max(b.x1 for b in bars) - min(b.x0 for b in bars)
    )
    for bar in bars:
        assert 0 < bar.x0 <= bar.x1 < 100
        assert bar.width * span == pytest.approx(abs(bar.end - bar.start), abs=1e-3)


def test_a_bar_has_its_value_and_unit_beside_its_label() -> None:
    explanation = explanation_of(
        part("orbital_period", 3.52474859, 0.83),
        part("planet_radius", None, -0.25),
        part("duration_ratio", 2.1234, 0.1),
    )
    texts = [(bar.text, bar.contribution, bar.direction) for bar in waterfall_bars(explanation)]
    assert texts == [
        ("Average signal", "−1.00", "start"),
        ("Orbital period = 3.525 d", "+0.83", "for"),
        ("Planet radius not given", "−0.25", "against"),
        ("Observed over expected duration = 2.12 ×", "+0.10", "for"),
        ("This signal", "−0.32", "end"),
    ]


def test_an_explanation_that_moves_nothing_can_be_drawn() -> None:
    bars = waterfall_bars(explanation_of(part("orbital_period", 3.0, 0.0)))
    assert all(bar.x0 == bar.x1 == 50 for bar in bars)
    assert waterfall_png(explanation_of(part("orbital_period", 3.0, 0.0)))


def colour_of(hexadecimal: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(hexadecimal.removeprefix("#"))
    return red, green, blue


@pytest.mark.parametrize(("dark", "colours"), [(False, LIGHT), (True, DARK)])
def test_the_image_is_a_png_on_its_own_surface(
    tiny_classifier: ExoplanetClassifier, frame: pd.DataFrame, dark: bool, colours: Colours
) -> None:
    explanation = explain.explain(tiny_classifier, frame.iloc[[0]])
    image = Image.open(io.BytesIO(waterfall_png(explanation, dark=dark)))
    assert image.format == "PNG"
    assert image.width == 1350
    assert (
        image.info["Title"] == f"Why {explanation.disposition}: from the average signal to this one"
    )
    pixels = image.convert("RGB")
    assert pixels.getpixel((2, 2)) == colour_of(colours.surface)
    counts = {colour: count for count, colour in pixels.getcolors(100_000) or []}
    drawn = [colours.towards, colours.against]
    assert any(counts.get(colour_of(colour), 0) > 500 for colour in drawn)


@pytest.mark.parametrize("sign_of", [1, -1])
def test_no_text_is_clipped_or_lies_on_another(sign_of: int) -> None:
    longest = sorted(DERIVED, key=lambda feature: -len(feature.label))[:6]
    wide = [
        part(feature.name, value, sign_of * 0.3)
        for feature, value in zip(longest, [None, 1.234] * 3, strict=True)
    ]
    explanation = explanation_of(
        *wide, *(part(feature.name, 1.2, -1e-3) for feature in DERIVED[:8]), base=-123.45
    )
    figure = waterfall_figure(explanation)
    canvas = figure.bbox
    texts = [text for text in [*figure.texts, *figure.axes[0].texts] if text.get_text()]
    boxes = [text.get_window_extent() for text in texts]
    assert len(boxes) == 2 + 2 * len(waterfall_bars(explanation))
    for text, box in zip(texts, boxes, strict=True):
        inside = box.x0 >= 5 and box.y0 >= 5 and box.x1 <= canvas.x1 - 5 and box.y1 <= canvas.y1 - 5
        assert inside, text.get_text()
    for (first, a), (second, b) in itertools.combinations(zip(texts, boxes, strict=True), 2):
        assert not a.overlaps(b), (first.get_text(), second.get_text())


def luminance(colour: str) -> float:
    shares = [c / 255 for c in colour_of(colour)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_every_text_has_enough_contrast(colours: Colours) -> None:
    for text in (colours.text, colours.muted, colours.towards, colours.against):
        dim, bright = sorted([luminance(text), luminance(colours.surface)])
        assert (bright + 0.05) / (dim + 0.05) >= 4.5


def test_the_title_says_what_is_shown() -> None:
    assert title(explanation_of()) == "Why CONFIRMED: from the average signal to this one"


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.832, "+0.83"), (-0.25, "−0.25"), (0.001, "0.00"), (-0.004, "0.00"), (12, "+12.00")],
)
def test_a_contribution_has_its_sign(number: float, text: str) -> None:
    assert signed(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(3.52474859, "3.525"), (1123.4, "1,123"), (-0.5, "−0.5"), (2.8e-5, "2.8 × 10⁻⁵"), (0, "0")],
)
def test_values_are_readable(number: float, text: str) -> None:
    assert readable(number) == text
