"""Which of a table's columns feed which of our features:
the form that batches and datasets share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from django import forms
from django.forms import BoundField

from training.datasets.mapping_columns import (
    ColumnCard,
    LeftColumn,
    UnitChoice,
    doubts_by_feature,
    samples_of,
    sure_words,
)
from training.datasets.mapping_effects import first_row_effects
from training.datasets.mapping_units import (
    IN_ROWS_OF,
    alternatives,
    chosen_unit,
    rows_effect,
    with_units,
)
from training.ml.errors import NoSignalColumns
from training.ml.schema import DISPOSITIONS, FEATURE_BY_NAME, FEATURES, Feature, Group, Mission
from training.ml.tables.doubting.questions import Question
from training.ml.tables.guessing.guesses import Guess
from training.ml.tables.mapping import ROLES, ColumnMapping
from training.ml.tables.preview import Preview
from training.ml.tables.units import UNITS

OF_EACH_ROW: Final = "column"
ROLE_LABELS: Final = {
    "signal": ("Identifier of the signal", "Such as K00752.01 or TOI-700.02."),
    "star": (
        "Star",
        "Its number or name in a catalogue; signals with the same star are counted as siblings.",
    ),
    "disposition": (
        "Disposition",
        "To compare our answers with yours; never an input of the classifier.",
    ),
    "ra": ("Right ascension", "In degrees; hours, minutes and seconds are understood too."),
    "dec": ("Declination", "In degrees."),
}
LIST_ID: Final = "columns-of-the-table"
MAX_LISTED: Final = 60
MAX_LISTED_EVERYWHERE: Final = 24
"""More columns than these are typed with suggestions, first where nothing is to decide: a list of
all of them in each field would make the page many times as heavy."""


class MappingForm(forms.Form):
    """Fields are made from the schema and from the header of the table; what the preview reads it
    by, or guesses, is what they begin with."""

    def __init__(self, *args: Any, preview: Preview, **kwargs: Any) -> None:
        self.preview = preview
        self.columns = list(preview.columns)
        self.guess = preview.mapping
        self.samples = samples_of(preview.raw)
        super().__init__(*args, **{"prefix": "map", "initial": _initial(self.guess)} | kwargs)
        missions = [(str(mission), str(mission)) for mission in Mission]
        self.fields["mission"] = forms.ChoiceField(
            label="Mission",
            required=False,
            choices=[("", "Choose …"), *missions, (OF_EACH_ROW, "each row names it")],
        )
        self.fields["mission_column"] = self._column_field("Column of the mission")
        for role, (label, help_text) in ROLE_LABELS.items():
            self.fields[role] = self._column_field(label, help_text)
        for feature in _mapped_features():
            self._add_feature(feature)
        for place, (question, word) in enumerate(self._words()):
            self.fields[f"word_{place}"] = _word_field(question, word)
        self.fields["save_as"] = forms.CharField(
            label="Keep this mapping as",
            required=False,
            max_length=100,
            help_text="It is then offered again for tables with the same columns.",
        )

    def _add_feature(self, feature: Feature) -> None:
        found = feature.name in self.guess.features
        offered = self._offer(feature) is not None
        self.fields[_column_name(feature)] = self._column_field(
            feature.label,
            listed=found or offered or feature.required,
            to_decide=offered or (feature.required and not found),
        )
        given = chosen_unit(self.guess, feature.name)
        others = self._alternatives(feature.name)
        known = [unit.name for unit in UNITS[feature.name]]
        names = list(dict.fromkeys([*known, given, *others]))
        if len(known) > 1:
            radios = bool(others and found)
            self.fields[_unit_name(feature)] = _unit_field(feature, names, radios)

    def _column_field(
        self, label: str, help_text: str = "", *, listed: bool = True, to_decide: bool = False
    ) -> forms.CharField:
        widget: forms.Widget = forms.TextInput(
            attrs={"list": LIST_ID, "autocomplete": "off", "spellcheck": "false"}
        )
        most = MAX_LISTED if to_decide else MAX_LISTED_EVERYWHERE
        if listed and len(self.columns) <= most:
            columns = [(column, column) for column in self.columns if column]
            widget = forms.Select(choices=[("", "not in this table"), *columns])
        return forms.CharField(
            label=label, help_text=help_text, required=False, strip=True, widget=widget
        )

    # --- what is known of the table ------------------------------------------------------------

    def _words(self) -> Iterator[tuple[Question, str]]:
        """Words of the table whose meaning only a person knows."""
        for question in self.preview.questions:
            for word in question.words:
                yield question, word

    @cached_property
    def _guesses(self) -> dict[str, Guess]:
        return {guess.target: guess for guess in self.preview.guesses}

    def _offer(self, feature: Feature) -> Guess | None:
        """A guess that is not sure enough to be filled in."""
        guess = self._guesses.get(feature.name)
        return guess if guess and not guess.filled else None

    def _alternatives(self, name: str) -> list[str]:
        return alternatives(name, self.guess, self._guesses.get(name), self.preview.doubts)

    @cached_property
    def _effects(self) -> Mapping[tuple[str, str], str]:
        undecided = [name for name in self.guess.features if self._alternatives(name)]
        choices = [
            (name, unit)
            for name in undecided
            for unit in (self.guess.features[name][1], *self._alternatives(name))
            if IN_ROWS_OF not in unit
        ]
        return first_row_effects(self.preview.raw, self.guess, choices) if choices else {}

    # --- for the template ----------------------------------------------------------------------

    @property
    def list_id(self) -> str:
        return LIST_ID

    @property
    def is_of_unknown_columns(self) -> bool:
        return isinstance(self.preview.refusal, NoSignalColumns)

    @property
    def shows_effects(self) -> bool:
        return bool(self._effects)

    def mission_fields(self) -> list[BoundField]:
        return [self["mission"], self["mission_column"]]

    @property
    def asks_for_mission(self) -> bool:
        return not self["mission"].value()

    def word_fields(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name.startswith("word_")]

    def questions(self) -> list[str]:
        return [question.sentence for question in self.preview.questions if question.words]

    def doubted_cards(self) -> list[ColumnCard]:
        """Columns that seem to stand in another unit."""
        return [card for card in self._cards if card.doubt]

    def open_cards(self) -> list[ColumnCard]:
        """What else needs a decision: needed and not found, offered, or in a unit that is not
        sure."""
        found = [card for card in self._cards if self._is_open(card) and not card.doubt]
        return sorted(found, key=lambda card: bool(card.column) or not card.needed)

    def read_cards(self) -> list[ColumnCard]:
        """The columns that are read, and as what."""
        return [card for card in self._cards if card.column and not self._is_open(card)]

    def _is_open(self, card: ColumnCard) -> bool:
        return bool(card.choices or card.doubt or not card.column)

    @cached_property
    def _cards(self) -> list[ColumnCard]:
        """The features that are read, needed or offered, then what else the columns are."""
        features = [card for card in map(self._feature_card, _mapped_features()) if card]
        return features + [card for card in map(self._role_card, ROLE_LABELS) if card]

    def _feature_card(self, feature: Feature) -> ColumnCard | None:
        field = self[_column_name(feature)]
        column = str(field.value() or "")
        offer = self._offer(feature)
        if not (column or feature.required or offer):
            return None
        unit = self[_unit_name(feature)] if _unit_name(feature) in self.fields else None
        return ColumnCard(
            label=feature.label,
            column=column,
            samples=self.samples.get(column or (offer.column if offer else ""), []),
            offered=offer.column if offer and not column else "",
            how=self._how(feature.name, column, offer),
            field=field,
            unit=unit,
            unit_words=feature.unit if unit is None else "",
            choices=self._unit_choices(feature.name, column, unit),
            doubt=doubts_by_feature(self.preview).get(feature.name, ""),
            needed=feature.required,
        )

    def _how(self, name: str, column: str, offer: Guess | None) -> str:
        if offer and not column:
            return f"Perhaps “{offer.column}” ({offer.certainty:.0%} sure): {offer.reason}."
        guess = self._guesses.get(name)
        if guess and guess.column == column:
            return f"{sure_words(guess.certainty).capitalize()}: {guess.reason}."
        return ""

    def _unit_choices(self, name: str, column: str, unit: BoundField | None) -> list[UnitChoice]:
        alternatives = self._alternatives(name)
        if not column or unit is None or not alternatives:
            return []
        usual = self.guess.features.get(name, ("", ""))[1]
        cell = next(iter(self.samples.get(column, [])), "")
        chosen = str(unit.value() or "")
        return [
            UnitChoice(
                other,
                other if IN_ROWS_OF in other else f"{cell} {other}".strip(),
                self._effects.get((name, other), "") or rows_effect(self.preview, name, other),
                other == chosen,
            )
            for other in dict.fromkeys([usual, *alternatives, chosen])
            if other
        ]

    def _role_card(self, role: str) -> ColumnCard | None:
        field = self[role]
        column = str(field.value() or "")
        guess = self._guesses.get(role)
        offer = guess if guess and not guess.filled else None
        if not (column or offer):
            return None
        samples = self.samples.get(column or (offer.column if offer else ""), [])
        return ColumnCard(
            ROLE_LABELS[role][0], column, samples, self._how(role, column, offer), field
        )

    def left_over(self) -> list[LeftColumn]:
        """The columns that nothing uses."""
        names = [_column_name(feature) for feature in _mapped_features()]
        used = {str(self[name].value() or "") for name in (*names, *ROLE_LABELS, "mission_column")}
        used |= {c for detail in self.guess.details.values() for c in detail.columns}
        offers = {g.column: g for g in self._guesses.values() if not g.filled}
        return [
            LeftColumn(column, self.samples.get(column, []), _maybe(offers.get(column)))
            for column in self.columns
            if column and column not in used
        ]

    def other_roles(self) -> list[BoundField]:
        shown = {card.field.name for card in self._cards}
        return [self[role] for role in ROLE_LABELS if role not in shown]

    def other_groups(self) -> list[tuple[str, list[tuple[BoundField, BoundField | None, str]]]]:
        """The features that nothing feeds yet, by group: column, unit field, our unit."""
        shown = {card.field.name for card in self._cards}
        groups: dict[str, list[tuple[BoundField, BoundField | None, str]]] = {
            str(group): [] for group in Group
        }
        for feature in _mapped_features():
            if _column_name(feature) not in shown:
                name = _unit_name(feature)
                unit = self[name] if name in self.fields else None
                groups[str(feature.group)].append((self[_column_name(feature)], unit, feature.unit))
        return [(group, rows) for group, rows in groups.items() if rows]

    # --- what was sent -------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name, value in list(given.items()):  # an error takes the value out
            if name in (*ROLE_LABELS, "mission_column") or name.startswith("column_"):
                self._check_column(name, value)
        if not self.errors:
            for sentence in self.column_mapping().faults(self.columns):
                self.add_error(None, sentence)
        return given

    def _check_column(self, name: str, value: str) -> None:
        if value and value not in self.columns:
            self.add_error(
                name, f"This table has no column “{value[:60]}”; choose one from the list."
            )

    def column_mapping(self) -> ColumnMapping:
        """The mapping that was sent, once the form is clean, with what no field shows."""
        given = self.cleaned_data
        of_rows = given["mission"] == OF_EACH_ROW
        roles: dict[str, Any] = {role: given.get(role) or None for role in ROLES}
        features = {
            feature.name: (column, self._unit_before(feature.name, column))
            for feature in _mapped_features()
            if (column := given.get(_column_name(feature)))
        }
        units = {name: unit for name in features if (unit := given.get(f"unit_{name}"))}
        sent = ColumnMapping(
            mission=Mission(given["mission"]) if given["mission"] and not of_rows else None,
            features=features,
            dispositions=self._meanings("labels"),
            missions=self._meanings("mission_words"),
            **{**roles, "mission_column": roles["mission_column"] if of_rows else None},
        )
        return with_units(sent.completed_by(self.guess), units)

    def _unit_before(self, name: str, column: str) -> str:
        known, unit = self.guess.features.get(name, ("", ""))
        return unit if known == column else UNITS[name][0].name

    def _meanings(self, kind: str) -> dict[str, Any]:
        ours: Any = Mission if kind == "mission_words" else {str(d): d for d in DISPOSITIONS}
        return {
            word: ours(meaning) if kind == "mission_words" else ours[meaning]
            for place, (question, word) in enumerate(self._words())
            if question.kind == kind and (meaning := self.cleaned_data.get(f"word_{place}"))
        }


def _maybe(guess: Guess | None) -> str:
    if guess is None:
        return ""
    feature = FEATURE_BY_NAME.get(guess.target)
    label = feature.label if feature else ROLE_LABELS.get(guess.target, (guess.target,))[0]
    return f"{label}? {sure_words(guess.certainty)}"


def _mapped_features() -> Iterator[Feature]:
    return (feature for feature in FEATURES if not feature.is_categorical)


def _column_name(feature: Feature) -> str:
    return f"column_{feature.name}"


def _unit_name(feature: Feature) -> str:
    return f"unit_{feature.name}"


def _unit_field(feature: Feature, names: Sequence[str], radios: bool) -> forms.ChoiceField:
    choices = [(name, name) for name in names if name]
    widget = forms.RadioSelect if radios else forms.Select
    attrs = {"aria-label": f"Unit of {feature.label.lower()}"}
    return forms.ChoiceField(
        label="Unit", required=False, choices=choices, widget=widget(attrs=attrs)
    )


def _word_field(question: Question, word: str) -> forms.ChoiceField:
    ours = [str(member) for member in (Mission if "mission" in question.kind else DISPOSITIONS)]
    return forms.ChoiceField(
        label=f"“{word}” in {question.column} means",
        required=False,
        choices=[("", "Choose …"), *((member, member) for member in ours)],
    )


def _initial(mapping: ColumnMapping) -> Mapping[str, Any]:
    mission = OF_EACH_ROW if mapping.mission_column else str(mapping.mission or "")
    roles = {role: getattr(mapping, role) or "" for role in ROLES}
    columns = {f"column_{name}": column for name, (column, _) in mapping.features.items()}
    units = {f"unit_{name}": chosen_unit(mapping, name) for name in mapping.features}
    return {"mission": mission, **roles, **columns, **units}
