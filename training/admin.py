"""Django's own administration pages: to look things up. What changes something goes through the site's own pages."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from training.models import ModelVersion


@admin.register(ModelVersion)
class ModelVersionAdmin(admin.ModelAdmin[ModelVersion]):
    list_display = ("name", "is_active", "origin", "created_by", "activated_at", "activated_by")
    list_filter = ("is_active", "origin")
    search_fields = ("name", "notes", "sha256")
    date_hierarchy = "created_at"
    fields = (
        "name",
        "origin",
        "created_at",
        "created_by",
        "is_active",
        "activated_at",
        "activated_by",
        "sha256",
        "artifact",
        "metadata",
        "notes",
    )
    readonly_fields = tuple(name for name in fields if name != "notes")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
