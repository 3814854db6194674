"""What the queue calls."""

from __future__ import annotations

from django_q.tasks import async_task

from predictions.catalogue import scoring, services
from predictions.catalogue.filling import services as filling
from predictions.catalogue.foresight import services as foresight
from predictions.catalogue.others import services as others
from predictions.reviewing import making


def fill_table(table_id: int) -> None:
    services.table_execute(table_id)
    foresight.cards_update()
    scoring.scores_make()
    making.queue_follow()


def enter_other_table(table_id: int) -> None:
    others.other_table_execute(table_id)
    scoring.scores_make()


def fill_from_archive(fill_id: int) -> None:
    filling.fill_execute(fill_id)
    making.queue_follow()
    foresight.cards_update()


def score_signals() -> None:
    scoring.scores_make()
    making.queue_follow()


def update_cards() -> None:
    foresight.cards_update()


def clean_up() -> None:
    """What dead workers have left: tables half read, fillings, signals without the newest score, a
    queue of another state."""
    services.tables_clean_up()
    others.other_tables_clean_up()
    filling.fills_clean_up()
    if foresight.cards_are_stale():
        async_task("predictions.catalogue.tasks.update_cards")
    scoring.scores_make()
    making.queue_follow()
