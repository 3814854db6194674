"""Which of a table's columns feed which of our features: the form that batches and datasets share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.forms import BoundField

from training.ml.mapping import ROLES, ColumnMapping
from training.ml.schema import FEATURES, Feature, Group, Mission
from training.ml.units import UNITS

OF_EACH_ROW: Final = "column"
ROLE_LABELS: Final = {
    "signal": ("Identifier of the signal", "Such as K00752.01 or TOI-700.02."),
    "star": ("Star", "Its number or name in a catalogue; signals with the same star are counted as siblings."),
    "disposition": ("Disposition", "To compare our answers with yours; never an input of the classifier."),
    "ra": ("Right ascension", "In degrees; hours, minutes and seconds are understood too."),
    "dec": ("Declination", "In degrees."),
}
LIST_ID: Final = "columns-of-the-table"


@dataclass(frozen=True)
class FeatureRow:
    """One feature with the fields that say where the table keeps it."""

    feature: Feature
    column: BoundField
    unit: BoundField | None
    guessed: bool


class MappingForm(forms.Form):
    """Fields are made from the schema and from the header of the table; ``mapping`` is what they begin with."""

    def __init__(
        self,
        *args: Any,
        columns: Sequence[str],
        mapping: ColumnMapping | None = None,
        is_guess: bool = False,
        **kwargs: Any,
    ) -> None:
        self.columns = list(columns)
        self.guess = mapping or ColumnMapping()
        self.is_guess = is_guess
        super().__init__(*args, **{"prefix": "map", "initial": _initial(self.guess)} | kwargs)
        missions = [(str(mission), str(mission)) for mission in Mission]
        self.fields["mission"] = forms.ChoiceField(
            label="Mission", required=False, choices=[("", "Choose …"), *missions, (OF_EACH_ROW, "each row names it")]
        )
        self.fields["mission_column"] = self._column_field("Column of the mission")
        for role, (label, help_text) in ROLE_LABELS.items():
            self.fields[role] = self._column_field(label, help_text)
        for feature in _mapped_features():
            self.fields[_column_name(feature)] = self._column_field(feature.label)
            if len(UNITS[feature.name]) > 1:
                self.fields[_unit_name(feature)] = _unit_field(feature)
        self.fields["save_as"] = forms.CharField(
            label="Keep this mapping as", required=False, max_length=100,
            help_text="It is then offered again for tables with the same columns.",
        )  # fmt: skip

    def _column_field(self, label: str, help_text: str = "") -> forms.CharField:
        # A list beside the field instead of a choice in each: 60 fields times 300 columns would be a page of megabytes.
        widget = forms.TextInput(attrs={"list": LIST_ID, "autocomplete": "off", "spellcheck": "false"})
        return forms.CharField(label=label, help_text=help_text, required=False, strip=True, widget=widget)

    # --- for the template --------------------------------------------------------------------------------------

    @property
    def list_id(self) -> str:
        return LIST_ID

    def general_fields(self) -> Iterator[BoundField]:
        for name in ("mission", "mission_column", *ROLE_LABELS):
            yield self[name]

    def main_rows(self) -> list[FeatureRow]:
        """The features that every signal needs, and all that a column was found for."""
        return [row for row in self._rows() if row.feature.required or row.column.value()]

    def other_groups(self) -> list[tuple[str, list[FeatureRow]]]:
        """The features that nothing feeds yet, by group."""
        rows = [row for row in self._rows() if not (row.feature.required or row.column.value())]
        groups = [(str(group), [row for row in rows if row.feature.group is group]) for group in Group]
        return [(name, members) for name, members in groups if members]

    def _rows(self) -> Iterator[FeatureRow]:
        for feature in _mapped_features():
            name = _unit_name(feature)
            guessed = self.is_guess and not self.is_bound and feature.name in self.guess.features
            yield FeatureRow(feature, self[_column_name(feature)], self[name] if name in self.fields else None, guessed)

    # --- what was sent -----------------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name, value in list(given.items()):  # an error takes the value out
            if isinstance(self.fields[name].widget, forms.TextInput) and name != "save_as":
                self._check_column(name, value)
        if not self.errors:
            for sentence in self.column_mapping().faults(self.columns):
                self.add_error(None, sentence)
        return given

    def _check_column(self, name: str, value: str) -> None:
        if value and value not in self.columns:
            self.add_error(name, f"This table has no column “{value[:60]}”; choose one from the list.")

    def column_mapping(self) -> ColumnMapping:
        """The mapping that was sent, once the form is clean."""
        given = self.cleaned_data
        of_rows = given["mission"] == OF_EACH_ROW
        roles: dict[str, Any] = {role: given.get(role) or None for role in ROLES}
        features = {
            feature.name: (given[_column_name(feature)], given.get(_unit_name(feature)) or UNITS[feature.name][0].name)
            for feature in _mapped_features()
            if given.get(_column_name(feature))
        }
        return ColumnMapping(
            mission=Mission(given["mission"]) if given["mission"] and not of_rows else None,
            features=features,
            dispositions=self.guess.dispositions,
            **{**roles, "mission_column": roles["mission_column"] if of_rows else None},
        )


def _mapped_features() -> Iterator[Feature]:
    return (feature for feature in FEATURES if not feature.is_categorical)


def _column_name(feature: Feature) -> str:
    return f"column_{feature.name}"


def _unit_name(feature: Feature) -> str:
    return f"unit_{feature.name}"


def _unit_field(feature: Feature) -> forms.ChoiceField:
    choices = [(unit.name, unit.name) for unit in UNITS[feature.name]]
    widget = forms.Select(attrs={"aria-label": f"Unit of {feature.label.lower()}"})
    return forms.ChoiceField(label="Unit", required=False, choices=choices, widget=widget)


def _initial(mapping: ColumnMapping) -> Mapping[str, Any]:
    mission = OF_EACH_ROW if mapping.mission_column else str(mapping.mission or "")
    roles = {role: getattr(mapping, role) or "" for role in ROLES}
    columns = {f"column_{name}": column for name, (column, _) in mapping.features.items()}
    units = {f"unit_{name}": unit for name, (_, unit) in mapping.features.items()}
    return {"mission": mission, **roles, **columns, **units}
