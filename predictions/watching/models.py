"""What somebody watches, what was told of it, and by which ways."""

from __future__ import annotations

import uuid
from secrets import token_hex
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from predictions.catalogue.models import Signal, Star


class Watcher(models.Model):
    """How somebody hears of what they watch."""

    class Mail(models.TextChoices):
        AT_ONCE = "at once", "at once"
        DAILY = "daily", "once a day, at 7:00 UTC"
        WEEKLY = "weekly", "once a week, on Monday at 7:00 UTC"
        NONE = "none", "not by e-mail"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="watcher"
    )
    mail = models.CharField(max_length=8, choices=Mail.choices, default=Mail.AT_ONCE)
    mail_since = models.DateTimeField(default=timezone.now, help_text="What came before is not.")
    digest_at = models.DateTimeField(null=True, help_text="When the next digest is due.")
    feed_key = models.CharField(max_length=64, default=token_hex)
    site = models.CharField(max_length=200, blank=True, help_text="Where the person found us.")

    def __str__(self) -> str:
        return f"{self.user}: {self.get_mail_display()}"


class WatchQuerySet(models.QuerySet["Watch"]):
    def shown(self) -> Self:
        return self.select_related("signal", "star").defer("seen", "signal__inputs")


class Watch(models.Model):
    """One signal, one star, or a list of the catalogue as an address asks for it."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="watches"
    )
    signal = models.ForeignKey(Signal, null=True, on_delete=models.CASCADE, related_name="+")
    star = models.ForeignKey(Star, null=True, on_delete=models.CASCADE, related_name="+")
    query = models.CharField(max_length=1000, blank=True, help_text="Of a list.")
    name = models.CharField(max_length=120, help_text="What the person calls it.")
    threshold = models.FloatField(default=0.9, help_text="Of the planet score.")
    created_at = models.DateTimeField(default=timezone.now)
    # What the last look has seen: the next one tells what is otherwise.
    seen = models.BinaryField(default=bytes, help_text="Its signals and their scores, packed.")
    seen_change = models.BigIntegerField(default=0, help_text="The last change that was told.")
    seen_state = models.CharField(max_length=120, blank=True, help_text="Of the catalogue.")
    looks = models.IntegerField(default=0, help_text="Raised by who tells: only one does.")

    objects = WatchQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("owner", "signal"), name="one_watch_of_a_signal"),
            models.UniqueConstraint(fields=("owner", "star"), name="one_watch_of_a_star"),
            models.UniqueConstraint(
                fields=("owner", "query"),
                condition=Q(signal=None, star=None),
                name="one_watch_of_a_list",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The page of what is watched."""
        if of := self.signal or self.star:
            return of.get_absolute_url()
        return f"{reverse('catalogue')}?{self.query}"

    @property
    def is_list(self) -> bool:
        return self.signal_id is None and self.star_id is None

    @property
    def kind(self) -> str:
        if self.is_list:
            return "list"
        return "signal" if self.signal_id else "star"


class News(models.Model):
    """One change, told to one person once. Its words stay as they were told."""

    class Kind(models.TextChoices):
        DECIDED = "decided", "an open signal was decided"
        CHANGED = "changed", "another disposition"
        NEW = "new", "new"
        GONE = "gone", "no longer listed"
        BACK = "back", "listed again"
        RENAMED = "renamed", "renamed"
        SCORE = "score", "score beyond the threshold"
        ENTERED = "entered", "fits a list now"
        LEFT = "left", "fits a list no longer"
        MORE = "more", "many changes"

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="news"
    )
    watch = models.ForeignKey(Watch, null=True, on_delete=models.SET_NULL, related_name="news")
    key = models.CharField(max_length=120, help_text="What happened; the same for every watch.")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    signal = models.ForeignKey(Signal, null=True, on_delete=models.SET_NULL, related_name="+")
    title = models.CharField(max_length=250)
    detail = models.TextField(blank=True)
    path = models.CharField(max_length=1100, help_text="Of the page about it.")
    facts = models.JSONField(default=dict, help_text="For programs.")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-at", "pk")  # of one look, the weightiest first
        constraints = (models.UniqueConstraint(fields=("owner", "key"), name="told_once"),)
        indexes = (models.Index(fields=("owner", "-at"), name="news_of_owner"),)
        verbose_name_plural = "news"

    def __str__(self) -> str:
        return self.title


class Webhook(models.Model):
    """Where a program of somebody's is told."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhooks"
    )
    address = models.CharField(max_length=500)
    nonce = models.CharField(max_length=64, default=token_hex, help_text="Makes its secret.")
    secret_check = models.CharField(max_length=16, help_text="Of its secret, to know it again.")
    is_on = models.BooleanField(default=True)
    reason = models.TextField(blank=True, help_text="Why it is off, or what went wrong last.")
    since = models.DateTimeField(default=timezone.now, help_text="What came before is not sent.")
    rests_until = models.DateTimeField(default=timezone.now, help_text="After a failure.")

    class Meta:
        ordering = ("since", "pk")
        constraints = (
            models.UniqueConstraint(fields=("owner", "address"), name="one_webhook_of_an_address"),
        )

    def __str__(self) -> str:
        return self.address


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def waiting(self) -> Self:
        return self.filter(status=Delivery.Status.WAITING)


class Delivery(models.Model):
    """One message to one person: an e-mail, or a request to a webhook."""

    class Status(models.TextChoices):
        WAITING = "WAITING", "waiting"
        SENDING = "SENDING", "being sent"
        SENT = "SENT", "delivered"
        FAILED = "FAILED", "given up"
        CANCELLED = "CANCELLED", "called off"

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="deliveries"
    )
    webhook = models.ForeignKey(
        Webhook, null=True, on_delete=models.CASCADE, related_name="deliveries"
    )
    is_test = models.BooleanField(default=False)
    news = models.ManyToManyField(News, through="DeliveredNews", related_name="deliveries")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True)
    answer = models.IntegerField(null=True, help_text="The receiver's status.")
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("status", "next_at"), name="delivery_due"),)
        verbose_name_plural = "deliveries"

    def __str__(self) -> str:
        return f"{self.way}: {self.get_status_display()}"

    @property
    def way(self) -> str:
        return self.webhook.address if self.webhook else "e-mail"

    @property
    def can_be_sent_again(self) -> bool:
        return self.status == self.Status.FAILED and not self.is_test


class DeliveredNews(models.Model):
    """Which message tells what: by one way, one change is told once."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="items")
    news = models.ForeignKey(News, on_delete=models.CASCADE, related_name="items")
    way = models.CharField(max_length=40, help_text="“mail”, or the key of a webhook.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("news", "way"), name="told_once_by_a_way"),)

    def __str__(self) -> str:
        return f"{self.news_id} by {self.way}"
