"""What people send about watching."""

from __future__ import annotations

from typing import Any

from django import forms
from django.shortcuts import get_object_or_404

from predictions.catalogue.models import Signal, Star
from predictions.watching.models import Watch, Watcher
from predictions.watching.webhooks.addresses import LONGEST


class WatchForm(forms.Form):
    """From the button of a page of the catalogue."""

    kind = forms.ChoiceField(choices=[(kind, kind) for kind in ("signal", "star", "list")])
    slug = forms.CharField(required=False, max_length=100)
    query = forms.CharField(required=False, max_length=1000)

    @property
    def given(self) -> dict[str, Any]:
        """What is watched. Raises ``Http404`` where there is no such signal or star."""
        kind, slug = self.cleaned_data["kind"], self.cleaned_data["slug"]
        if kind == "list":
            return {"query": self.cleaned_data["query"]}
        model: Any = Signal if kind == "signal" else Star
        return {kind: get_object_or_404(model, slug=slug)}


class WatchChangeForm(forms.ModelForm[Watch]):
    threshold = forms.FloatField(
        label="Tell me when a planet score crosses",
        min_value=0.01,
        max_value=0.99,
        widget=forms.NumberInput(attrs={"step": "0.01", "inputmode": "decimal"}),
        help_text="Between 0.01 and 0.99, upward or downward, by the answer of another version.",
    )

    class Meta:
        model = Watch
        fields = ("name", "threshold")
        labels = {"name": "Name"}
        help_texts = {"name": "What news of it are headed with."}


class MailForm(forms.Form):
    mail = forms.ChoiceField(label="E-mail", choices=Watcher.Mail.choices, widget=forms.RadioSelect)


class WebhookForm(forms.Form):
    address = forms.CharField(
        label="Address",
        max_length=LONGEST,
        widget=forms.URLInput(attrs={"placeholder": "https://example.org/hook"}),
        help_text="Of a server on the internet that takes POST requests by https.",
        error_messages={"required": "Give the address of the receiver."},
    )
