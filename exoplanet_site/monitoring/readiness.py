"""Whether the site can do its work: database, queue, classifier, disk. Each check says "ok" or what
is wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.db import Error, connection
from django.db.models import Min
from django.utils import timezone
from django_q.models import OrmQ

from training.ml.errors import UserError
from training.models import ModelVersion

OK: Final = "ok"


def queue_ages() -> dict[str, float]:
    """Seconds for which the oldest task of each queue has waited. A task that was taken is locked
    until later."""
    waiting = (
        OrmQ.objects.filter(lock__lte=timezone.now()).values_list("key").annotate(first=Min("lock"))
    )
    return {name: max(0.0, (timezone.now() - first).total_seconds()) for name, first in waiting}


def database_check() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return OK


def queue_check() -> str:
    """A training may wait for hours for another one; the queue for batches is looked at every
    second."""
    age = queue_ages().get("batches", 0.0)
    return (
        OK if age <= settings.READY_QUEUE_SECONDS else f"the oldest task has waited for {age:.0f} s"
    )


def artifact_check() -> str:
    try:
        return OK if ModelVersion.objects.active().classifier else "none"
    except ModelVersion.DoesNotExist:
        return "no version is in service"
    except (UserError, OSError):
        return "the classifier in service cannot be loaded"


def disk_check() -> str:
    free = shutil.disk_usage(settings.DATA_DIR).free / 1024**2
    return OK if free >= settings.READY_DISK_MB else f"{free:.0f} MB are free"


CHECKS: Final[dict[str, Callable[[], str]]] = {
    "database": database_check,
    "queue": queue_check,
    "artifact": artifact_check,
    "disk": disk_check,
}


def readiness() -> dict[str, str]:
    return {name: _outcome(check) for name, check in CHECKS.items()}


def _outcome(check: Callable[[], str]) -> str:
    try:
        return check()
    except Error:
        return "the database does not answer"
