"""From news to messages, and what became of each: nothing is sent that has no row, and no row is
lost by a server that is down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F
from django_q.tasks import async_task

from predictions.watching.mailing import mails_send
from predictions.watching.models import DeliveredNews, Delivery, News, Watcher, Webhook
from predictions.watching.services import digest_after, watcher_found
from predictions.watching.shapes import body_of
from predictions.watching.signing import SecretLost, secret_of, signed_headers
from predictions.watching.webhooks.posting import Letter, Outcome, post_all

SEND: Final = "predictions.watching.tasks.send"
QUEUE: Final = "watching"
MAIL: Final = "mail"
IN_ONE: Final = 100
"""News in one request; more of them make several. A letter is one, whatever has come together."""
AT_ONCE: Final = 16
"""Requests that are under way at the same time, one per webhook."""
MAILS_AT_ONCE: Final = 50
ROUNDS: Final = 4
"""Of one task: others at the same queue have their turn."""
PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440))
"""Before each further attempt; after the last of them a delivery is given up."""
MOST_ATTEMPTS: Final = len(PAUSES) + 1
SILENCE: Final = timedelta(minutes=5)
_STATUS: Final = Delivery.Status


# --- making ---------------------------------------------------------------------------------------


def deliveries_make(user_id: int, at: datetime) -> int:
    """One or more messages by each way of a person that is due."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return 0
    made = sum(_made(user, str(hook.pk), hook.since, at, hook) for hook in user.webhooks.all())
    watcher = Watcher.objects.filter(user=user).first()
    if watcher and _is_due(watcher, at):
        made += _made(user, MAIL, watcher.mail_since, at, None)
        digest = digest_after(watcher.mail, at)
        Watcher.objects.filter(pk=watcher.pk).update(digest_at=digest)
    return made


def _is_due(watcher: Watcher, at: datetime) -> bool:
    if not settings.SENDS_MAIL or not watcher.user.email:
        return False
    if watcher.digest_at is not None:
        return watcher.digest_at <= at
    return watcher.mail == Watcher.Mail.AT_ONCE


def _made(user: User, way: str, since: datetime, at: datetime, webhook: Webhook | None) -> int:
    made = 0
    while news := _untold(user, way, since):
        try:
            _make(user, way, news, at, webhook)
        except IntegrityError:  # somebody else has just made it
            break
        made += 1
    return made


def _untold(user: User, way: str, since: datetime) -> list[int]:
    told = DeliveredNews.objects.filter(way=way, news__owner=user).values("news")
    news = News.objects.filter(owner=user, at__gte=since).exclude(pk__in=told)
    most = None if way == MAIL else IN_ONE
    return list(news.order_by("pk").values_list("pk", flat=True)[:most])


@transaction.atomic
def _make(user: User, way: str, news: Sequence[int], at: datetime, webhook: Webhook | None) -> None:
    delivery = Delivery.objects.create(owner=user, webhook=webhook, next_at=at, created_at=at)
    DeliveredNews.objects.bulk_create(
        DeliveredNews(delivery=delivery, news_id=pk, way=way) for pk in news
    )


def digests_make(at: datetime) -> None:
    due = Watcher.objects.filter(digest_at__lte=at, user__is_active=True)
    for user_id in due.values_list("user", flat=True):
        deliveries_make(user_id, at)


def trial_make(webhook: Webhook, at: datetime) -> Delivery:
    """Sent once, also where the webhook is off: who tries it out sees what comes back."""
    delivery = Delivery.objects.create(
        owner=webhook.owner, webhook=webhook, is_test=True, next_at=at, created_at=at
    )
    sending_ask()
    return delivery


def delivery_again(delivery: Delivery, at: datetime) -> bool:
    """What was given up has all its attempts anew."""
    given_up = Delivery.objects.filter(pk=delivery.pk, status=_STATUS.FAILED, is_test=False)
    again = {"status": _STATUS.WAITING, "attempts": 0, "next_at": at, "done_at": None}
    if not given_up.update(**again):
        return False
    if delivery.webhook_id:
        Webhook.objects.filter(pk=delivery.webhook_id).update(is_on=True, reason="", rests_until=at)
    sending_ask()
    return True


def sending_ask() -> None:
    transaction.on_commit(lambda: async_task(SEND, cluster=QUEUE))


# --- sending --------------------------------------------------------------------------------------


def deliveries_send(at: datetime) -> int:
    """Send what is due; returns how many were tried. What is left over is asked for again."""
    tried = 0
    for _ in range(ROUNDS):
        taken = _claimed(_due(at), at)
        if not taken:
            return tried
        tried += len(taken)
        _post(taken, at)
        _mail([one for one in taken if not one.webhook], at)
    if _due(at):
        sending_ask()
    return tried


def _due(at: datetime) -> list[int]:
    """The oldest first, and one of each webhook: a receiver gets one after the other, and one that
    fails rests with all that waits for it."""
    waiting = Delivery.objects.waiting().filter(next_at__lte=at).order_by("pk")
    mails = list(waiting.filter(webhook=None).values_list("pk", flat=True)[:MAILS_AT_ONCE])
    tests = waiting.filter(is_test=True)
    ready = waiting.filter(is_test=False, webhook__is_on=True, webhook__rests_until__lte=at)
    one_each: dict[object, int] = {}
    for found in (tests, ready):
        for pk, hook in found.values_list("pk", "webhook"):
            one_each.setdefault(hook, pk)
    return [*mails, *list(one_each.values())[:AT_ONCE]]


def _claimed(keys: Sequence[int], at: datetime) -> list[Delivery]:
    """Those that nobody else has taken."""
    waiting = Delivery.objects.waiting()
    facts = {"status": _STATUS.SENDING, "claimed_at": at, "attempts": F("attempts") + 1}
    mine = [pk for pk in keys if waiting.filter(pk=pk).update(**facts)]
    found = Delivery.objects.select_related("webhook", "owner").filter(pk__in=mine)
    return list(found.order_by("pk"))


def _post(deliveries: Sequence[Delivery], at: datetime) -> None:
    letters: list[tuple[Delivery, Letter]] = []
    for delivery in deliveries:
        if delivery.webhook is None:
            continue
        try:
            letters.append((delivery, _letter(delivery, delivery.webhook, at)))
        except SecretLost as error:
            delivery_ended(delivery, Outcome(reason=error.message, is_final=True), at)
    outcomes = post_all([letter for _, letter in letters], private=settings.WEBHOOK_PRIVATE)
    for (delivery, _), outcome in zip(letters, outcomes, strict=True):
        delivery_ended(delivery, outcome, at)


def _letter(delivery: Delivery, webhook: Webhook, at: datetime) -> Letter:
    body = body_of(delivery, watcher_found(delivery.owner))
    message = f"msg_{delivery.uid.hex}"
    headers = signed_headers(secret_of(webhook), message, int(at.timestamp()), body)
    return Letter(webhook.address, headers, body)


def _mail(deliveries: Sequence[Delivery], at: datetime) -> None:
    for delivery, outcome in mails_send(deliveries):
        delivery_ended(delivery, outcome, at)


def delivery_ended(delivery: Delivery, outcome: Outcome, at: datetime) -> None:
    """Delivered, to be tried again, or given up. Only of what is still being sent: the janitor may
    have handed it on."""
    facts = {"answer": outcome.status, "reason": outcome.reason, "done_at": at}
    if outcome.is_delivered:
        facts |= {"status": _STATUS.SENT}
    elif delivery.is_test or outcome.is_final or delivery.attempts >= MOST_ATTEMPTS:
        facts |= {"status": _STATUS.FAILED}
    else:
        pause = PAUSES[delivery.attempts - 1]
        facts |= {"status": _STATUS.WAITING, "next_at": at + pause, "done_at": None}
    sending = Delivery.objects.filter(pk=delivery.pk, status=_STATUS.SENDING)
    if sending.update(**facts) and delivery.webhook and not delivery.is_test:
        _webhook_noted(delivery.webhook, facts, at)


def _webhook_noted(webhook: Webhook, facts: Mapping[str, object], at: datetime) -> None:
    hooks = Webhook.objects.filter(pk=webhook.pk)
    if facts["status"] == _STATUS.SENT:
        hooks.update(reason="", rests_until=at)
    elif facts["status"] == _STATUS.WAITING:
        hooks.update(reason=facts["reason"], rests_until=facts["next_at"])
    else:
        hooks.update(is_on=False, reason=facts["reason"])


def deliveries_hand_on(at: datetime) -> int:
    """What a worker that has died was sending. It may have been sent: the message has the same
    name again, by which a receiver knows it."""
    silent = Delivery.objects.filter(status=_STATUS.SENDING, claimed_at__lt=at - SILENCE)
    reason = "Something went wrong on our side each time that it was sent."
    often = silent.filter(attempts__gte=MOST_ATTEMPTS)
    often.update(status=_STATUS.FAILED, reason=reason, done_at=at)
    return silent.update(status=_STATUS.WAITING, next_at=at)


def is_anything_due(at: datetime) -> bool:
    return bool(_due(at))
