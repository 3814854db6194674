"""Where the queue looked for the tasks of batches before they had a room: schedules and queued
tasks name this path."""

from predictions.batches import tasks as batch_tasks
from predictions.batches.tasks import execute_batch
from predictions.catalogue import tasks as catalogue_tasks
from predictions.curves import tasks as curve_tasks
from predictions.watching import tasks as watching_tasks

__all__ = ["clean_up", "execute_batch"]


def clean_up() -> None:
    """Every minute, see the migration 0003."""
    batch_tasks.clean_up()
    catalogue_tasks.clean_up()
    curve_tasks.clean_up()
    watching_tasks.clean_up()
