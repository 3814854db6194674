"""What the Virtual Observatory's own tools say about a table: stilts (Debian's), astropy's list of
words and its parser of units. Debian builds stilts without the two lists."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from astropy import units
from astropy.io.votable import parse, ucd

STILTS = shutil.which("stilts")
OLD_WORDS = {"ID_MAIN", "POS_EQ_RA_MAIN", "POS_EQ_DEC_MAIN"}
"""Of UCD1, as the standard of cone searches still asks for them."""
UNREAD_UNITS = {"log(cm.s**-2)"}
"""In the standard, and not in astropy."""


def votlint(document: bytes, folder: Path) -> str:
    if STILTS is None:
        pytest.skip("needs Debian's stilts (apt-get install stilts)")
    file = folder / "table.vot"
    file.write_bytes(document)
    done = subprocess.run(
        [STILTS, "votlint", "ucd=true", "unit=true", str(file)], capture_output=True, text=True
    )
    return done.stdout + done.stderr


def fields(document: bytes) -> list[Any]:
    """The columns of the one table, each with a known word and a unit that is one."""
    [table] = parse(io.BytesIO(document)).iter_tables()
    for field in table.fields:
        word = str(field.ucd or "")
        assert not word or word in OLD_WORDS or known(word), f"{field.name}: {word}"
        unit = str(field.unit or "")
        assert not unit or unit in UNREAD_UNITS or is_unit(field.unit), f"{field.name}: {unit}"
    return list(table.fields)


def known(word: str) -> bool:
    return bool(ucd.check_ucd(word, check_controlled_vocabulary=True))


def is_unit(unit: Any) -> bool:
    return not isinstance(unit, units.UnrecognizedUnit)
