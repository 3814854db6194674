"""Which mission a table's signals may be from: a column that names it, or the header."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from training.ml.libraries import pandas as pd
from training.ml.schema import Mission
from training.ml.tables.missions import mission_column, mission_of


def guess_mission_column(
    columns: Sequence[str], sample: pd.DataFrame, roles: Mapping[str, str]
) -> str | None:
    """A column of words for missions, else the stars' or the signals' names, where each tells its
    mission: TIC 259377017, KOI-752.01, K2-18 b."""
    words = {column: set(sample[column].str.strip()) for column in columns if column in sample}
    if found := mission_column(columns, words):
        return found
    for role in ("star", "signal"):
        column = roles.get(role)
        cells = {cell for cell in words.get(column or "", set()) if cell}
        missions = {mission_of(cell) for cell in cells}
        # Where the header names the one mission of all rows, no odd name can leave a row without.
        if column and missions and None not in missions and missions != {guess_mission(columns)}:
            return column
    return None


def guess_mission(columns: Sequence[str]) -> Mission | None:
    """The mission whose catalogue or band the header names."""
    names = {re.sub(r"[^a-z]", "", column.lower()) for column in columns}
    hints = {
        Mission.KEPLER: {
            "kic",
            "kepid",
            "koi",
            "kepmag",
            "kepoiname",
            "kicnummer",
            "kepoi",
            "keplerid",
            "koiname",
            "kicid",
        },
        Mission.TESS: {"tic", "ticid", "tid", "toi", "tmag", "ticnummer", "tessmag"},
        Mission.K2: {"epic", "epicid", "epichostname", "epicnummer"},
    }
    found = [mission for mission, words in hints.items() if names & words]
    return found[0] if len(found) == 1 else None
