"""What people send about datasets."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from training.datasets.uploads import too_large_sentence, was_too_large
from training.ml.schema import Mission
from training.ml.tables.reading.content import EXTENSIONS, FORMATS_READ, PACKED_READ


class TableForm(forms.Form):
    """A table and its mission; what the table is for is said by the form that has the ``file``."""

    mission = forms.ChoiceField(
        label="Mission",
        required=False,
        help_text="Only needed where the columns do not tell.",
        choices=[("", "recognise it from the columns"), *((str(m), str(m)) for m in Mission)],
    )
    field_order = ("file", "mission")
    max_bytes_setting = "DATASET_MAX_BYTES"

    def __init__(self, *args: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if was_too_large(request):
            said = too_large_sentence(getattr(settings, self.max_bytes_setting))
            self.fields["file"].error_messages["required"] = said

    @property
    def upload(self) -> UploadedFile[bytes]:
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        return file

    @property
    def mission_chosen(self) -> Mission | None:
        return Mission(self.cleaned_data["mission"]) if self.cleaned_data["mission"] else None


class DatasetUploadForm(TableForm):
    file = forms.FileField(
        label="Table",
        help_text=(
            "With a column of dispositions: the archive's own download, or your own columns. Read"
            f" are {FORMATS_READ}, also as {PACKED_READ}."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(EXTENSIONS), "class": "drop"}),
        error_messages={"required": "Choose a table first.", "empty": "The file is empty."},
    )


class DatasetFetchForm(forms.Form):
    mission = forms.ChoiceField(
        label="Newest table of",
        choices=[(str(m), str(m)) for m in (Mission.KEPLER, Mission.TESS, Mission.K2)],
    )
