"""What people classify, compared with what the version in service was trained on.

Only counts per tenth of the training values are kept. They are gathered in the process's memory and
written from time to time and when the process ends, so that a prediction does not wait for the
database; a killed process loses a few.
"""

from __future__ import annotations

import atexit
import multiprocessing.util
import os
import threading
import time
from collections import Counter
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from django.db import Error, transaction
from django.utils import timezone

from training.ml.evaluation.drift import POOLED, Shift, count_bins_of, reference_group, shifts
from training.ml.signal_rows import Harmonised, SignalRows, rows_of
from training.versions.models import InputCount, ModelVersion

WRITE_SIGNALS: Final = 200
WRITE_SECONDS: Final = 20.0
WINDOW_DAYS: Final = 30
KEPT_DAYS: Final = 400

_lock = threading.Lock()
_waiting: dict[int, list[Harmonised]] = {}  # by version
_signals: Counter[int] = Counter()  # how many these are
_last_written = time.monotonic()
_flushed_by: int | None = None  # the process whose end writes the rest


def inputs_count(version: ModelVersion, signals: Harmonised) -> None:
    """Count harmonised signals, now or soon. Never raises:
    a prediction matters more than a count."""
    with _lock:
        _write_at_the_end()
        _waiting.setdefault(version.pk, []).append(signals)
        _signals[version.pk] += len(signals)
        enough = _signals[version.pk] >= WRITE_SIGNALS
        due = time.monotonic() - _last_written >= WRITE_SECONDS
    if enough or due:
        input_counts_write()


def _write_at_the_end() -> None:
    """Once in each process: a forked child has exits of its own, and one of multiprocessing passes
    atexit by."""
    global _flushed_by
    if _flushed_by != os.getpid():
        _flushed_by = os.getpid()
        atexit.register(input_counts_write)
        multiprocessing.util.Finalize(None, input_counts_write, exitpriority=10)


def input_counts_forget() -> None:
    """Drop what has been gathered in this process and not been written."""
    with _lock:
        _waiting.clear()
        _signals.clear()


def input_counts_write() -> None:
    """Write what has been gathered in this process."""
    global _last_written
    if not _waiting:
        return
    with _lock:
        batch, _last_written = dict(_waiting), time.monotonic()
        _waiting.clear()
        _signals.clear()
    try:
        with transaction.atomic():
            for version in ModelVersion.objects.filter(pk__in=batch):
                _add(version, SignalRows.stack([*map(rows_of, batch[version.pk])]))
    except Error:
        return  # statistics only; the next ones will do


def _add(version: ModelVersion, signals: SignalRows) -> None:
    profile = version.metadata.get("profile")
    if not profile:
        return
    for mission in sorted(set(signals["mission"])):
        own = signals.take(np.flatnonzero(signals["mission"] == mission))
        row, _ = InputCount.objects.select_for_update().get_or_create(
            model_version=version, day=timezone.now().date(), mission=str(mission)
        )
        counted = count_bins_of(own, profile[reference_group(profile, str(mission))])
        sums = {
            name: (np.asarray(row.counts.get(name, 0)) + added).tolist()
            for name, added in counted.items()
        }
        InputCount.objects.filter(pk=row.pk).update(
            signals=row.signals + len(own), counts=row.counts | sums
        )


def input_shifts(
    version: ModelVersion, days: int = WINDOW_DAYS
) -> dict[str, tuple[int, list[Shift]]]:
    """Per mission: how many signals were classified in the last days, and the shift of each
    feature."""
    profile = version.metadata.get("profile") or {}
    found: dict[str, tuple[int, list[Shift]]] = {}
    for mission in _missions(version, days):
        rows = _rows(version, days).filter(mission=mission)
        sums: Counter[str] = Counter()
        totals: dict[str, Any] = {}
        for row in rows:
            sums[mission] += row.signals
            for name, counts in row.counts.items():
                totals[name] = np.asarray(counts) + totals.get(name, 0)
        group = profile.get(reference_group(profile, mission), profile.get(POOLED, {}))
        found[mission] = (sums[mission], shifts(group, totals))
    return found


def _rows(version: ModelVersion, days: int) -> Any:
    since: date = timezone.now().date() - timedelta(days=days)
    return InputCount.objects.filter(model_version=version, day__gte=since)


def _missions(version: ModelVersion, days: int) -> list[str]:
    return sorted(set(_rows(version, days).values_list("mission", flat=True)))


def input_counts_clean_up() -> None:
    InputCount.objects.filter(day__lt=timezone.now().date() - timedelta(days=KEPT_DAYS)).delete()
