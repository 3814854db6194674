"""With which batch another one is compared."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Case, QuerySet, Value, When

from predictions.batches.models import Batch

LISTED: Final = 100
"""Nobody finds a batch in a list of thousands, which would weigh a megabyte."""


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
        others = done.exclude(pk=batch.pk).defer("head")
        field: Any = self.fields["other"]
        field.queryset = others
        listed = _same_name_first(others, batch)
        field.choices = [(str(one.pk), field.label_from_instance(one)) for one in listed]
        if len(listed) == LISTED:
            field.help_text = f"The {LISTED} newest are listed, those of this table's name first."

    def clean_other(self) -> Batch:
        """An address may name one that is not listed: it is shown as the chosen one."""
        other: Batch = self.cleaned_data["other"]
        field: Any = self.fields["other"]
        if str(other.pk) not in dict(field.choices):
            field.choices = [*field.choices, (str(other.pk), field.label_from_instance(other))]
        return other


def _same_name_first(others: QuerySet[Batch], batch: Batch) -> list[Batch]:
    another = Case(When(name=batch.name, then=Value(0)), default=Value(1))
    return list(others.order_by(another, "-created_at")[:LISTED])
