"""The audit trail, in Django's own LogEntry: who did what to a dataset, a training run or a model version."""

from __future__ import annotations

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth.models import User
from django.db.models import Model

__all__ = ["ADDITION", "CHANGE", "DELETION", "record"]


def record(user: User | None, subject: Model, message: str, action: int = CHANGE) -> None:
    """Write down who did what. The trail is about people: a first start and a command without --user have none."""
    if user is not None:
        LogEntry.objects.log_actions(user.pk, [subject], action, change_message=message, single_object=True)
