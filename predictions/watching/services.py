"""Watching and no longer watching, and the ways by which somebody hears."""

from __future__ import annotations

from datetime import datetime, timedelta
from secrets import token_hex
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from predictions.catalogue.lists import RANGES, SignalListForm
from predictions.catalogue.models import Signal, Star
from predictions.watching.looking import watch_begin
from predictions.watching.models import Delivery, News, Watch, Watcher, Webhook
from predictions.watching.signing import secret_check, secret_made
from predictions.watching.webhooks.addresses import target_of
from training.accounts.audit import ADDITION, DELETION, record
from training.ml.errors import UserError

MOST_WATCHES: Final = 500
MOST_LISTS: Final = 20
MOST_WEBHOOKS: Final = 5
KEPT: Final = timedelta(days=90)
"""So long news and deliveries are kept."""
DIGEST_HOUR: Final = 7


class TooMuchWatched(UserError):
    code = "too_much_watched"


class NotWatched(UserError):
    code = "not_watched"

    def __init__(self) -> None:
        super().__init__(
            "What is watched are the missions' signals; of another list, watch the star instead."
        )


class WebhookThere(UserError):
    code = "webhook_there"


# --- what is watched ------------------------------------------------------------------------------


def watcher_of(user: User) -> Watcher:
    return Watcher.objects.get_or_create(user=user)[0]


def watcher_found(user: User) -> Watcher:
    """As it would be made; a page that is only looked at makes none."""
    return Watcher.objects.filter(user=user).first() or Watcher(user=user)


def site_note(request: HttpRequest, user: User) -> Watcher:
    """Links that are sent lead to where the person uses the site, unless a setting says where."""
    watcher, site = watcher_of(user), request.build_absolute_uri("/").rstrip("/")[:200]
    if watcher.site != site:
        watcher.site = site
        watcher.save(update_fields=["site"])
    return watcher


def watch_create(
    *, user: User, signal: Signal | None = None, star: Star | None = None, query: str = ""
) -> tuple[Watch, bool]:
    """The watch, and whether it is new. What there is now is no news.

    Raises ``TooMuchWatched``, and ``NotWatched`` for other lists.
    """
    mine = Watch.objects.filter(owner=user)
    if not signal and not star and SignalListForm(QueryDict(query[:2000])).other:
        raise NotWatched
    query = "" if signal or star else list_query(query)
    if there := mine.filter(signal=signal, star=star, query=query).first():
        return there, False
    _check_few(user, is_list=not signal and not star)
    name = (signal or star or list_words(query)).__str__()[:120]
    watch = Watch(owner=user, signal=signal, star=star, query=query, name=name)
    watch_begin(watch)
    try:
        with transaction.atomic():
            watch.save()
    except IntegrityError:  # a second click
        return mine.get(signal=signal, star=star, query=query), False
    return watch, True


def _check_few(user: User, *, is_list: bool) -> None:
    mine = Watch.objects.filter(owner=user)
    if mine.count() >= MOST_WATCHES:
        raise TooMuchWatched(
            f"You watch {MOST_WATCHES} things, and that is the most; stop watching one first."
        )
    if is_list and mine.filter(signal=None, star=None).count() >= MOST_LISTS:
        raise TooMuchWatched(
            f"You watch {MOST_LISTS} lists, and that is the most; stop watching one first."
        )


def watch_change(watch: Watch, *, name: str, threshold: float) -> None:
    Watch.objects.filter(pk=watch.pk).update(name=name or watch.name, threshold=threshold)


def list_query(query: str) -> str:
    """What of an address makes a list, always in the same order."""
    form = SignalListForm(QueryDict(query[:2000]))
    asked = {"show": form.list_name} | {
        name: form.data[name].strip()
        for name in form.fields
        if name not in ("show", "sort") and form.cleaned_data.get(name) not in (None, "", [])
    }
    return urlencode(asked)[:1000]


def list_words(query: str) -> str:
    """ "Open candidates: mission TESS, radius to 2 R⊕"."""
    form = SignalListForm(QueryDict(query))
    parts = []
    for name, field in form.fields.items():
        stem, _, end = name.rpartition("_")
        if name in ("show", "sort") or not (value := form.data.get(name, "")):
            continue
        if stem in RANGES:
            title, _, unit = RANGES[stem][1].partition(" [")
            parts.append(f"{title.lower()} {end} {value} {unit.rstrip(']')}".rstrip())
        else:
            parts.append(f"{str(field.label or name).lower()} {value}")
    return f"{form.title}{': ' if parts else ''}{', '.join(parts)}"


# --- e-mail and feed ------------------------------------------------------------------------------


def mail_set(*, watcher: Watcher, mail: str, at: datetime) -> None:
    """From now on: what was not mailed before is not mailed later."""
    if watcher.mail == Watcher.Mail.NONE:
        watcher.mail_since = at
    watcher.mail, watcher.digest_at = mail, digest_after(mail, at)
    watcher.save(update_fields=["mail", "digest_at", "mail_since"])
    if mail == Watcher.Mail.NONE:
        waiting = Delivery.objects.waiting().filter(owner=watcher.user, webhook=None)
        reason = "E-mail was turned off before it was sent."
        waiting.update(status=Delivery.Status.CANCELLED, reason=reason, done_at=at)


def digest_after(mail: str, at: datetime) -> datetime | None:
    """When the next digest is due; None where there are none."""
    if mail not in (Watcher.Mail.DAILY, Watcher.Mail.WEEKLY):
        return None
    due = at.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    while due <= at or (mail == Watcher.Mail.WEEKLY and due.weekday() != 0):
        due += timedelta(days=1)
    return due


def feed_renew(watcher: Watcher) -> None:
    watcher.feed_key = token_hex()
    watcher.save(update_fields=["feed_key"])


# --- webhooks -------------------------------------------------------------------------------------


def webhook_create(*, user: User, address: str) -> tuple[Webhook, str]:
    """The webhook and its secret, which is shown this once.

    Raises ``AddressRefused``, ``TooMuchWatched``, ``WebhookThere``.
    """
    target_of(address, private=settings.WEBHOOK_PRIVATE)
    mine = Webhook.objects.filter(owner=user)
    if mine.filter(address=address).exists():
        raise WebhookThere("You have a webhook of this address; delete it to get a new secret.")
    if mine.count() >= MOST_WEBHOOKS:
        raise TooMuchWatched(f"You have {MOST_WEBHOOKS} webhooks; delete one first.")
    nonce = token_hex()
    secret = secret_made(nonce)
    webhook = Webhook.objects.create(
        owner=user, address=address, nonce=nonce, secret_check=secret_check(secret)
    )
    record(user, webhook, f"Made a webhook to {address}.", ADDITION)
    return webhook, secret


def webhook_delete(*, user: User, webhook: Webhook) -> None:
    record(user, webhook, f"Deleted the webhook to {webhook.address}.", DELETION)
    webhook.delete()


def webhook_resume(webhook: Webhook) -> None:
    """What has waited meanwhile is sent now."""
    Webhook.objects.filter(pk=webhook.pk).update(is_on=True, reason="", rests_until=timezone.now())
    Delivery.objects.waiting().filter(webhook=webhook).update(next_at=timezone.now())


# --- keeping house --------------------------------------------------------------------------------


def forget_old(at: datetime) -> None:
    """News first: a way that has lost its record must not tell them anew."""
    News.objects.filter(at__lt=at - KEPT).delete()
    too_late = Delivery.objects.waiting().filter(items=None, is_test=False)
    reason = f"It could not be delivered in {KEPT.days} days."
    too_late.update(status=Delivery.Status.CANCELLED, reason=reason, done_at=at)
    Delivery.objects.filter(done_at__lt=at - KEPT, items=None).delete()
