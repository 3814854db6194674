"""Django's own administration pages: to look things up. What changes something goes through the site's own pages."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from predictions.batch_models import Batch
from predictions.models import Prediction
from training.admin import ReadOnlyAdmin


class PrivateAdmin(ReadOnlyAdmin):
    """Belongs to a person: what it is about can be looked up, what the person wrote beside it is not shown."""

    view_on_site = False  # the page answers 404 to everyone but its owner
    show_full_result_count = False
    list_select_related = True

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("note",)


@admin.register(Prediction)
class PredictionAdmin(PrivateAdmin):
    list_display = ("__str__", "mission", "disposition", "planet_score", "version", "owner", "shared", "created_at")
    list_filter = ("disposition", "mission", "shared", "version")
    search_fields = ("=id", "identifier", "owner__username")


@admin.register(Batch)
class BatchAdmin(PrivateAdmin):
    list_display = ("name", "status", "rows", "model_version", "owner", "shared", "created_at", "finished_at")
    list_filter = ("status", "shared")
    search_fields = ("=id", "name", "owner__username", "sha256")
