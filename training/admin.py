"""Django's own administration pages: to look things up. What changes something goes through the
site's own pages."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django_q.models import Schedule
from knox.models import AuthToken

from training.datasets.mappings import SavedMapping
from training.datasets.models import Dataset
from training.runs.models import TrainingRun
from training.versions.models import Activation, InputCount, ModelVersion


@admin.register(ModelVersion)
class ModelVersionAdmin(admin.ModelAdmin[ModelVersion]):
    list_display = (
        "name",
        "title",
        "labels",
        "is_active",
        "origin",
        "created_by",
        "activated_at",
        "activated_by",
    )
    list_filter = ("is_active", "origin")
    search_fields = ("name", "title", "labels", "notes", "sha256")
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


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """To look things up and to go to their pages."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without the metadata of model versions: to read that takes milliseconds for each row."""
        versions = [
            field.name for field in self.model._meta.fields if field.related_model is ModelVersion
        ]
        return super().get_queryset(request).defer(*(f"{name}__metadata" for name in versions))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


for theirs in (User, AuthToken, Schedule):
    admin.site.unregister(theirs)


@admin.register(User)
class SiteUserAdmin(UserAdmin[User]):
    """Who leaves is made inactive: with the account its entries in the audit trail would be
    deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AuthToken)
class AuthTokenAdmin(ReadOnlyAdmin):
    """A token is made by its own person only; an administrator can see and delete it."""

    list_display = ("user", "created", "expiry")
    search_fields = ("user__username",)
    fields = ("user", "created", "expiry")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)


@admin.register(Schedule)
class ScheduleAdmin(ReadOnlyAdmin):
    """A schedule calls any function by its name: in a form, that would be a way to run anything."""

    list_display = ("name", "func", "schedule_type", "next_run")


@admin.register(Dataset)
class DatasetAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "mission",
        "status",
        "signals",
        "source",
        "created_by",
        "created_at",
        "archived_at",
    )
    list_filter = ("status", "mission", "source")
    search_fields = ("name", "sha256")
    date_hierarchy = "created_at"


@admin.register(TrainingRun)
class TrainingRunAdmin(ReadOnlyAdmin):
    list_display = (
        "__str__",
        "status",
        "stage",
        "created_by",
        "created_at",
        "finished_at",
        "model_version",
    )
    list_filter = ("status",)
    search_fields = ("reason", "notes")
    date_hierarchy = "created_at"


@admin.register(Activation)
class ActivationAdmin(ReadOnlyAdmin):
    list_display = ("model_version", "at", "user", "reason", "overridden")
    search_fields = ("reason", "model_version__name")
    date_hierarchy = "at"


@admin.register(InputCount)
class InputCountAdmin(ReadOnlyAdmin):
    list_display = ("model_version", "day", "mission", "signals")
    list_filter = ("mission",)
    date_hierarchy = "day"


@admin.register(SavedMapping)
class SavedMappingAdmin(ReadOnlyAdmin):
    list_display = ("name", "owner", "saved_at")
    search_fields = ("name",)
