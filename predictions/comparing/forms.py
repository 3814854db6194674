"""With which batch another one is compared."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import AnonymousUser, User

from predictions.batches.models import Batch


class BatchChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, batch: Batch) -> str:
        ended = batch.finished_at
        return f"{batch.name}, {ended:%Y-%m-%d %H:%M}" if ended else batch.name


class OtherBatchForm(forms.Form):
    other = BatchChoiceField(
        queryset=Batch.objects.none(),
        label="Compare with",
        empty_label=None,
        error_messages={
            "invalid_choice": "There is no such batch that is done; choose one from the list."
        },
    )

    def __init__(self, data: Any, *, batch: Batch, user: User | AnonymousUser) -> None:
        super().__init__(data)
        done = Batch.objects.visible_to(user).filter(status=Batch.Status.SUCCEEDED)
        self.fields["other"].queryset = done.exclude(pk=batch.pk).defer("head")  # type: ignore[attr-defined]
