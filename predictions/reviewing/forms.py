"""What people send: a vote, and the rule by which votes are taken as agreed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django import forms

from predictions.reviewing.models import MAX_COMMENT, Vote
from predictions.reviewing.services import WrongVote, vote_check
from predictions.reviewing.words import GROUNDS

MOST_PEOPLE: Final = 100


class VoteForm(forms.Form):
    answer = forms.ChoiceField(
        label="What is it?",
        choices=Vote.Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say what it is, or that you cannot tell."},
    )
    grounds = forms.MultipleChoiceField(
        label="On what grounds?",
        required=False,
        choices=[(ground.key, ground.words) for ground in GROUNDS.values()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose grounds from the list."},
    )
    comment = forms.CharField(
        label="Comment",
        required=False,
        max_length=MAX_COMMENT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "max_length": f"Shorten the comment to {MAX_COMMENT:,} characters at most."
        },
    )
    knew = forms.BooleanField(
        label="I had seen its score, its disposition or somebody's vote before", required=False
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors:
            try:
                vote_check(given["answer"], given["grounds"], given["comment"])
            except WrongVote as error:
                self.add_error("grounds", error.message)
        return given


@dataclass(frozen=True)
class AgreementRule:
    """Votes on a signal are agreed where at least ``people`` have voted, and a ``share`` of them
    says the same. ``only_blind``: only first votes count, of people who had not seen the score."""

    people: int = 2
    share: float = 0.8
    only_blind: bool = False

    @property
    def percent(self) -> str:
        return f"{100 * self.share:g}"

    @property
    def sentence(self) -> str:
        votes = "blind first votes" if self.only_blind else "votes as they stand"
        return (
            f"At least {self.people} {'person' if self.people == 1 else 'people'}, of whom at least"
            f" {self.percent} % say the same; counted are {votes}."
        )


class RuleForm(forms.Form):
    use_required_attribute = False  # a filter can be sent as it is
    people = forms.IntegerField(label="At least so many people", min_value=1, max_value=MOST_PEOPLE)
    share = forms.FloatField(
        label="of whom at least so many [%] say the same",
        min_value=50.1,
        max_value=100,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
        error_messages={"min_value": "More than half must say the same: give more than 50 %%."},
    )
    only_blind = forms.BooleanField(label="Count blind first votes only", required=False)

    USUAL: Final = {"people": "2", "share": "80"}

    def __init__(self, data: Any) -> None:
        super().__init__({**self.USUAL, **data.dict()})

    @property
    def rule(self) -> AgreementRule:
        """The usual one where the address makes no sense; the form then says what is wrong."""
        if not self.is_valid():
            return AgreementRule()
        given = self.cleaned_data
        return AgreementRule(given["people"], given["share"] / 100, given["only_blind"])


class DatasetForm(RuleForm):
    name = forms.CharField(
        label="Name of the dataset",
        max_length=100,
        error_messages={"required": "Give the dataset a name."},
    )
