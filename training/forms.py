"""What people send about datasets, training runs and model versions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from training.ml.preprocess import Balance
from training.ml.schema import Mission
from training.models import Dataset, ModelVersion
from training.services_runs import MOST_TRIALS, Choices

_BALANCES = [
    (Balance.SMOTE, "SMOTE: rare dispositions are filled up with made-up neighbours, in the training folds only"),
    (Balance.WEIGHTS, "Class weights: rare dispositions count more"),
    (Balance.NONE, "Nothing: dispositions count as often as they occur"),
]


class DatasetUploadForm(forms.Form):
    file = forms.FileField(
        label="Table",
        help_text="CSV, .csv.gz or TSV with a column of dispositions: the archive's own download, or your own columns.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.gz,.tsv,.txt,text/csv"}),
        error_messages={"required": "Choose a table first.", "empty": "The file is empty."},
    )
    mission = forms.ChoiceField(
        label="Mission", required=False, help_text="Only needed where the columns do not tell.",
        choices=[("", "recognise it from the columns"), *((str(m), str(m)) for m in Mission)],
    )  # fmt: skip

    @property
    def upload(self) -> UploadedFile[bytes]:
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        return file

    @property
    def mission_chosen(self) -> Mission | None:
        return Mission(self.cleaned_data["mission"]) if self.cleaned_data["mission"] else None


class DatasetFetchForm(forms.Form):
    mission = forms.ChoiceField(
        label="Newest table of", choices=[(str(m), str(m)) for m in (Mission.KEPLER, Mission.TESS, Mission.K2)]
    )


class DatasetsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except OverflowError as error:  # a number longer than the database's numbers
            raise forms.ValidationError("There is no such dataset.") from error


class TrainingRunForm(forms.Form):
    datasets = DatasetsField(
        queryset=Dataset.objects.none(), widget=forms.CheckboxSelectMultiple, label="Datasets",
        error_messages={"required": "Choose at least one dataset."},
    )  # fmt: skip
    seed = forms.IntegerField(
        label="Seed", initial=0, min_value=0, max_value=2**31 - 1,
        help_text="The same seed and the same datasets give the same classifier.",
    )  # fmt: skip
    balance = forms.ChoiceField(label="Rare dispositions", choices=_BALANCES, initial=Balance.SMOTE)
    masking = forms.BooleanField(
        label="Mask inputs at random", required=False, initial=True,
        help_text="So that the classifier also does for people who type six numbers. Leave it on.",
    )  # fmt: skip
    search_trials = forms.IntegerField(
        label="Search", initial=0, min_value=0, max_value=MOST_TRIALS,
        help_text="How many choices of the booster's parameters to try first; 0 is the usual choice. "
        "Each takes about as long as two of the usual seven steps.",
    )  # fmt: skip
    search_minutes = forms.IntegerField(
        label="Search at most", required=False, min_value=1, max_value=600,
        help_text="After this time no further choice is begun. Empty: as many as are asked for.",
    )  # fmt: skip
    rounds = forms.IntegerField(
        label="Most boosting rounds", required=False, min_value=20, max_value=5000,
        help_text="Empty: the usual number. Validation stars stop the boosting earlier.",
    )  # fmt: skip
    notes = forms.CharField(
        label="Notes", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What this training is for; it goes with the version.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["datasets"].queryset = Dataset.objects.usable()  # type: ignore[attr-defined]

    def choices(self) -> Choices:
        given = self.cleaned_data
        return Choices(
            given["seed"],
            given["balance"],
            given["masking"],
            given["search_trials"],
            given["rounds"] or None,
            given["search_minutes"] or None,
        )


class ActivateForm(forms.Form):
    reason = forms.CharField(
        label="Reason", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept in the history of what was in service.",
        error_messages={"required": "Say in a few words why; it is kept in the history of what was in service."},
    )  # fmt: skip
    override = forms.BooleanField(label="Activate it although this speaks against it", required=False)


class NotesForm(forms.Form):
    notes = forms.CharField(label="Notes", required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3}))


class CompareForm(forms.Form):
    other = forms.ModelChoiceField(
        queryset=ModelVersion.objects.none(), to_field_name="name", label="Compare with", empty_label=None
    )

    def __init__(self, *args: Any, version: ModelVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = ModelVersion.objects.exclude(pk=version.pk).defer("metadata")
        self.fields["other"].queryset = others  # type: ignore[attr-defined]
