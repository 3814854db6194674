"""Forms to classify a signal. Their fields come from the schema, their sentences from
``training.ml.inputs``."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.forms.boundfield import BoundField

from predictions.signals.models import Prediction
from predictions.signals.names import LENGTHS, text_problem
from training.labels import LabelsField
from training.ml.errors import InvalidSignal, UserError
from training.ml.inputs import parse_signal, parse_values, range_words
from training.ml.schema import (
    CONTEXT_NAMES,
    EPOCH_ZERO,
    FEATURE_NAMES,
    FEATURES,
    Feature,
    Group,
    Mission,
)
from training.ml.sky.place import PLACE_INPUTS, PLACE_KEYS, Place, parse_place
from training.ml.tables.data_loader import Limits, read_signals

if TYPE_CHECKING:
    from training.ml.signal_rows import SignalRows
    from training.ml.tables.signal_table import SignalTable

PASTE_LENGTH: Final = 100_000

GROUP_TITLES: Final[Mapping[Group, str]] = {
    Group.TRANSIT: "More about the transit",
    Group.PLANET: "The planet, as a catalogue derives it",
    Group.STAR: "The star",
    Group.UNCERTAINTY: "Uncertainties",
    Group.VETTING: "Vetting measurements of the Kepler pipeline",
}


class PlainTextField(forms.CharField):
    """A text that is judged in the API's words: the framework's own checks would use others."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.validators = []


class NameField(PlainTextField):
    """The identifier of a signal, or a note about it."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        self.name = name
        super().__init__(max_length=LENGTHS[name], **kwargs)

    def validate(self, value: Any) -> None:
        if problem := text_problem(self.name, value):
            raise forms.ValidationError(problem)


def note_field() -> NameField:
    return NameField("note", label="Note", widget=forms.Textarea(attrs={"rows": 3}))


class InputField(PlainTextField):
    """An input of a signal, as text: ``training.ml.inputs`` says what is wrong with it, in the
    API's words."""

    def __init__(self, feature: Feature) -> None:
        self.feature = feature
        self.unit = feature.unit
        super().__init__(
            label=feature.label, help_text=_help(feature), widget=_number_widget(feature)
        )


class ChoiceInputField(forms.ChoiceField):
    def __init__(self, feature: Feature) -> None:
        choices = [("", "not given"), *((choice, choice) for choice in feature.choices)]
        super().__init__(
            label=feature.label, required=False, help_text=feature.help, choices=choices
        )

    def validate(self, value: Any) -> None:
        """Left to ``training.ml.inputs``, which says it in the API's words."""


def _help(feature: Feature) -> str:
    words = range_words(feature)
    return f"{feature.help} {words[0].upper()}{words[1:]}."


def _number_widget(feature: Feature) -> forms.TextInput:
    length = len(feature.unit)
    width = "unit-short" if length < 5 else "unit-medium" if length < 9 else "unit-long"
    attributes = {"inputmode": "numeric" if feature.integer else "decimal", "autocomplete": "off"}
    return forms.TextInput(attrs=attributes | ({"class": width} if feature.unit else {}))


@dataclass(frozen=True)
class FieldGroup:
    """A folded part of the form; open when something in it is given or wrong."""

    title: str
    fields: list[BoundField]
    is_open: bool

    @property
    def given(self) -> int:
        return sum(bool(bound.value()) for bound in self.fields)


class SignalForm(forms.Form):
    """One signal. ``cleaned_data["rows"]`` is its harmonised row, ``raw`` what was typed."""

    mission = PlainTextField(
        widget=forms.Select(
            choices=[("", "choose a mission"), *((str(m), str(m)) for m in Mission)]
        ),
        help_text="Whose data the signal is in.",
    )
    identifier = NameField(
        "identifier",
        help_text=(
            "What you call it, such as TOI-700.02, K00072.01, TIC 150428135. Never used to"
            " classify."
        ),
    )
    note = note_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for feature in FEATURES:
            self.fields[feature.name] = (
                ChoiceInputField(feature) if feature.is_categorical else InputField(feature)
            )
        self.fields |= {feature.name: InputField(feature) for feature in PLACE_INPUTS}
        for name in ("mission", *(f.name for f in FEATURES if f.required)):
            self.fields[name].widget.attrs["aria-required"] = "true"
        self.order_fields(["mission", *FEATURE_NAMES, "identifier", *PLACE_KEYS, "note"])

    @property
    def raw(self) -> dict[str, Any]:
        """What was typed, by schema name, without what was left empty."""
        texts = {name: self.cleaned_data.get(name, "") for name in ("mission", *FEATURE_NAMES)}
        return {name: text for name, text in texts.items() if text}

    def clean(self) -> dict[str, Any]:
        typed = {name: self.cleaned_data.get(name) for name in PLACE_KEYS}
        self._read("place", parse_place, typed)
        self._read("rows", parse_signal, self.raw)
        return self.cleaned_data

    def _read(
        self, key: str, parse: Callable[[dict[str, Any]], Any], typed: dict[str, Any]
    ) -> None:
        try:
            self.cleaned_data[key] = parse(typed)
        except InvalidSignal as error:
            for name, sentences in error.fields.items():
                self.add_error(name if name in self.fields else None, sentences)

    @property
    def rows(self) -> SignalRows:
        rows: SignalRows = self.cleaned_data["rows"]
        return rows

    @property
    def place(self) -> Place | None:
        place: Place | None = self.cleaned_data["place"]
        return place

    def required_fields(self) -> list[BoundField]:
        return [self["mission"], *(self[feature.name] for feature in FEATURES if feature.required)]

    def field_groups(self) -> Iterator[FieldGroup]:
        for group, title in GROUP_TITLES.items():
            names = [f.name for f in FEATURES if f.group is group and not f.required]
            yield self._group(title, names)
        yield self._group("Where and when", PLACE_KEYS)

    def _group(self, title: str, names: Sequence[str]) -> FieldGroup:
        fields = [self[name] for name in names]
        return FieldGroup(title, fields, any(bound.value() or bound.errors for bound in fields))


class NoteForm(forms.ModelForm[Prediction]):
    """What its owner may still change about a prediction."""

    identifier = NameField("identifier")
    note = note_field()
    labels = LabelsField(
        owner="a prediction",
        label="Labels",
        help_text="Between commas, as in: to observe. Only you see them.",
    )

    class Meta:
        model = Prediction
        fields = ("identifier", "note")


# --- a pasted row ---------------------------------------------------------------------------------


class PastedRowError(UserError):
    code = "pasted_row"


@dataclass(frozen=True)
class PastedRow:
    """What a pasted text gives: values for the form, what to call the signal, and what was noticed
    about it."""

    values: dict[str, str]
    identifier: str = ""
    notes: list[str] = field(default_factory=list)


class PasteForm(forms.Form):
    """A row of a table with its header, or lines such as ``orbital_period = 3.52``."""

    row = forms.CharField(
        label="A row with its header, or name = value lines",
        max_length=PASTE_LENGTH,
        widget=forms.Textarea(
            attrs={"rows": 4, "class": "mono", "spellcheck": "false", "autocomplete": "off"}
        ),
        error_messages={"required": "Paste a header line and a row, or lines of name = value."},
    )

    pasted: PastedRow

    def clean_row(self) -> str:
        text: str = self.cleaned_data["row"]
        try:
            self.pasted = read_pasted(text)
        except UserError as error:
            raise forms.ValidationError(error.message) from error
        return text


def read_pasted(text: str) -> PastedRow:
    """The signal in ``text``: a header with one row (comma, semicolon or tab), or lines of ``name =
    value``."""
    pairs = _name_value_pairs(text)
    return _read_pairs(pairs) if pairs else _read_table(text)


def _name_value_pairs(text: str) -> list[tuple[str, str]]:
    """Pairs of every line, or nothing where a line is not a pair."""
    pairs = []
    for line in filter(None, (line.strip().rstrip(",") for line in text.splitlines())):
        name, sign, value = line.partition("=") if "=" in line else line.partition(":")
        if not sign or "," in name:
            return []
        pairs.append((name.strip().strip("\"'"), value.strip().strip("\"'")))
    return pairs


def _read_pairs(pairs: list[tuple[str, str]]) -> PastedRow:
    raw = dict(pairs)
    identifier = raw.pop("identifier", "")
    try:
        values = parse_values(raw)
    except InvalidSignal as error:
        if unknown := [
            name for name in error.fields if name not in FEATURE_NAMES and name != "mission"
        ]:
            raise PastedRowError(
                " ".join(sentence for name in unknown for sentence in error.fields[name])
            ) from error
        return PastedRow(
            {name: str(value) for name, value in raw.items()}, identifier
        )  # the form says what is wrong
    return PastedRow({name: input_text(value) for name, value in values.items()}, identifier)


def _read_table(text: str) -> PastedRow:
    table = read_signals(io.BytesIO(_one_table(text).encode()), limits=Limits(rows=1000))
    if not len(table):
        raise PastedRowError(
            next(iter(table.row_reasons.values()), "There is no row below the header.")
        )
    if len(table) > 1:
        raise PastedRowError(
            f"These are {len(table)} signals; paste one, or classify them together as a batch."
        )
    row = table.frame.iloc[0]
    # One row cannot tell how many signals its table lists for the star.
    names = [
        name
        for name in ("mission", *FEATURE_NAMES)
        if name not in CONTEXT_NAMES and row[name] == row[name]
    ]
    identifier = table.signals.iloc[0] if table.signals.notna().iloc[0] else ""
    prefix = "TOI-" if table.layout.key in ("toi", "exofop") and identifier else ""
    values = {name: input_text(row[name]) for name in names}
    return PastedRow(values | _place_texts(table), prefix + identifier, table.notes[0])


def _place_texts(table: SignalTable) -> dict[str, str]:
    """Position and mid-transit time of a table's first signal, as one would type them."""
    ra, dec = (float(table.positions[name].iloc[0]) for name in ("ra", "dec"))
    stated = {"ra": ra, "dec": dec, "epoch": float(table.epochs[0]) + EPOCH_ZERO}
    return {name: input_text(value) for name, value in stated.items() if value == value}


def _one_table(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    if len([line for line in lines if not line.startswith("#")]) < 2:
        raise PastedRowError(
            "One line alone does not say what its numbers are: paste the header line above it, "
            "or write lines such as “orbital_period = 3.52”."
        )
    return "\n".join(lines)


def input_text(value: Any) -> str:
    """A value as one would type it, every digit kept."""
    if isinstance(value, str):
        return value
    text = f"{Decimal(repr(float(value))):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
