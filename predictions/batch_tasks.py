"""Where the queue looked for the tasks of batches before they had a room: schedules and queued
tasks name this path."""

from predictions.batches.tasks import clean_up, execute_batch

__all__ = ["clean_up", "execute_batch"]
