"""What people send about model versions."""

from __future__ import annotations

import re
from typing import Any, Final

from django import forms

from training.versions.models import ModelVersion

MOST_LABELS: Final = 12
LONGEST_LABEL: Final = 30


class ActivateForm(forms.Form):
    reason = forms.CharField(
        label="Reason",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept in the history of what was in service.",
        error_messages={
            "required": "Say in a few words why; it is kept in the history of what was in service."
        },
    )
    override = forms.BooleanField(
        label="Activate it although this speaks against it", required=False
    )


class NotesForm(forms.Form):
    notes = forms.CharField(
        label="Notes", required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3})
    )


class NameForm(forms.Form):
    title = forms.CharField(
        label="Name",
        required=False,
        max_length=80,
        help_text="What people call it; its timestamp stays beside it.",
    )
    labels = forms.CharField(
        label="Labels",
        required=False,
        max_length=400,
        help_text="Between commas, as in: all missions, for the paper.",
    )

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    def clean_labels(self) -> str:
        """Each once, in the order of the alphabet."""
        words = (
            " ".join(label.split()) for label in re.split("[,;\n]", self.cleaned_data["labels"])
        )
        labels = sorted({label for label in words if label}, key=str.casefold)
        if too_long := [label for label in labels if len(label) > LONGEST_LABEL]:
            raise forms.ValidationError(
                f"“{too_long[0]}” is longer than {LONGEST_LABEL} characters; shorten it."
            )
        if len(labels) > MOST_LABELS:
            raise forms.ValidationError(
                f"These are {len(labels)} labels; a version has at most {MOST_LABELS}."
            )
        return ", ".join(labels)


class VersionChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, version: ModelVersion) -> str:
        return version.titled


class CompareForm(forms.Form):
    other = VersionChoiceField(
        queryset=ModelVersion.objects.none(),
        to_field_name="name",
        label="Compare with",
        empty_label=None,
    )

    def __init__(self, *args: Any, version: ModelVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = ModelVersion.objects.exclude(pk=version.pk).defer("metadata")
        self.fields["other"].queryset = others  # type: ignore[attr-defined]
