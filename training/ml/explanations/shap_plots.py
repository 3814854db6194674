"""What a classifier looks at, drawn by ``shap.plots``: a beeswarm per disposition, and how the
contribution of each of the most important inputs depends on its value.

Only a training's own process draws: ``import shap`` costs seconds and 85 MB, and pyplot is neither
thread-safe nor small. Both are therefore imported inside the functions.
"""

from __future__ import annotations

import io
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from training.ml.explanations.explain import Quantities, unit_of
from training.ml.features import label_of
from training.ml.model import ExoplanetClassifier
from training.ml.schema import DISPOSITIONS
from training.ml.signal_rows import Floats, rows_of

if TYPE_CHECKING:
    import shap

SAMPLE: Final = 400
"""Signals that are drawn: enough to see the shape, and seconds to compute."""
SHOWN: Final = 12
DEPENDENCES: Final = 10
SECONDS: Final = 120.0
DECADES: Final = 2.0  # values that spread over more are drawn on a logarithmic axis
WIDTH, HEIGHT, DPI = 7.0, 4.2, 110


@dataclass(frozen=True)
class ShapPlot:
    key: str  # for addresses and file names
    kind: str  # beeswarm or dependence
    title: str
    words: str  # what the picture shows, for who does not see it
    png: bytes


def draw(
    classifier: ExoplanetClassifier,
    frame: pd.DataFrame,
    *,
    seed: int = 0,
    seconds: float = SECONDS,
) -> list[ShapPlot]:
    """Plots of at most ``SAMPLE`` harmonised signals of ``frame``, drawn with ``seed``.

    After ``seconds`` no further plot is begun: there are then fewer of them.
    """
    import matplotlib

    matplotlib.use("Agg")  # a training has no screen
    deadline = time.monotonic() + seconds
    sample = frame.sample(min(SAMPLE, len(frame)), random_state=seed)
    explanations = explanations_of(classifier, sample)
    plots = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of shap: a column without any value has no colours
        for plot in _plots(explanations):
            plots.append(plot)
            if time.monotonic() > deadline:
                break
    return plots


def explanations_of(
    classifier: ExoplanetClassifier, frame: pd.DataFrame
) -> dict[str, shap.Explanation]:
    """Per disposition, the contributions of n signals as shap itself would hand them out.

    Values are log-odds of shape (n, quantities), data the quantities in the units people see.
    """
    import shap

    quantities = Quantities(classifier, rows_of(frame))
    every = np.arange(len(frame))
    data, names = quantities.plain_values(), [_axis_label(name) for name in quantities.names]
    found = {}
    for number, disposition in enumerate(DISPOSITIONS):
        base, values = quantities.contributions(number, every)
        found[str(disposition)] = shap.Explanation(values, base, data, feature_names=names)
    return found


def _axis_label(name: str) -> str:
    unit = unit_of(name)
    return f"{label_of(name)} ({unit})" if unit else label_of(name)


def _plots(explanations: dict[str, shap.Explanation]) -> Iterator[ShapPlot]:
    for disposition, explanation in explanations.items():
        yield _beeswarm(disposition, explanation)
    weight = sum(np.abs(one.values).mean(axis=0) for one in explanations.values())
    confirmed = explanations[str(DISPOSITIONS[0])]
    drawable = [k for k in np.argsort(-weight) if np.isfinite(confirmed.data[:, k]).any()]
    for place, k in enumerate(drawable[:DEPENDENCES], 1):
        yield _dependence(place, confirmed[:, int(k)])


def _beeswarm(disposition: str, explanation: shap.Explanation) -> ShapPlot:
    import shap

    order = np.argsort(-np.abs(explanation.values).mean(axis=0))[:3]
    most = ", ".join(explanation.feature_names[k] for k in order)
    shap.plots.beeswarm(explanation, max_display=SHOWN, show=False, plot_size=(WIDTH + 1.5, 5.2))
    return ShapPlot(
        key=f"beeswarm-{disposition.lower().replace(' ', '-')}",
        kind="beeswarm",
        title=f"What speaks for and against {disposition}",
        words=(
            f"SHAP values of {len(explanation.values)} signals for {disposition}, one dot each,"
            f" one line an input. Most weight have {most}."
        ),
        png=_png(f"Contribution to {disposition} (log-odds)"),
    )


def _dependence(place: int, explanation: shap.Explanation) -> ShapPlot:
    import matplotlib.pyplot as plt
    import shap

    name = str(explanation.feature_names)
    _, axes = plt.subplots(figsize=(WIDTH, HEIGHT))
    shap.plots.scatter(explanation, ax=axes, show=False, color="#1f6f8b", hist=False)
    low, high = np.nanquantile(explanation.data, [0.01, 0.99])
    if low > 0 and np.log10(high / low) > DECADES:
        axes.set_xscale("log")
        axes.set_xlim(low / 1.2, high * 1.2)
    elif high > low:
        margin = 0.04 * (high - low)
        axes.set_xlim(low - margin, high + margin)
    axes.set_ylabel(f"Contribution to {DISPOSITIONS[0]} (log-odds)")
    return ShapPlot(
        key=f"dependence-{place}",
        kind="dependence",
        title=name,
        words=_trend(name, explanation.data, explanation.values),
        png=_png(),
    )


def _trend(name: str, values: Floats, contributions: Floats) -> str:
    """The plot in a sentence: what small and large values mean."""
    known = np.isfinite(values)
    values, contributions = values[known], contributions[known]
    low, high = np.quantile(values, [0.25, 0.75])
    small, large = contributions[values <= low].mean(), contributions[values >= high].mean()
    return (
        f"{name}: up to {low:.4g} it adds {small:+.2f} to {DISPOSITIONS[0]} on average, from"
        f" {high:.4g} on {large:+.2f}."
    )


def _png(label: str = "") -> bytes:
    import matplotlib.pyplot as plt

    figure: Any = plt.gcf()
    if label:
        figure.axes[0].set_xlabel(label)
    content = io.BytesIO()
    # Without a date inside, one training draws one file.
    figure.savefig(content, format="png", dpi=DPI, bbox_inches="tight", metadata={"Software": ""})
    plt.close(figure)
    return content.getvalue()
