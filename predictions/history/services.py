"""Labelling, deleting, and naming what one looks at."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, QuerySet

from predictions.batches.forms import RowFilterForm
from predictions.history.models import Label, SavedView
from predictions.signals.models import Prediction
from training.accounts.audit import DELETION, record
from training.labels import MOST_LABELS
from training.ml.errors import UserError

if TYPE_CHECKING:
    from django.http import QueryDict

MOST_OWN: Final = 200
"""Labels, and views of a page, that one person has."""
Labelled: Final = Prediction.labels.through
LONGEST_QUERY: Final = 1000
ASKED: Final[Mapping[str, tuple[str, ...]]] = {
    SavedView.Page.HISTORY: ("q", "disposition", "mission", "version", "label", "sort"),
    SavedView.Page.BATCH: tuple(RowFilterForm.base_fields),
}
"""What of an address belongs to a view of a page."""


class TooManyLabels(UserError):
    code = "too_many_labels"


class TooManyViews(UserError):
    code = "too_many_views"


# --- labels ---------------------------------------------------------------------------------------


def labels_of(user: User) -> QuerySet[Label]:
    return Label.objects.filter(owner=user)


def labels_set(*, prediction: Prediction, names: Sequence[str]) -> None:
    """These labels and no others. Raises ``TooManyLabels``."""
    with transaction.atomic():
        prediction.labels.set(_labels(prediction.owner, names))
        _forget_unused(prediction.owner)


def labels_change(
    *, user: User, predictions: Collection[Prediction], add: Sequence[str], take: Sequence[str]
) -> None:
    """``add`` these labels to predictions of the user's, and ``take`` those away: all or nothing.
    Raises ``TooManyLabels``."""
    with transaction.atomic():
        labelled = Labelled.objects.filter(prediction__in=predictions)
        labelled.filter(label__in=labels_of(user).filter(name__in=take)).delete()
        new = [
            Labelled(prediction=prediction, label=label)
            for label in _labels(user, add)
            for prediction in predictions
        ]
        Labelled.objects.bulk_create(new, ignore_conflicts=True)
        _check_few(predictions)
        _forget_unused(user)


def _check_few(predictions: Collection[Prediction]) -> None:
    """Raise ``TooManyLabels`` where one of them has more than it may."""
    keys = [prediction.pk for prediction in predictions]
    counted = Prediction.objects.filter(pk__in=keys).annotate(count=Count("labels"))
    full = counted.filter(count__gt=MOST_LABELS).only("identifier").first()
    if full is not None:
        raise TooManyLabels(
            f"{full.identifier or 'An unnamed signal'} would have more than {MOST_LABELS} labels;"
            " take some away first. Nothing was changed."
        )


def _labels(user: User, names: Sequence[str]) -> list[Label]:
    """The user's labels of these names, whatever the case of their letters; made where there are
    none."""
    own = {label.name.casefold(): label for label in labels_of(user)}
    new = [name for name in names if name.casefold() not in own]
    if len(own) + len(new) > MOST_OWN:
        raise TooManyLabels(
            f"You have {len(own)} labels, and {MOST_OWN} is the most; take one away from all that"
            " has it, and it is gone. Nothing was changed."
        )
    own |= {name.casefold(): Label.objects.create(owner=user, name=name) for name in new}
    return [own[name.casefold()] for name in names]


def _forget_unused(user: User) -> None:
    labels_of(user).filter(predictions=None).delete()


# --- saved views ----------------------------------------------------------------------------------


def view_query(page: str, data: QueryDict) -> str:
    """What of an address a view keeps, always in the same order; "" where nothing is asked for."""
    asked = [(name, str(data[name]).strip()) for name in ASKED[page] if name in data]
    return urlencode([(name, value) for name, value in asked if value])


def views_of(user: User, page: str) -> QuerySet[SavedView]:
    return SavedView.objects.filter(owner=user, page=page)


def view_save(*, user: User, page: str, name: str, query: str) -> SavedView:
    """Give what is looked at a name; one that has the name already shows this from now on.
    Raises ``TooManyViews``."""
    own = views_of(user, page)
    if own.count() >= MOST_OWN and not own.filter(name=name).exists():
        raise TooManyViews(f"You have {MOST_OWN} views of this page already; delete one first.")
    view, _ = SavedView.objects.update_or_create(
        owner=user, page=page, name=name, defaults={"query": query}
    )
    return view


def view_named(*, view: SavedView, name: str) -> bool:
    """Whether the view has this name now: another one of its page may have it."""
    others = views_of(view.owner, view.page).exclude(pk=view.pk)
    if others.filter(name=name).exists():
        return False
    view.name = name
    view.save(update_fields=["name"])
    return True


# --- deleting -------------------------------------------------------------------------------------


def predictions_delete(*, user: User, predictions: Sequence[Prediction]) -> None:
    """All of them or none; the trail names each."""
    with transaction.atomic():
        for prediction in predictions:
            record(user, prediction, "Deleted the prediction.", DELETION)
        Prediction.objects.filter(pk__in=[prediction.pk for prediction in predictions]).delete()
        _forget_unused(user)
