"""What the pages of training runs show."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from training.confirmations import Confirmation
from training.figures import duration_words
from training.runs.course import Course, seconds_left
from training.runs.models import TrainingRun
from training.runs.services import seconds_expected

BALANCE_WORDS = {"smote": "SMOTE", "weights": "class weights", "none": "nothing done about them"}


EARLIER_RUNS: Final = 5


def run_context(run: TrainingRun) -> dict[str, Any]:
    remaining, share = _outlook(run)
    return {
        "run": run,
        "percent": min(99, round(100 * share)) if run.is_open else 100,
        "elapsed": duration_words(run.duration),
        "remaining": duration_words(remaining),
        "balance": BALANCE_WORDS.get(run.parameters.get("balance", ""), ""),
        "log": [
            (duration_words(timedelta(seconds=seconds)), sentence) for seconds, sentence in run.log
        ],
    }


def _outlook(run: TrainingRun) -> tuple[timedelta | None, float]:
    """What is left of its time, and the share of it that has passed."""
    if run.status != TrainingRun.Status.RUNNING or run.duration is None:
        return None, run.progress
    if not run.log:
        return run.remaining, run.progress
    elapsed = run.duration.total_seconds()
    left = seconds_left(run.log, elapsed, _course(run))
    if left is None:
        return run.remaining, run.progress
    return timedelta(seconds=left), elapsed / max(elapsed + left, 1e-6)


def _course(run: TrainingRun) -> Course:
    done = TrainingRun.objects.filter(status=TrainingRun.Status.SUCCEEDED).exclude(log=[])
    alike = [
        other
        for other in done.only("log", "parameters", "started_at", "finished_at")[:20]
        if bool(other.parameters.get("search_trials")) == bool(run.parameters.get("search_trials"))
    ]
    signals = sum(run.datasets.values_list("signals", flat=True))
    return Course.of(
        [(r.log, r.duration.total_seconds()) for r in alike[:EARLIER_RUNS] if r.duration],
        seconds_expected(signals, run.parameters),
    )


def cancel_asked(run: TrainingRun) -> Confirmation:
    share = _outlook(run)[1]
    done = f" The {round(100 * share)} % that is done is lost." if share >= 0.01 else ""
    return Confirmation(
        question="Cancel this training?",
        about=str(run),
        address=run.get_absolute_url(),
        changes=[f"It stops within seconds and makes no version.{done}"],
        stays=["Its datasets, and the version in service."],
        undo="Start it again from the beginning: the same datasets and seed give the same.",
        button="Cancel the training",
        keep="Let it go on",
    )
