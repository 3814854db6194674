"""Words for missions, as tables have them:
koi, TOI, K2, "Transiting Exoplanet Survey Satellite"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from training.ml.schema import Mission
from training.ml.sky.names import mission_of_name

_WORDS: Final[Mapping[str, Mission]] = {
    **dict.fromkeys(("kepler", "koi", "kic", "kepid", "keplermission", "cumulative", "dr24", "dr25",
                     "keplerspacetelescope", "q1q17dr24", "q1q17dr25"), Mission.KEPLER),
    **dict.fromkeys(("k2", "epic", "k2mission", "k2pandc"), Mission.K2),
    **dict.fromkeys(("tess", "toi", "ctoi", "tic", "spoc", "qlp", "tesstoi", "tessmission",
                     "transitingexoplanetsurveysatellite",
                     "transitingexoplanetsurveysatellitetess"), Mission.TESS),
    **dict.fromkeys(("other", "ground", "groundbased"), Mission.OTHER),
}  # fmt: skip

FACILITY_COLUMNS: Final = ("discfacility", "plfacility", "facility", "telescope", "disctelescope")
"""Columns that name any observatory of the world: what is none of our missions is "other"."""

_MISSION_COLUMNS: Final = (
    "mission",
    "missions",
    "survey",
    "satellite",
    "spacecraft",
    *FACILITY_COLUMNS,
    "catalog",
    "catalogue",
    "type",
    "source",
    "sourcetable",
    "origin",
    "obstype",
)


def mission_of(text: str) -> Mission | None:
    """The mission that a word of a table means, in any case and with any punctuation; also that of
    a star's or a signal's name. None where it means none."""
    word = re.sub(r"[^a-z0-9]", "", text.lower())
    return _WORDS.get(word) or mission_of_name(text)


def is_facility_column(column: str) -> bool:
    return _plain(column) in FACILITY_COLUMNS


def mission_column(columns: Iterable[str], words: Mapping[str, set[str]]) -> str | None:
    """The column that names each row's mission, best first; ``words`` are the distinct cells of
    some rows by column.

    A column is one by its name and by its cells: most of them must be words for missions, except
    where the column names observatories.
    """
    by_name = {_plain(column): column for column in columns}
    for name in _MISSION_COLUMNS:
        if (column := by_name.get(name)) is None:
            continue
        cells = {word for word in words.get(column, set()) if word}
        known = sum(mission_of(cell) is not None for cell in cells)
        if cells and (is_facility_column(column) or 2 * known > len(cells)):
            return column
    return None


def _plain(column: str) -> str:
    return re.sub(r"[^a-z0-9]", "", column.lower())
