"""Where the signals of a training came from: files, their hashes and their dates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from training.ml.files import file_sha256
from training.ml.json_notes import Count, Text
from training.ml.schema import Mission
from training.ml.tables.data_loader import read_signals
from training.ml.tables.signal_table import SignalTable

_DATE: Final = re.compile(r"(20\d\d)[.-](\d\d)(?:[.-](\d\d))?")


@dataclass(frozen=True)
class TableFacts:
    """One table of a training. ``date`` is the day of the archive's state as far as the file's name
    tells it."""

    file: Text
    sha256: Text
    date: Text
    mission: Text
    rows: Count
    signals: Count


def date_in(name: str) -> str:
    """The ISO date (or year and month) in a file's name, or an empty string: a copy's own date
    would mislead."""
    found = _DATE.search(name)
    return "-".join(part for part in found.groups() if part) if found else ""


def read_with_facts(path: Path, mission: Mission | None = None) -> tuple[SignalTable, TableFacts]:
    """The harmonised table of ``path`` and what to remember about it. Raises the reader's
    ``UserError``s."""
    table = read_signals(path, mission=mission)
    facts = TableFacts(
        file=path.name,
        sha256=file_sha256(path),
        date=date_in(path.name),
        mission=str(mission or table.mission),
        rows=len(table.row_signal),
        signals=len(table),
    )
    return table, facts


def read_tables(
    paths: Mapping[Mission, Path],
) -> tuple[Sequence[SignalTable], Sequence[TableFacts]]:
    """Tables and facts of several missions, in the order of ``paths``."""
    pairs = [read_with_facts(path, mission) for mission, path in paths.items()]
    return [table for table, _ in pairs], [facts for _, facts in pairs]
