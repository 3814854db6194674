"""What the queue calls."""

from __future__ import annotations

from predictions.catalogue import scoring, services
from predictions.catalogue.filling import services as filling
from predictions.reviewing import making


def fill_table(table_id: int) -> None:
    services.table_execute(table_id)
    scoring.scores_make()
    making.queue_follow()


def fill_from_archive(fill_id: int) -> None:
    filling.fill_execute(fill_id)
    making.queue_follow()


def score_signals() -> None:
    scoring.scores_make()
    making.queue_follow()


def clean_up() -> None:
    """What dead workers have left: tables half read, fillings, signals without the newest score, a
    queue of another state."""
    services.tables_clean_up()
    filling.fills_clean_up()
    scoring.scores_make()
    making.queue_follow()
