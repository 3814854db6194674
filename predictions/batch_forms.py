"""What people send about batches."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from predictions.batch_outcome import SORTS, RowFilter
from predictions.contributions import MAX_CONTRIBUTIONS
from training.ml.schema import DISPOSITIONS, Mission
from training.uploads import TOO_LARGE

_DISPOSITIONS: Final = [(str(number), str(disposition)) for number, disposition in enumerate(DISPOSITIONS)]


class BatchUploadForm(forms.Form):
    file = forms.FileField(
        label="Table",
        help_text="CSV, .csv.gz or TSV: the archive's own download, ExoFOP's list, our template, or your own columns.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.gz,.tsv,.txt,text/csv", "class": "drop"}),
        error_messages={
            "required": "Choose a table first.",
            "empty": "The file is empty. Upload a table with a header line and at least one row.",
        },
    )
    mission = forms.ChoiceField(
        label="Mission",
        required=False,
        choices=[("", "recognise it from the columns"), *((str(mission), str(mission)) for mission in Mission)],
        help_text="Only needed where the columns do not tell.",
    )

    def __init__(self, *args: Any, request: HttpRequest | None = None, limit_words: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if request is not None and request.META.get(TOO_LARGE):
            self.fields["file"].error_messages["required"] = (
                f"The file is larger than {limit_words}. Compress it with gzip, split it, or leave columns out."
            )

    @property
    def upload(self) -> UploadedFile[bytes]:
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        return file

    @property
    def mission_chosen(self) -> Mission | None:
        return Mission(self.cleaned_data["mission"]) if self.cleaned_data["mission"] else None


class BatchStartForm(forms.Form):
    top_contributions = forms.IntegerField(
        label="Reasons per row",
        required=False,
        min_value=0,
        max_value=MAX_CONTRIBUTIONS,
        initial=0,
        help_text=(
            f"How many of the strongest contributions go into the download, 0 to {MAX_CONTRIBUTIONS}. "
            "Any number above 0 takes about a hundred times longer; the pages explain single rows either way."
        ),
    )

    @property
    def top(self) -> int:
        return int(self.cleaned_data.get("top_contributions") or 0)


class RowFilterForm(forms.Form):
    """Part of the address, so that a view of the table can be shared."""

    disposition = forms.TypedChoiceField(
        label="Disposition", required=False, coerce=int, empty_value=None, choices=[("", "any"), *_DISPOSITIONS]
    )
    given = forms.TypedChoiceField(
        label="In the table", required=False, coerce=int, empty_value=None, choices=[("", "any"), *_DISPOSITIONS]
    )
    set_size = forms.TypedChoiceField(
        label="Prediction set", required=False, coerce=int, empty_value=None,
        choices=[("", "any"), ("1", "one disposition"), ("2", "two"), ("3", "all three"), ("0", "none")],
    )  # fmt: skip
    warned = forms.NullBooleanField(
        label="Warnings",
        widget=forms.Select(choices=[("", "with and without"), ("true", "with"), ("false", "without")]),
    )
    q = forms.CharField(label="Identifier", required=False, max_length=100)
    sort = forms.ChoiceField(required=False, choices=[(sort, sort) for sort in SORTS], widget=forms.HiddenInput)
    show = forms.ChoiceField(
        required=False,
        choices=[(name, name) for name in ("unusable", "disagreements", "all-disagreements")],
        widget=forms.HiddenInput,
    )

    def row_filter(self) -> RowFilter:
        """What is wrong in an address is left out, as if it were not there."""
        given = self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})
        show = given.get("show") or ""
        sort = given.get("sort") or ("row" if show == "unusable" else "-confidence" if show else "-planet_score")
        return RowFilter(
            disposition=given.get("disposition"),
            given=given.get("given"),
            set_size=given.get("set_size"),
            warned=given.get("warned"),
            unusable=show == "unusable",
            disagreements=show in ("disagreements", "all-disagreements"),
            with_trained_on=show == "all-disagreements",
            sort=sort,
        )

    @property
    def search(self) -> str:
        return str(getattr(self, "cleaned_data", {}).get("q") or "")
