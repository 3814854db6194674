"""What the pages of model versions show."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from training.ml.evaluation.compare import Change, Comparison
from training.runs.models import TrainingRun
from training.versions.comparison import signal_names
from training.versions.models import ModelVersion

CHANGES_SHOWN = 100


@dataclass(frozen=True)
class NamedChange:
    change: Change
    name: str


def comparison_context(comparison: Comparison) -> dict[str, Any]:
    shown = comparison.changes[:CHANGES_SHOWN]
    names = signal_names({change.key for change in shown})
    return {
        "comparison": comparison,
        "changes": [
            NamedChange(change, names.get(change.key, f"signal {change.key:016x}"))
            for change in shown
        ],
        "groups": [
            ("All missions" if name == "pooled" else name, fs)
            for name, fs in comparison.groups.items()
        ],
    }


def reproduce_command(version: ModelVersion) -> str:
    """The command that trains the same classifier from the same files,
    here or wherever these are."""
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
    parts = [f"python manage.py training_run start {' '.join(map(str, datasets))}", "--wait"]
    if not run.parameters.get("masking", True):
        parts.append("--no-masking")
    if rounds := run.parameters.get("rounds"):
        parts.append(f"--rounds {rounds}")
    return parts


def _train_parts(tables: Sequence[Mapping[str, Any]]) -> list[str]:
    files = [
        (table["mission"].lower(), shlex.quote(table["file"] or "FILE"))
        for table in tables
        if table["mission"]
    ]
    return ["python manage.py train_model", *(f"--{mission} {file}" for mission, file in files)]


def mission_blocks(version: ModelVersion) -> list[tuple[str, Mapping[str, Any]]]:
    """The test stars' figures, all columns: pooled, then per mission."""
    blocks = version.metrics.get("test", {}).get("all", {})
    ordered = sorted(blocks, key=lambda name: name != "pooled")
    return [("All missions" if name == "pooled" else name, blocks[name]) for name in ordered]
