"""What the queue calls."""

from __future__ import annotations

from training import run_process, services_datasets, services_drift, services_runs


def execute_training_run(run_id: int) -> None:
    run_process.training_run_supervise(run_id)


def fetch_dataset(dataset_id: int) -> None:
    services_datasets.dataset_fetch_execute(dataset_id)


def clean_up() -> None:
    """Every minute, see the migration 0004."""
    services_datasets.datasets_clean_up()
    services_drift.input_counts_clean_up()
    services_runs.training_runs_clean_up()
