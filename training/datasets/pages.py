"""What the pages of datasets show."""

from __future__ import annotations

from typing import Any

from django.template.defaultfilters import filesizeformat

from training.datasets.models import Dataset
from training.datasets.shift_plots import shift_plots


def dataset_context(dataset: Dataset) -> dict[str, Any]:
    report = dataset.report or {}
    shifts = report.get("shifts", [])
    return {
        "dataset": dataset,
        "report": report,
        "plots": shift_plots(shifts),
        "shifts": shifts,
        "size_words": filesizeformat(dataset.size),
        "dispositions": ("CONFIRMED", "CANDIDATE", "FALSE POSITIVE", "no disposition"),
    }
