"""What people send about their history."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from predictions.history.models import SavedView
from predictions.history.services import LONGEST_QUERY, labels_of, view_query
from training.labels import LabelsField


class LabelForm(forms.Form):
    """Labels to put on what was selected, and those to take away from it."""

    add = LabelsField(
        owner="a prediction", label="Labels to add", help_text="Between commas, as in: to observe."
    )
    take = forms.MultipleChoiceField(
        required=False, label="Labels to take away", widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, on_them: list[str], **kwargs: Any) -> None:
        """``on_them``: the labels that some of the selected have."""
        super().__init__(*args, **kwargs)
        taken: Any = self.fields["take"]
        taken.choices = [(name, name) for name in on_them]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not self.errors and not found.get("add") and not found.get("take"):
            raise forms.ValidationError("Name a label to add, or choose one to take away.")
        return found


class ViewNameForm(forms.Form):
    name = forms.CharField(
        label="Name of this view",
        max_length=60,
        error_messages={
            "required": "Give the view a name.",
            "max_length": "The name has more than 60 characters; shorten it.",
        },
    )

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


class ViewForm(ViewNameForm):
    page = forms.ChoiceField(choices=SavedView.Page.choices)
    query = forms.CharField(required=False, max_length=20 * LONGEST_QUERY)

    def clean(self) -> dict[str, Any]:
        """Keeps of the address what belongs to the view."""
        found = super().clean() or {}
        if "page" in found and "query" in found:
            found["query"] = view_query(found["page"], QueryDict(found["query"]))
            if not found["query"]:
                raise forms.ValidationError(
                    "Nothing is filtered or sorted in this view: choose something first."
                )
            if len(found["query"]) > LONGEST_QUERY:
                raise forms.ValidationError("This view asks for too much to be kept; ask for less.")
        return found


def on_them(user: Any, predictions: Any) -> list[str]:
    """Names of the labels that some of these predictions have."""
    found = labels_of(user).filter(predictions__in=predictions).distinct()
    return [label.name for label in found]
