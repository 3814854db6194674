"""Whether the words and units of a table are those of the standards: by astropy's lists, which
Debian's stilts is built without."""

from __future__ import annotations

import io
from typing import Any

from astropy import units
from astropy.io.votable import parse, ucd

OLD_WORDS = {"ID_MAIN", "POS_EQ_RA_MAIN", "POS_EQ_DEC_MAIN"}
"""Of UCD1, as the standard of cone searches still asks for them."""
UNREAD_UNITS = {"log(cm.s**-2)"}
"""In the standard, and not in astropy."""


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
