"""What the pages of this app show, computed here so that templates hold words and structure only."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any

from training.figures import significant_text
from training.ml.compare import Change, Comparison
from training.models import Dataset, ModelVersion, TrainingRun
from training.services_versions import signal_names

SHIFTS_DRAWN = 6
CHANGES_SHOWN = 100
BALANCE_WORDS = {"smote": "SMOTE", "weights": "class weights", "none": "nothing done about them"}
_PLOT_WIDTH, _PLOT_HEIGHT, _PLOT_BASE = 300, 96, 78


def duration_words(duration: timedelta | None) -> str:
    """ "3 min 20 s", as people say it; empty where unknown."""
    if duration is None:
        return ""
    seconds = max(0, round(duration.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s" if minutes < 10 and seconds else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


# --- Datasets --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShiftPlot:
    """Shares per tenth of the training values: before as a line, now as bars."""

    facts: Mapping[str, Any]
    bars: list[dict[str, float]]
    line: str
    low: str
    high: str
    shares: list[dict[str, str]]


def shift_plots(shifts: Iterable[Mapping[str, Any]]) -> list[ShiftPlot]:
    """The largest shifts that are worth a look."""
    return [_shift_plot(shift) for shift in shifts if shift["size"] != "none"][:SHIFTS_DRAWN]


def _shift_plot(shift: Mapping[str, Any]) -> ShiftPlot:
    found, expected, edges = shift["found"], shift["expected"], shift["edges"]
    scale, width = _PLOT_BASE / max(*found, *expected), _PLOT_WIDTH / len(found)
    bars = [
        {"x": round(k * width + 2, 1), "y": round(_PLOT_BASE - share * scale, 1), "width": round(width - 4, 1),
         "height": round(share * scale, 1)}
        for k, share in enumerate(found)
    ]  # fmt: skip
    line = " ".join(
        f"{k * width:.1f},{_PLOT_BASE - share * scale:.1f} {(k + 1) * width:.1f},{_PLOT_BASE - share * scale:.1f}"
        for k, share in enumerate(expected)
    )
    return ShiftPlot(shift, bars, line, significant_text(edges[0]), significant_text(edges[-1]), _shares(shift))


def _shares(shift: Mapping[str, Any]) -> list[dict[str, str]]:
    edges = [significant_text(edge) for edge in shift["edges"]]
    bounds = [
        f"up to {edges[0]}",
        *(f"{a} to {b}" for a, b in pairwise(edges)),
        f"over {edges[-1]}",
    ]
    return [
        {"range": bound, "expected": f"{100 * before:.0f} %", "found": f"{100 * now:.0f} %"}
        for bound, before, now in zip(bounds, shift["expected"], shift["found"], strict=True)
    ]


def dataset_facts(dataset: Dataset) -> dict[str, Any]:
    report = dataset.report or {}
    shifts = report.get("shifts", [])
    return {
        "dataset": dataset,
        "report": report,
        "plots": shift_plots(shifts),
        "shifts": shifts,
        "size_words": f"{dataset.size / 1e6:,.1f} MB",
        "dispositions": ("CONFIRMED", "CANDIDATE", "FALSE POSITIVE", "no disposition"),
    }


# --- Training runs ---------------------------------------------------------------------------------------------------


def run_facts(run: TrainingRun) -> dict[str, Any]:
    return {
        "run": run,
        "percent": round(100 * run.progress),
        "elapsed": duration_words(run.duration),
        "remaining": duration_words(run.remaining),
        "balance": BALANCE_WORDS.get(run.parameters.get("balance", ""), ""),
        "log": [(duration_words(timedelta(seconds=seconds)), sentence) for seconds, sentence in run.log],
    }


# --- Model versions --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NamedChange:
    change: Change
    name: str


def comparison_facts(comparison: Comparison) -> dict[str, Any]:
    shown = comparison.changes[:CHANGES_SHOWN]
    names = signal_names({change.key for change in shown})
    return {
        "comparison": comparison,
        "changes": [NamedChange(change, names.get(change.key, f"signal {change.key:016x}")) for change in shown],
        "groups": [("All missions" if name == "pooled" else name, fs) for name, fs in comparison.groups.items()],
    }


def reproduce_command(version: ModelVersion) -> str:
    """The command that trains the same classifier from the same files, here or wherever these are."""
    run: TrainingRun | None = getattr(version, "training_run", None)
    parts = _retrain_parts(run) if run else _train_parts(version.metadata.get("tables", []))
    parts.append(f"--seed {version.metadata.get('seed', 0)}")
    if (balance := version.metadata.get("parameters", {}).get("balance", "smote")) != "smote":
        parts.append(f"--balance {balance}")
    if tried := version.metadata.get("search", {}).get("tried"):
        parts.append(f"--search {tried}")  # as many as there was time for
    return " \\\n    ".join(parts)


def _retrain_parts(run: TrainingRun) -> list[str]:
    datasets = run.datasets.order_by("created_at", "pk").values_list("pk", flat=True)
    parts = [f"python manage.py retrain {' '.join(map(str, datasets))}", "--wait"]
    if not run.parameters.get("masking", True):
        parts.append("--no-masking")
    if rounds := run.parameters.get("rounds"):
        parts.append(f"--rounds {rounds}")
    return parts


def _train_parts(tables: Sequence[Mapping[str, Any]]) -> list[str]:
    files = [(table["mission"].lower(), shlex.quote(table["file"] or "FILE")) for table in tables if table["mission"]]
    return ["python manage.py train_model", *(f"--{mission} {file}" for mission, file in files)]


def mission_blocks(version: ModelVersion) -> list[tuple[str, Mapping[str, Any]]]:
    """The test stars' figures, all columns: pooled, then per mission."""
    blocks = version.metrics.get("test", {}).get("all", {})
    ordered = sorted(blocks, key=lambda name: name != "pooled")
    return [("All missions" if name == "pooled" else name, blocks[name]) for name in ordered]
