"""What people put beside their predictions to find them again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse


class Label(models.Model):
    """A word of somebody's own for some of their predictions. One that labels nothing is gone."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="prediction_labels"
    )
    name = models.CharField(max_length=30)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("owner", "name"), name="one_label_of_a_name"),
        )

    def __str__(self) -> str:
        return self.name


class SavedView(models.Model):
    """A name for filters and order of a list."""

    class Page(models.TextChoices):
        HISTORY = "history", "history"
        BATCH = "batch", "outcome of a batch"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views"
    )
    page = models.CharField(max_length=10, choices=Page.choices)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, help_text="As the address holds it.")

    class Meta:
        ordering = ("page", "name")
        constraints = (
            models.UniqueConstraint(fields=("owner", "page", "name"), name="one_view_of_a_name"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """From the page that it is of: every batch has the same filters."""
        if self.page == self.Page.BATCH:
            return f"?{self.query}#rows"
        return f"{reverse('prediction_list')}?{self.query}"
