"""What the queue calls."""

from __future__ import annotations

from django.utils import timezone

from predictions.watching import deliveries, looking, services


def look() -> None:
    at = timezone.now()
    for user_id in looking.changes_look(at):
        deliveries.deliveries_make(user_id, at)
    if deliveries.is_anything_due(at):
        deliveries.sending_ask()


def send() -> None:
    deliveries.deliveries_send(timezone.now())


def clean_up() -> None:
    """What dead workers and servers that were down have left, and digests whose hour has come."""
    at = timezone.now()
    deliveries.deliveries_hand_on(at)
    deliveries.digests_make(at)
    services.forget_old(at)
    look()
