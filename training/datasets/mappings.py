"""Mappings that people keep: offered again for a table with the same header."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone

from training.ml.tables.mapping import ColumnMapping, header_fingerprint


class SavedMappingQuerySet(models.QuerySet["SavedMapping"]):
    def fitting(self, user: User, columns: Sequence[str]) -> SavedMappingQuerySet:
        """The user's mappings for this header,
        whatever the order of its columns; the latest first."""
        return self.filter(owner=user, header=header_fingerprint(columns))


class SavedMapping(models.Model):
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mappings"
    )
    name = models.CharField(max_length=100)
    header = models.CharField(max_length=64, help_text="SHA-256 of the column names.")
    mapping = models.JSONField(help_text="Which column feeds which feature, and in which unit.")
    saved_at = models.DateTimeField(default=timezone.now)

    objects = SavedMappingQuerySet.as_manager()

    class Meta:
        ordering = ("-saved_at",)
        constraints = (
            models.UniqueConstraint(fields=("owner", "name"), name="one_mapping_per_name"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def column_mapping(self) -> ColumnMapping:
        return ColumnMapping.from_json(self.mapping)


def mapping_save(
    *, owner: User, name: str, columns: Sequence[str], mapping: ColumnMapping
) -> SavedMapping:
    """Keep a mapping under this name; an earlier one of the same name is replaced."""
    saved, _ = SavedMapping.objects.update_or_create(
        owner=owner,
        name=name,
        defaults={
            "header": header_fingerprint(columns),
            "mapping": mapping.as_json(),
            "saved_at": timezone.now(),
        },
    )
    return saved
