"""The sign of life that a training gives while it works."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.db.models.functions import Now

from training.background.heartbeat import Heartbeat
from training.runs.models import TrainingRun
from training.runs.services import training_run_fail


def run_heartbeat(run_id: int, claim: str, is_stuck: Callable[[], bool]) -> Heartbeat:
    """Of a training, which is ended when it is no longer this process's own, or stuck."""

    def beat() -> bool:
        if is_stuck():
            training_run_fail(run_id, _stuck_reason(), claim=claim)
        return bool(TrainingRun.objects.owned(run_id, claim).update(heartbeat_at=Now()))

    return Heartbeat(beat)


def _stuck_reason() -> str:
    return (
        f"The training had got no further for {settings.TRAINING_STALL_MINUTES:g} minutes, so it"
        " was ended. Start it again; if it needs longer for one step, an administrator can raise"
        " TRAINING_STALL_MINUTES."
    )
