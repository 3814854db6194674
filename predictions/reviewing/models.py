"""The queue of signals that are worth a look, and what people say about them.

Votes are people's, dispositions the archive's, scores a version's: each has a table of its own, and
none is ever written into another.
"""

from __future__ import annotations

from typing import Any, Final, Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from predictions.catalogue.models import MISSIONS, Signal
from training.ml.errors import HistoryIsKept
from training.ml.reviewing.worth import Reason
from training.models import ModelVersion

FLAGS: Final = {reason: reason.value.replace("-", "_") for reason in Reason}
"""The column of each reason."""
MAX_COMMENT: Final = 2_000


class ReviewQueue(models.Model):
    """One row: of which state of the catalogue the queue is, and what became of making it."""

    state = models.CharField(max_length=200, blank=True, help_text="Tables and version.")
    version = models.ForeignKey(
        ModelVersion, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(null=True)
    signals = models.IntegerField(default=0, help_text="How many were looked at.")
    labelled = models.IntegerField(default=0, help_text="How many labels could be compared.")
    reason = models.TextField(blank=True, help_text="Why it could not be made anew.")

    def __str__(self) -> str:
        return f"queue of {self.state or 'nothing'}"


class ReviewItemQuerySet(models.QuerySet["ReviewItem"]):
    def of_reason(self, reason: Reason) -> Self:
        return self.filter(**{FLAGS[reason]: True})

    def with_own_vote(self, user: User) -> Self:
        """``voted``: whether ``user`` has said something about it."""
        return self.annotate(voted=self._own(user))

    def voted_by(self, user: User) -> Self:
        return self.filter(self._own(user))

    def waiting_for(self, user: User) -> Self:
        return self.filter(~self._own(user))

    def _own(self, user: User) -> Exists:
        own = Vote.objects.filter(signal=OuterRef("signal"), voter=user, is_current=True)
        return Exists(own)

    def in_order(self) -> Self:
        return self.order_by("-worth", "signal_id")


class ReviewItem(models.Model):
    """A signal with the reasons why somebody should look at it."""

    signal = models.OneToOneField(Signal, on_delete=models.CASCADE, related_name="review_item")
    mission = models.CharField(max_length=10, choices=MISSIONS)
    worth = models.FloatField()
    suspected_label = models.BooleanField(default=False)
    conflict = models.BooleanField(default=False)
    versions = models.BooleanField(default=False)
    unfamiliar = models.BooleanField(default=False)
    several = models.BooleanField(default=False)
    facts = models.JSONField(default=dict, help_text="What each reason rests on.")

    objects = ReviewItemQuerySet.as_manager()

    class Meta:
        ordering = ("-worth", "signal_id")
        indexes = (models.Index(fields=("-worth", "signal"), name="review_worth"),)

    def __str__(self) -> str:
        return f"{self.signal_id}: {', '.join(self.reasons)}"

    @property
    def reasons(self) -> list[Reason]:
        return [reason for reason, flag in FLAGS.items() if getattr(self, flag)]


class VoteQuerySet(models.QuerySet["Vote"]):
    def current(self) -> Self:
        return self.filter(is_current=True)

    def blind(self) -> Self:
        """First votes of people who had not seen the score."""
        return self.filter(is_blind=True)

    def delete(self) -> tuple[int, dict[str, int]]:
        raise HistoryIsKept("Votes are changed by new ones and never deleted.")


class Vote(models.Model):
    """What a person says about a signal. Another vote of the same person takes its place; the row
    stays, and nothing in it but ``is_current`` ever changes."""

    class Answer(models.TextChoices):
        PLANET = "planet", "planet"
        FALSE_POSITIVE = "false positive", "false positive"
        CANNOT_TELL = "cannot tell", "cannot tell"

    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="votes")
    voter = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    voter_name = models.CharField(max_length=150, help_text="Also when the account has gone.")
    answer = models.CharField(max_length=14, choices=Answer.choices)
    grounds = models.JSONField(default=list)
    comment = models.TextField(blank=True)
    is_blind = models.BooleanField(
        help_text="The person's first one, given without having seen the score."
    )
    is_current = models.BooleanField(default=True)
    made_at = models.DateTimeField(default=timezone.now)

    objects = VoteQuerySet.as_manager()

    class Meta:
        ordering = ("made_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("signal", "voter"),
                condition=Q(is_current=True),
                name="one_current_vote_per_person",
            ),
        )
        indexes = (models.Index(fields=("is_current", "signal"), name="vote_current"),)

    def __str__(self) -> str:
        return f"{self.voter_name} on {self.signal_id}: {self.answer}"

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise HistoryIsKept("Votes are changed by new ones and never deleted.")
