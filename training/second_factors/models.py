"""Codes of an app, recovery codes and passkeys of an account."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class SecondFactor(models.Model):
    """One row per account that has ever set one up; the codes hold from ``confirmed_at``."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="second_factor"
    )
    secret = models.CharField(max_length=64, blank=True, help_text="That the app has, too.")
    pending = models.CharField(max_length=64, blank=True, help_text="One that is being set up.")
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0, help_text="No code is taken twice.")
    failures = models.IntegerField(default=0)
    failed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Second factor of {self.user_id}"


class RecoveryCode(models.Model):
    """For who has lost the app; only its hash is kept, and it holds once."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes"
    )
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"Recovery code {self.pk}"


class Passkey(models.Model):
    """``key``: the public key with its number, as the device attested it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="passkeys"
    )
    name = models.CharField(max_length=60)
    key = models.BinaryField()
    credential = models.CharField(max_length=1400, unique=True, help_text="Its number, in hex.")
    counter = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name
