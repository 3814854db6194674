"""What people send about a row."""

from __future__ import annotations

from django import forms

from predictions.triage.models import RowMark
from predictions.triage.services import MAX_NOTE


class RowMarkForm(forms.Form):
    """A decision by one of three buttons, or a note; what is not sent stays as it was."""

    decision = forms.ChoiceField(
        required=False, choices=[("clear", "undecided"), *RowMark.Decision.choices]
    )
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": f"Shorten the note to {MAX_NOTE:,} characters at most."},
    )

    @property
    def given(self) -> dict[str, str | None]:
        decision = self.cleaned_data["decision"] or None
        return {
            "decision": "" if decision == "clear" else decision,
            "note": self.cleaned_data["note"] if "note" in self.data else None,
        }
