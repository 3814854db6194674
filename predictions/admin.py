"""Django's own administration pages: to look things up. What changes something goes through the
site's own pages."""

import uuid
from contextlib import suppress
from typing import Any, Final

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from predictions.batches.models import Batch
from predictions.signals.models import Prediction
from training.admin import ReadOnlyAdmin
from training.models import ModelVersion

COUNTED: Final = 10_000
FOUND: Final = 1_000  # signals of one name that a search shows


class LongListPaginator(Paginator[Any]):
    """Counts no further than anybody leafs: counting a million rows takes longer than showing a
    hundred."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return len(rows.order_by().values_list("pk")[:COUNTED])


class PrivateAdmin(ReadOnlyAdmin):
    """Belongs to a person: what it is about can be looked up, what the person wrote beside it is
    not shown."""

    view_on_site = False  # the page answers 404 to everyone but its owner
    show_full_result_count = False

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("note", "labels")


class VersionFilter(admin.RelatedFieldListFilter):
    """By name; Django would read the versions whole, metadata included."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        return list(ModelVersion.objects.values_list("pk", "name"))


@admin.register(Prediction)
class PredictionAdmin(PrivateAdmin):
    list_display = (
        "__str__",
        "mission",
        "disposition",
        "planet_score",
        "version",
        "owner",
        "shared",
        "created_at",
    )
    list_filter = ("disposition", "mission", "shared", ("version", VersionFilter))
    search_fields = ("id", "identifier", "owner__username")
    search_help_text = "The whole of an id, of an identifier or of its owner's user name."
    list_select_related = ("version", "owner")
    paginator = LongListPaginator

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By the whole word, one index after the other: for all of them at once SQLite would read
        every row."""
        if not (term := search_term.strip()):
            return queryset, False
        wanted = Q(
            owner__in=User.objects.all(), identifier=term
        )  # person by person, as the index has it
        with suppress(ValueError):
            wanted = Q(pk=uuid.UUID(term))
        found = list(queryset.order_by().filter(wanted).values_list("pk", flat=True)[:FOUND])
        if found:
            return queryset.filter(pk__in=found), False
        return queryset.filter(owner=User.objects.filter(username=term).first() or 0), False


@admin.register(Batch)
class BatchAdmin(PrivateAdmin):
    list_display = (
        "name",
        "status",
        "rows",
        "model_version",
        "owner",
        "shared",
        "created_at",
        "finished_at",
    )
    list_filter = ("status", "shared")
    list_select_related = ("model_version", "owner")
    search_fields = ("=id", "name", "owner__username", "sha256")
