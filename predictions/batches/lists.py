"""A JSON list of signals, read by the rules of a table: its rows are the list's, counted from 1."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from predictions.signals.names import LENGTHS, text_problem
from training.ml.errors import InvalidSignal, TableError
from training.ml.inputs import shown_text
from training.ml.schema import FEATURE_NAMES
from training.ml.tables.recognition import recognise

ERRORS_LISTED: Final = 100
PLACES: Final = ("star", "ra", "dec")
NAMES: Final = ("identifier", "note", "mission", *PLACES, *FEATURE_NAMES)


@dataclass(frozen=True)
class SignalList:
    """``columns``: every name that some signal gives, in the order of their first appearance."""

    bodies: Sequence[dict[str, Any]]
    columns: Sequence[str]

    def __len__(self) -> int:
        return len(self.bodies)

    def as_csv(self) -> io.BytesIO:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows([_cell(body.get(name)) for name in self.columns] for body in self.bodies)
        return io.BytesIO(text.getvalue().encode())

    @property
    def echoes(self) -> list[dict[str, str]]:
        """What each sender calls its signals, as it was sent."""
        return [
            {name: _cell(body[name]) for name in LENGTHS if body.get(name) is not None}
            for body in self.bodies
        ]


def list_read(bodies: list[Any]) -> SignalList:
    """The signals of a list; ``InvalidSignal`` names what is no signal by its row and name.

    A value that cannot be used is no such error: as in any table it is missing, with a warning.
    """
    if not bodies:
        raise InvalidSignal({"": ["Send at least one signal."]})
    signals = [body for body in bodies if isinstance(body, dict)]
    columns = list(dict.fromkeys(name for signal in signals for name in signal))
    ours = not _is_known_table(columns)
    wrong: dict[str, list[str]] = {}
    for row, body in enumerate(bodies, 1):
        wrong |= _faults(row, body, ours)
        if len(wrong) >= ERRORS_LISTED:
            break
    if wrong:
        raise InvalidSignal(wrong)
    return SignalList(signals, columns)


def _is_known_table(columns: Sequence[str]) -> bool:
    """Records with the columns of a catalogue, such as pandas writes from an archive's table."""
    try:
        return recognise(columns, None).layout.key != "own"
    except TableError:
        return False


def _faults(row: int, body: Any, ours: bool) -> dict[str, list[str]]:
    if not isinstance(body, dict):
        return {str(row): [f"Row {row:,} is no signal: send an object of names and values."]}
    faults = {
        f"{row}.{shown_text(name)}": [f"Row {row:,}: {_unknown(name)}"]
        for name in body
        if ours and name not in NAMES
    }
    for name in LENGTHS if ours else ():
        if problem := text_problem(name, _cell(body.get(name))):
            faults[f"{row}.{name}"] = [f"Row {row:,}: {problem}"]
    return faults


def _unknown(name: str) -> str:
    nearest = get_close_matches(name[:40].strip().lower(), NAMES, n=1, cutoff=0.5)
    advice = f"Did you mean {nearest[0]}?" if nearest else "Leave it out."
    return f"“{shown_text(name)}” is not an input of a signal. {advice}"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
