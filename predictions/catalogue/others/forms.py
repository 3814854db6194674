"""What a curator says of a list that is no mission's."""

from __future__ import annotations

from typing import Any

from django import forms

from predictions.catalogue.others.models import ALL_MISSIONS
from predictions.catalogue.others.services import Described


class OtherListForm(forms.Form):
    name = forms.CharField(
        label="Short name",
        max_length=60,
        help_text="As people call it: CTOI, T16. The name of a list that is here puts this table in"
        " its charge, and the one before becomes its history.",
    )
    source = forms.CharField(
        label="Where it is published",
        max_length=400,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text="Its address, shown beside each of its signals.",
    )
    citation = forms.CharField(
        label="How it is cited",
        max_length=400,
        help_text="A DOI, or the line that its authors ask for.",
    )
    mission = forms.ChoiceField(
        label="Its light curves are of",
        choices=[("", "choose"), *ALL_MISSIONS],
        error_messages={"required": "Say of whose light curves it is; “other” where of none."},
    )
    sure = forms.BooleanField(
        label="Put it in charge anyway", required=False, widget=forms.HiddenInput
    )

    def ask(self) -> None:
        """Show the question whether somebody is sure."""
        self.fields["sure"].widget = forms.CheckboxInput()

    @property
    def shown(self) -> list[Any]:
        return self.visible_fields()

    @property
    def described(self) -> Described:
        return Described(*(self.cleaned_data[n] for n in ("name", "source", "citation", "mission")))
