"""What people say about light curves of many stars."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from predictions.curves.folders.unpacking import MOST_FILES
from predictions.curves.forms import (
    MOST_ZERO,
    ZEROS,
    FilesField,
    FilesInput,
    too_large_sentence,
)
from training.datasets.uploads import was_too_large
from training.ml.curves.glance import TIME_UNITS
from training.ml.curves.read import Reading
from training.ml.schema import Mission


class FolderForm(forms.Form):
    file = FilesField(
        label="Light curves of many stars",
        help_text=(
            f"A ZIP archive, or up to {MOST_FILES} files: FITS as MAST gives it, or tables of time"
            " and flux. Files of one star are joined, by header or file name."
        ),
        widget=FilesInput(attrs={"class": "drop", "multiple": True}),
        error_messages={
            "required": "Choose at least one file first.",
            "empty": "One of the files is empty.",
        },
    )
    mission = forms.ChoiceField(
        label="Mission",
        required=False,
        choices=[("", "as the files say"), *((str(m), str(m)) for m in Mission)],
    )
    time_column = forms.CharField(label="Column of the time", required=False, max_length=200)
    flux_column = forms.CharField(label="Column of the flux", required=False, max_length=200)
    time_unit = forms.ChoiceField(
        label="Unit of the time",
        required=False,
        choices=[("", "days"), *((unit, unit) for unit in TIME_UNITS if unit != "d")],
    )
    time_zero = forms.FloatField(
        label="Times count from",
        required=False,
        min_value=0,
        max_value=MOST_ZERO,
        widget=forms.Select(choices=ZEROS),
    )

    def __init__(self, *args: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if was_too_large(request):
            self.fields["file"].error_messages["required"] = too_large_sentence()

    @property
    def uploads(self) -> list[UploadedFile[bytes]]:
        files: list[UploadedFile[bytes]] = self.cleaned_data["file"]
        return files

    def reading_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name != "file"]

    def reading(self) -> Reading:
        """For files that do not say it themselves."""
        given = self.cleaned_data
        return Reading(
            time_column=given["time_column"],
            flux_column=given["flux_column"],
            zero=given["time_zero"],
            mission=Mission(given["mission"]) if given["mission"] else None,
            unit=given["time_unit"],
        )
