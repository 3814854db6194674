"""What a token may do, and who may open an account. Knox's own rows keep a token's hash, owner and
last day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from knox.models import AuthToken

LAST_USE_EVERY = timedelta(minutes=1)
"""A program that asks a hundred times a second must not write a row a hundred times a second."""


class Scope(models.TextChoices):
    READ = "read", "read"
    CLASSIFY = "classify", "classify"
    TRAIN = "train", "train"


UNGRANTED = (Scope.READ, Scope.CLASSIFY)
"""What a token may do that was made by knox itself, without a grant: training has to be granted."""


class TokenGrant(models.Model):
    """The part of a token that knox does not know: its name, what it may do, and when it was last
    used."""

    token = models.OneToOneField(AuthToken, on_delete=models.CASCADE, related_name="grant")
    name = models.CharField(max_length=60)
    scopes = models.JSONField(default=list, help_text="Of “read”, “classify” and “train”.")
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-token__created",)

    def __str__(self) -> str:
        return self.name

    @property
    def is_expired(self) -> bool:
        return self.token.expiry is not None and self.token.expiry < timezone.now()

    def used(self) -> None:
        now = timezone.now()
        if self.last_used_at is None or now - self.last_used_at >= LAST_USE_EVERY:
            type(self).objects.filter(pk=self.pk).update(last_used_at=now)


def token_grant(token: Any) -> TokenGrant | None:
    """Read once per token object, which a request asks twice."""
    grant: TokenGrant | None = getattr(token, "grant", None)
    return grant


def token_scopes(token: Any) -> tuple[str, ...]:
    grant = token_grant(token)
    return UNGRANTED if grant is None else tuple(grant.scopes)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> InvitationQuerySet:
        return self.filter(used_by=None, expires_at__gt=timezone.now())


class Invitation(models.Model):
    """Lets one person open an account. The site keeps only the hash of what stands in the link."""

    digest = models.CharField(max_length=64, unique=True)
    note = models.CharField(max_length=120, blank=True, help_text="For whom it is.")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    expires_at = models.DateTimeField()
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.note or f"Invitation {self.pk}"
