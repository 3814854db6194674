"""The headline figures of all versions, in the order in which they were made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from training.figures import figure_text
from training.versions.models import ModelVersion
from training.versions.serializers import headline

FigureName = Literal["accuracy", "macro_f1", "roc_auc", "calibration_error"]
FIGURES: Final[tuple[tuple[FigureName, str], ...]] = (
    ("accuracy", "Accuracy"),
    ("macro_f1", "Macro-F1"),
    ("roc_auc", "ROC-AUC"),
    ("calibration_error", "Calibration error"),
)
LEFT, RIGHT, TOP, BOTTOM = 60.0, 585.0, 15.0, 165.0
NOISE: Final = 2.0  # standard deviations between the folds of a cross-validation


@dataclass(frozen=True)
class Band:
    """Where the figure of a version as good as this one may come to lie by chance."""

    low: float
    high: float


def figures_context(
    versions: Sequence[ModelVersion], chosen: Sequence[ModelVersion] = ()
) -> dict[str, Any]:
    """``versions`` with the newest first, as lists have them; ``chosen`` of them are drawn, or all
    where none is."""
    judged = [v for v in reversed(chosen or versions) if headline(v)["accuracy"] is not None]
    return {
        "chosen": chosen,
        "rows": [
            {
                "version": v,
                "figures": [headline(v)[name] for name, _ in FIGURES],
                "is_chosen": v in chosen,
            }
            for v in versions
        ],
        "headings": [label for _, label in FIGURES],
        "plots": [_plot(name, label, judged) for name, label in FIGURES] if judged else [],
    }


def _plot(name: FigureName, label: str, versions: Sequence[ModelVersion]) -> dict[str, Any]:
    known = [(v, value) for v in versions if (value := headline(v)[name]) is not None]
    band = next((_band(v, name) for v, _ in known if v.is_active), None)
    low, high = _range([value for _, value in known], band)
    step = (RIGHT - LEFT) / max(1, len(known))

    def y(value: float) -> str:
        return f"{BOTTOM - (BOTTOM - TOP) * (value - low) / (high - low):.1f}"

    dots = [
        {
            "x": f"{LEFT + step * (place + 0.5):.1f}",
            "y": y(value),
            "version": version,
            "text": figure_text(value),
        }
        for place, (version, value) in enumerate(known)
    ]
    return {
        "label": label,
        "title": _finding(name, label, known),
        "dots": dots,
        "band": band
        and {"y": y(band.high), "height": f"{float(y(band.low)) - float(y(band.high)):.1f}"},
        "ticks": [{"y": y(value), "text": figure_text(value)} for value in (low, high)],
        "words": "; ".join(f"{version.titled}: {figure_text(value)}" for version, value in known),
    }


def _range(values: Sequence[float], band: Band | None) -> tuple[float, float]:
    """What is drawn, with a margin; never nothing."""
    ends = [*values, *((band.low, band.high) if band else ())] or [0.0, 1.0]
    margin = max(0.005, 0.1 * (max(ends) - min(ends)))
    return max(0.0, min(ends) - margin), min(1.0, max(ends) + margin)


def _band(version: ModelVersion, name: FigureName) -> Band | None:
    spread = version.metrics.get("fold_spread", {}).get("pooled", {}).get(name)
    value = headline(version)[name]
    if spread is None or value is None:
        return None
    return Band(max(0.0, value - NOISE * spread["std"]), min(1.0, value + NOISE * spread["std"]))


def _finding(name: FigureName, label: str, known: Sequence[tuple[ModelVersion, float]]) -> str:
    """What the plot shows, in a sentence."""
    if len(known) < 2:
        return f"{label} of one version"
    values = [value for _, value in known]
    lower = name == "calibration_error"
    best = min(values) if lower else max(values)
    version = next(v for v, value in known if value == best)
    word = "lowest" if lower else "highest"
    return f"{label} is {word} in {version.title or version.name}: {figure_text(best)}"
