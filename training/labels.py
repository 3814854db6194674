"""Labels as people type them: several in one field, between commas."""

from __future__ import annotations

import re
from typing import Any, Final

from django import forms

MOST_LABELS: Final = 12
LONGEST_LABEL: Final = 30


class LabelsField(forms.CharField):
    """Gives a list: each label once, in the order of the alphabet."""

    def __init__(self, *, owner: str, **options: Any) -> None:
        """``owner``: what has the labels, as in "a version"."""
        super().__init__(required=False, max_length=MOST_LABELS * (LONGEST_LABEL + 4), **options)
        self.owner = owner

    def clean(self, value: Any) -> list[str]:
        words = (" ".join(label.split()) for label in re.split("[,;\n]", super().clean(value)))
        spelled = {label.casefold(): label for label in words if label}
        labels = [spelled[key] for key in sorted(spelled)]
        if too_long := [label for label in labels if len(label) > LONGEST_LABEL]:
            raise forms.ValidationError(
                f"“{too_long[0]}” is longer than {LONGEST_LABEL} characters; shorten it."
            )
        if len(labels) > MOST_LABELS:
            raise forms.ValidationError(
                f"These are {len(labels)} labels; {self.owner} has at most {MOST_LABELS}."
            )
        return labels
