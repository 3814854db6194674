"""What people send about training runs."""

from __future__ import annotations

from typing import Any

from django import forms

from training.datasets.models import Dataset
from training.ml.fitting.parameters import Balance
from training.runs.services import MAX_TRIALS, Choices, DatasetsDoubted

_BALANCES = [
    (
        Balance.SMOTE,
        (
            "SMOTE: rare dispositions are filled up with made-up neighbours, in the training folds"
            " only"
        ),
    ),
    (Balance.WEIGHTS, "Class weights: rare dispositions count more"),
    (Balance.NONE, "Nothing: dispositions count as often as they occur"),
]


class DatasetsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except OverflowError as error:  # a number longer than the database's numbers
            raise forms.ValidationError("There is no such dataset.") from error


class TrainingRunForm(forms.Form):
    datasets = DatasetsField(
        queryset=Dataset.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        label="Datasets",
        error_messages={"required": "Choose at least one dataset."},
    )
    seed = forms.IntegerField(
        label="Seed",
        initial=0,
        min_value=0,
        max_value=2**31 - 1,
        help_text="The same seed and the same datasets give the same classifier.",
    )
    balance = forms.ChoiceField(label="Rare dispositions", choices=_BALANCES, initial=Balance.SMOTE)
    masking = forms.BooleanField(
        label="Mask inputs at random",
        required=False,
        initial=True,
        help_text="So that the classifier also does for people who type six numbers. Leave it on.",
    )
    search_trials = forms.IntegerField(
        label="Search",
        initial=0,
        min_value=0,
        max_value=MAX_TRIALS,
        help_text=(
            "How many choices of the booster's parameters to try first; 0 is the usual choice. "
            "Each takes about as long as two of the usual seven steps."
        ),
    )
    search_minutes = forms.IntegerField(
        label="Search at most",
        required=False,
        min_value=1,
        max_value=600,
        help_text="After this time no further choice is begun. Empty: as many as are asked for.",
    )
    rounds = forms.IntegerField(
        label="Most boosting rounds",
        required=False,
        min_value=20,
        max_value=5000,
        help_text="Of each booster. Empty: the usual numbers. Validation stars stop earlier.",
    )
    accept_doubts = forms.BooleanField(
        label="These units are right: train on them",
        required=False,
        help_text="Only where the values are what their column says. A classifier that learns"
        " from a mistaken unit is wrong for everybody.",
    )
    notes = forms.CharField(
        label="Notes",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What this training is for; it goes with the version.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["datasets"].queryset = Dataset.objects.usable()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        doubted = [dataset for dataset in given.get("datasets", ()) if dataset.doubts]
        if doubted and not given.get("accept_doubts"):
            self.add_error("accept_doubts", DatasetsDoubted(doubted).message)
        return given

    def doubts(self) -> list[tuple[str, str]]:
        """Each doubt about a dataset that can be chosen, with the dataset's name."""
        usable = Dataset.objects.usable()
        return [(str(dataset), doubt) for dataset in usable for doubt in dataset.doubts]

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
