"""The queues: what may take how long, and which of them has something to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Self

from django.conf import settings
from django.db.models.functions import Now
from django_q.brokers.orm import ORM
from django_q.models import OrmQ

from training.background.waiting import nap


@dataclass(frozen=True)
class Queue:
    """Seconds: a task is ended after `timeout`, and given to another worker after `retry`."""

    name: str
    workers: int
    timeout: int
    retry: int

    @classmethod
    def named(cls, name: str) -> Self:
        facts = settings.Q_CLUSTER | settings.Q_CLUSTER["ALT_CLUSTERS"].get(name, {})
        return cls(name, facts["workers"], facts["timeout"], facts["retry"])


COMPANIONS: Final[Mapping[str, str]] = {"curves": "batches", "watching": "batches"}
"""A queue that whoever works at another one serves as well, with processes of its own: a light
curve and news wait for no table, nor batches for somebody's server that does not answer, and nobody
has to start one more worker for it."""


def queue_names() -> list[str]:
    """Those that a worker may be started for."""
    every = [settings.Q_CLUSTER["cluster_name"], *settings.Q_CLUSTER["ALT_CLUSTERS"]]
    return [name for name in every if name not in COMPANIONS]


def with_companions(names: Iterable[str]) -> list[str]:
    chosen = list(names)
    return [*chosen, *(name for name, other in COMPANIONS.items() if other in chosen)]


def queues_waiting(names: Iterable[str]) -> set[str]:
    """Those of the named queues that have a task which nobody has taken."""
    tasks = OrmQ.objects.filter(key__in=names, lock__lt=Now())
    return set(tasks.values_list("key", flat=True))


class QueueBroker(ORM):
    """django-q2's queue in the database, for a worker that serves more than one of them.

    Times are the database's, as all signs of life are: a host whose clock is behind would not see
    the tasks of another, and one whose clock is ahead would take them twice.
    """

    def timeout(self, task: OrmQ) -> Any:
        return Now() + timedelta(seconds=Queue.named(task.key).retry)

    def enqueue(self, task: str) -> int:
        key = self.list_key or settings.Q_CLUSTER["cluster_name"]
        created = self.get_connection().create(key=key, payload=task, lock=Now())
        return int(created.pk)

    def dequeue(self) -> list[tuple[int, str]] | None:
        """The next task, taken; where there is none, None after a second."""
        free = self.get_connection().filter(key=self.list_key, lock__lt=Now())
        task = free.order_by("pk").first()
        if task is None:
            nap(settings.Q_CLUSTER["poll"])
            return None
        # Another worker may have been faster: then none is taken.
        taken = free.filter(pk=task.pk).update(lock=self.timeout(task))
        return [(task.pk, task.payload)] if taken else []
