"""A process that does the tasks of one queue, one after the other, with django-q2's own functions.

It is forked when there is something to do, and ends when there is nothing more: what it has loaded
to classify goes with it.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from contextlib import AbstractContextManager, nullcontext
from multiprocessing.sharedctypes import RawValue
from queue import SimpleQueue
from types import FrameType
from typing import Any, Final

from django.db import Error
from django_q.brokers import Broker, get_broker
from django_q.monitor import monitor
from django_q.signing import BadSignature, SignedPackage
from django_q.worker import worker

from training.background.parents import die_with_parent
from training.background.queues import Queue
from training.background.stopping import stop_ask_here, stop_asked

WARM_SECONDS: Final = 600.0
"""A process that has loaded what it takes to classify waits so long for more of it: to load it
again takes seconds."""
UPKEEP: Final = ".clean_up"
"""How the names of tasks end that run every minute and load nothing."""
STOP: Final = "STOP"

logger = logging.getLogger(__name__)


class Timer:
    """What is left of a task's time, shared with the process that looks after this one."""

    def __init__(self) -> None:
        self._deadline = RawValue("d", -1.0)

    @property
    def value(self) -> float:
        """As django-q2 has it: seconds; 0 where they are over, below 0 where nothing is counted."""
        deadline: float = self._deadline.value
        return deadline if deadline <= 0 else max(0.0, deadline - time.monotonic())

    @value.setter
    def value(self, seconds: float) -> None:
        self._deadline.value = seconds if seconds <= 0 else time.monotonic() + seconds

    def get_lock(self) -> AbstractContextManager[None]:
        return nullcontext()  # one number, written by one process


class Tasks:
    """What the queue has, one by one, until there is nothing more to do."""

    def __init__(self, queue: Queue, broker: Broker) -> None:
        self._queue = queue
        self._broker = broker
        self._worked = time.monotonic()

    def get(self) -> Any:
        while not stop_asked():
            try:
                found = self._broker.dequeue()  # waits for a second where there is none
            except Error:
                logger.warning("The queue for %s cannot be read.", self._queue.name, exc_info=True)
                return STOP
            for task in filter(None, (self._unpacked(*package) for package in found or ())):
                return task
            if not found and self._has_waited_enough():
                return STOP
        return STOP

    def _unpacked(self, key: int, package: str) -> dict[str, Any] | None:
        try:
            task: dict[str, Any] = SignedPackage.loads(package)
        except (TypeError, BadSignature):
            logger.exception("A task that this site did not write is thrown away.")
            self._broker.fail(key)
            return None
        if not str(task["func"]).endswith(UPKEEP):
            self._worked = time.monotonic()
        return task | {"cluster": self._queue.name, "ack_id": key}

    def _has_waited_enough(self) -> bool:
        keeps = WARM_SECONDS if "pandas" in sys.modules else 0.0
        return time.monotonic() - self._worked > keeps


class Results:
    """Writes down how a task ended as soon as it has."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def put(self, task: dict[str, Any]) -> None:
        one: SimpleQueue[Any] = SimpleQueue()
        one.put(task)
        one.put(STOP)
        monitor(one, self._broker)


def labour(queue: Queue, timer: Timer, parent: int) -> None:
    die_with_parent(signal.SIGKILL)
    if os.getppid() != parent:  # it died before we could ask
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)
    broker = get_broker(queue.name)
    worker(Tasks(queue, broker), Results(broker), timer, queue.timeout)


def _stop(number: int, frame: FrameType | None) -> None:
    # In a thread: this one may just be asking whether it should stop, and hold the lock of that.
    threading.Thread(target=stop_ask_here, daemon=True).start()
