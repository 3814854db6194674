"""What the head of a history offers to choose from, read by one statement: a page of a long history
asks the database no more often than before it had labels and views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import CharField, Exists, F, OuterRef, Value

from predictions.history.models import SavedView
from predictions.history.services import labels_of, views_of
from predictions.signals.models import Prediction
from training.models import ModelVersion


@dataclass(frozen=True)
class Shelf:
    """Names of the versions that answered, of one's labels, and one's views of the page."""

    versions: list[str]
    labels: list[str]
    views: list[SavedView]


def shelf_of(user: User) -> Shelf:
    own = Prediction.objects.owned_by(user)
    # One look into the index per version, however long the history is.
    answered = ModelVersion.objects.filter(Exists(own.filter(version=OuterRef("pk"))))
    page = SavedView.Page.HISTORY
    names, labels = _named(answered, "version"), _named(labels_of(user), "label")
    views = _named(views_of(user, page), "view", F("query"))
    found = sorted(names.union(labels, views, all=True), key=lambda row: row[1].casefold())
    return Shelf(
        versions=[name for kind, name, _ in reversed(found) if kind == "version"],
        labels=[name for kind, name, _ in found if kind == "label"],
        views=[
            SavedView(page=page, name=name, query=query)
            for kind, name, query in found
            if kind == "view"
        ],
    )


def _named(rows: Any, kind: str, asked: Any = None) -> Any:
    asked = asked or Value("", output_field=CharField())
    named = rows.order_by().annotate(kind=Value(kind, output_field=CharField()), asked=asked)
    return named.values_list("kind", "name", "asked")
