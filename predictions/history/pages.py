"""What a page shows of the views that somebody has saved of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.http import QueryDict

from predictions.history.models import SavedView
from predictions.history.services import view_query, views_of


@dataclass(frozen=True)
class SavedViews:
    page: str
    views: list[SavedView]
    query: str
    """What is looked at now; "" where nothing is asked for."""

    @property
    def is_new(self) -> bool:
        """Whether what is looked at has no name yet."""
        return bool(self.query) and all(view.query != self.query for view in self.views)


def views_of_history(views: list[SavedView], data: QueryDict) -> SavedViews:
    page = SavedView.Page.HISTORY
    return SavedViews(page, views, view_query(page, data))


def views_of_batches(user: User, data: QueryDict) -> SavedViews:
    page = SavedView.Page.BATCH
    return SavedViews(page, list(views_of(user, page)), view_query(page, data))
