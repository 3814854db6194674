"""The catalogue follows what is put in service; who follows it is not known here."""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import Signal as Announcement
from django_q.tasks import async_task

from predictions.catalogue.models import Signal
from predictions.catalogue.others.models import OtherSignal
from training.versions.models import Activation

SCORE: Final = "predictions.catalogue.tasks.score_signals"
catalogue_changed: Final = Announcement()
"""Sent after a table took charge, and after signals were scored anew."""


def connect() -> None:
    # Training knows nothing of the catalogue: what it leaves behind is the row of an activation.
    post_save.connect(score_anew, sender=Activation, dispatch_uid="catalogue")


def score_anew(created: bool, **kwargs: Any) -> None:
    if created and (Signal.objects.exists() or OtherSignal.objects.exists()):
        transaction.on_commit(lambda: async_task(SCORE))
