"""The queue as an address asks for it."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib.auth.models import User
from django.db.models import Q

from predictions.catalogue.models import MISSIONS
from predictions.reviewing.models import ReviewItem, ReviewItemQuerySet
from predictions.reviewing.words import TITLES
from training.ml.reviewing.worth import Reason

SHOWN: Final = {
    "open": "Waiting for my vote",
    "voted": "I have voted",
    "all": "All",
}


class QueueForm(forms.Form):
    """Whatever makes no sense in the address is as if it were not given."""

    reason = forms.ChoiceField(
        required=False, choices=[("", "any"), *((r.value, TITLES[r]) for r in Reason)]
    )
    mission = forms.ChoiceField(required=False, choices=[("", "all"), *MISSIONS])
    show = forms.ChoiceField(required=False, choices=[*SHOWN.items()])

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.is_valid()

    @property
    def shown(self) -> str:
        return self.cleaned_data.get("show") or "open"

    @property
    def reason_asked(self) -> Reason | None:
        asked = self.cleaned_data.get("reason")
        return Reason(asked) if asked else None

    def found(self, user: User) -> ReviewItemQuerySet:
        """In the queue's order, with ``voted`` for ``user``; without what reasons rest on."""
        items = ReviewItem.objects.with_own_vote(user)
        if self.reason_asked:
            items = items.of_reason(self.reason_asked)
        if mission := self.cleaned_data.get("mission"):
            items = items.filter(mission=mission)
        if self.shown == "voted":
            items = items.voted_by(user)
        elif self.shown == "open":
            items = items.waiting_for(user)
        return items.in_order()

    def next_after(self, user: User, item: ReviewItem | None) -> ReviewItem | None:
        """The first one behind ``item`` that ``user`` has not voted on; behind the last one stands
        the first."""
        waiting = self.found(user).waiting_for(user).select_related("signal")
        waiting = waiting.defer("facts", "signal__inputs")
        if item is None:
            return waiting.first()
        same_worth = Q(worth=item.worth, signal_id__gt=item.signal_id)
        behind = waiting.filter(Q(worth__lt=item.worth) | same_worth)
        return behind.first() or waiting.exclude(pk=item.pk).first()
