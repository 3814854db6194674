"""What people send about model versions."""

from __future__ import annotations

from typing import Any

from django import forms

from training.labels import LabelsField
from training.versions.models import ModelVersion


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
    labels = LabelsField(
        owner="a version",
        label="Labels",
        help_text="Between commas, as in: all missions, for the paper.",
    )

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    def clean_labels(self) -> str:
        """As the version keeps them."""
        return ", ".join(self.cleaned_data["labels"])


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
