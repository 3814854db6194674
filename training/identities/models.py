"""The account elsewhere that stands for one here."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class ExternalIdentity(models.Model):
    """Known by issuer and subject alone: an e-mail address may go to another person one day."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="identities"
    )
    provider = models.CharField(max_length=20, help_text="Its key in the settings.")
    issuer = models.CharField(max_length=200)
    subject = models.CharField(max_length=255)
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("issuer", "subject"), name="one_account_per_identity"),
        )

    def __str__(self) -> str:
        name = settings.IDENTITY_PROVIDERS.get(self.provider, {}).get("name", self.provider)
        return f"{name}: {self.subject}"
