"""The number of the request that work was asked for by, wherever that work is done: web process,
task, training."""

from __future__ import annotations

import os
from contextvars import ContextVar
from typing import Any, Final

VARIABLE = "EXOPLANET_REQUEST_ID"  # how the process of a training gets it
KEY = "request_id"  # in the package that travels through the queue

_INHERITED: Final = os.environ.get(VARIABLE, "")
request_id: ContextVar[str] = ContextVar("request_id", default=_INHERITED)


def connect() -> None:
    from django_q.signals import (
        post_execute_in_worker,
        pre_enqueue,
        pre_execute,
    )  # models, which the log comes before

    pre_enqueue.connect(_stamp, dispatch_uid="request_id")
    pre_execute.connect(_bind, dispatch_uid="request_id")
    post_execute_in_worker.connect(_clear, dispatch_uid="request_id")


def _stamp(sender: str, task: dict[str, Any], **signal: Any) -> None:
    task[KEY] = request_id.get()


def _bind(sender: str, task: dict[str, Any], **signal: Any) -> None:
    request_id.set(task.get(KEY, ""))


def _clear(sender: str, task: dict[str, Any], **signal: Any) -> None:
    if not task.get("sync"):  # in a worker; elsewhere the request itself is still under way
        request_id.set("")
