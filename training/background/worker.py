"""The worker: looks at its queues every second, and forks a process where one has something to do.

Between two tasks it is a single small process. It loads no library that starts threads, so that
what it forks can load them.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import pydoc
import signal
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.context import ForkProcess
from pathlib import Path
from types import FrameType
from typing import Final

from django.db import Error, connections
from django_q.brokers import get_broker
from django_q.models import Schedule
from django_q.scheduler import scheduler

from training.background.labour import Timer, labour
from training.background.queues import Queue, queues_waiting
from training.background.stopping import stop_ask
from training.background.waiting import nap

LOOK_SECONDS: Final = 1.0
SCHEDULE_SECONDS: Final = 30.0
_fork: Final = multiprocessing.get_context("fork")

logger = logging.getLogger(__name__)


@dataclass
class Labourer:
    queue: Queue
    timer: Timer = field(default_factory=Timer)
    process: ForkProcess = field(init=False)

    def start(self) -> None:
        connections.close_all()  # two processes must not speak through one
        arguments = (self.queue, self.timer, os.getpid())
        self.process = _fork.Process(target=labour, args=arguments)
        self.process.start()

    def is_gone(self) -> bool:
        """Whether it has ended; one whose task has taken too long is ended."""
        if self.process.is_alive() and self.timer.value == 0:
            logger.error("A task for %s has taken too long and is ended.", self.queue.name)
            self.process.kill()
            self.process.join()
        if self.process.is_alive():
            return False
        if self.process.exitcode:
            logger.error(
                "A process for %s has ended with status %s.",
                self.queue.name,
                self.process.exitcode,
            )
        return True


class Worker:
    def __init__(self, queues: Sequence[Queue]) -> None:
        self.queues = queues
        self.labourers: list[Labourer] = []
        self.is_stopping = False
        self._scheduled = time.monotonic()

    def stop(self, number: int, frame: FrameType | None) -> None:
        self.is_stopping = True
        # In a thread: a process that was killed just then may hold the lock of it for ever.
        threading.Thread(target=stop_ask, daemon=True).start()

    def look(self) -> None:
        """One round: who has ended, who has to be started."""
        self.labourers = [one for one in self.labourers if not one.is_gone()]
        if self.is_stopping:
            return
        try:
            self._schedule()
            self._start(queues_waiting([queue.name for queue in self.queues]))
        except Error:
            logger.warning("The queue cannot be looked at.", exc_info=True)
            connections.close_all()

    def _schedule(self) -> None:
        if time.monotonic() - self._scheduled > SCHEDULE_SECONDS:
            self._scheduled = time.monotonic()
            scheduler(broker=get_broker())

    def _start(self, waiting: set[str]) -> None:
        """One process at most per round: the next round sees what it has left."""
        for queue in self.queues:
            at_work = sum(one.queue == queue for one in self.labourers)
            if queue.name in waiting and at_work < queue.workers:
                labourer = Labourer(queue)
                labourer.start()
                self.labourers.append(labourer)


def work(names: Sequence[str], alive: Path | None = None) -> None:
    """Work at the named queues until told to stop. Touches `alive` every second, for health
    checks."""
    worker = Worker([Queue.named(name) for name in names])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, worker.stop)
    _load_what_runs_every_minute()
    while worker.labourers or not worker.is_stopping:
        worker.look()
        if alive:
            alive.touch()
        nap(LOOK_SECONDS)


def _load_what_runs_every_minute() -> None:
    """Here once, instead of in each of the processes that are forked for it."""
    with suppress(Error):
        for path in Schedule.objects.values_list("func", flat=True):
            pydoc.locate(path)
