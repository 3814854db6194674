"""What the queue calls."""

from __future__ import annotations

from training.datasets import drafts
from training.datasets import services as services_datasets
from training.runs import process as run_process
from training.runs import services as services_runs
from training.versions import comparison
from training.versions import drift as services_drift


def execute_training_run(run_id: int) -> None:
    run_process.training_run_supervise(run_id)


def fetch_dataset(dataset_id: int) -> None:
    services_datasets.dataset_fetch_execute(dataset_id)


def clean_up() -> None:
    """Every minute, see the migration 0004."""
    services_datasets.datasets_clean_up()
    drafts.drafts_clean_up()
    services_drift.input_counts_clean_up()
    services_runs.training_runs_clean_up()
    comparison.comparison_keep_next()
