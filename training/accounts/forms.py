"""What people send about their accounts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import PasswordResetForm, UserCreationForm
from django.contrib.auth.models import User

from training.accounts.models import Scope

_DAYS = [(7, "a week"), (30, "30 days"), (90, "90 days"), (365, "a year")]
_SCOPES = [
    (Scope.READ, "Read: figures of the classifier, your batches and their results"),
    (Scope.CLASSIFY, "Classify: signals and tables"),
    (Scope.TRAIN, "Train: what curators do; without that role it gives nothing"),
]


class TokenForm(forms.Form):
    name = forms.CharField(
        label="Name",
        max_length=60,
        help_text="Where it will be used, so that you know later what stops if you revoke it.",
        error_messages={"required": "Give the token a name."},
    )
    days = forms.TypedChoiceField(label="Valid for", choices=_DAYS, initial=30, coerce=int)
    scopes = forms.MultipleChoiceField(
        label="May",
        choices=_SCOPES,
        initial=[Scope.READ, Scope.CLASSIFY],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one thing that the token may do."},
    )


class ProfileForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = ("first_name", "last_name", "email")
        help_texts = {"email": "For a new password, if you forget yours. Nobody else sees it."}
        labels = {"email": "E-mail address"}

    password = forms.CharField(
        label="Your password",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text="Only to change the e-mail address: a new password can be asked for from there.",
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "email" in self.changed_data and not self.instance.check_password(
            given.get("password", "")
        ):
            self.add_error("password", "To change the e-mail address, give your present password.")
        return given


class ResetForm(PasswordResetForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "E-mail address"


class SignUpForm(UserCreationForm[User]):
    email = forms.EmailField(
        label="E-mail address", help_text="For a new password, if you forget yours."
    )

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "User name"
        self.fields["username"].help_text = "Letters, digits and @ . + - _"
        self.fields[
            "password1"
        ].help_text = "At least 10 characters, not a common password, not only digits."
        self.fields["password2"].label = "Password again"
        self.fields["password2"].help_text = ""


class InvitationForm(forms.Form):
    note = forms.CharField(
        label="For whom",
        required=False,
        max_length=120,
        help_text="For you to remember; only administrators see it.",
    )


class AuditForm(forms.Form):
    q = forms.CharField(label="Search", required=False, max_length=100)
    user = forms.CharField(label="User name", required=False, max_length=150)
    since = forms.DateField(
        label="Since", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
