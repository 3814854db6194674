"""What programs are told about datasets, training runs and model versions."""

from __future__ import annotations

from typing import Any

from training.models import Dataset, ModelVersion, TrainingRun


def _time(moment: Any) -> str | None:
    return moment.isoformat() if moment else None


def dataset_json(dataset: Dataset) -> dict[str, Any]:
    return {
        "id": dataset.pk,
        "name": dataset.name,
        "status": dataset.status,
        "stage": dataset.stage,
        "reason": dataset.reason,
        "source": dataset.source,
        "mission": dataset.mission,
        "rows": dataset.rows,
        "signals": dataset.signals,
        "sha256": dataset.sha256,
        "size": dataset.size,
        "created_at": _time(dataset.created_at),
        "archived_at": _time(dataset.archived_at),
    }


def run_json(run: TrainingRun) -> dict[str, Any]:
    return {
        "id": run.pk,
        "status": run.status,
        "reason": run.reason,
        "datasets": [dataset.pk for dataset in run.datasets.all()],
        "seed": run.seed,
        "parameters": run.parameters,
        "notes": run.notes,
        "stage": run.stage,
        "progress": run.progress,
        "folds": run.folds,
        "created_at": _time(run.created_at),
        "started_at": _time(run.started_at),
        "heartbeat_at": _time(run.heartbeat_at),
        "finished_at": _time(run.finished_at),
        "host": run.host,
        "pid": run.pid,
        "model_version": run.model_version.name if run.model_version else None,
    }


def headline(version: ModelVersion) -> dict[str, Any]:
    """The figures of the test stars, all columns, all missions; None where it was not evaluated."""
    block = version.metrics.get("test", {}).get("all", {}).get("pooled", {})
    return {name: block.get(name) for name in ("accuracy", "macro_f1", "roc_auc", "calibration_error")}


def version_json(version: ModelVersion) -> dict[str, Any]:
    return {
        "name": version.name,
        "origin": version.origin,
        "in_service": version.is_active,
        "created_at": _time(version.created_at),
        "activated_at": _time(version.activated_at),
        "sha256": version.sha256,
        "notes": version.notes,
        "tables": version.metadata.get("tables", []),
        "seed": version.metadata.get("seed"),
        "parameters": version.metadata.get("parameters", {}),
        "headline": headline(version),
    }
