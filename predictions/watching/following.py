"""The catalogue has changed: somebody looks what that means for whom."""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction
from django_q.tasks import async_task

from predictions.catalogue.following import catalogue_changed
from predictions.watching.deliveries import QUEUE
from predictions.watching.models import Watch

LOOK: Final = "predictions.watching.tasks.look"


def connect() -> None:
    catalogue_changed.connect(look_ask, dispatch_uid="watching")


def look_ask(**kwargs: Any) -> None:
    if Watch.objects.exists():
        transaction.on_commit(lambda: async_task(LOOK, cluster=QUEUE))
