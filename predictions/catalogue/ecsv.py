"""The head of an ECSV file (Astropy Proposal for Enhancement 6): columns, units, sources."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from predictions.batches.typed_columns import astropy_unit
from predictions.batches.votables import quiet_units
from predictions.catalogue.columns import COLUMNS, Column


def ecsv_header(about: Mapping[str, str], columns: Sequence[Column] = COLUMNS) -> bytes:
    """Up to the line of names; rows follow with commas between, and nothing where nothing is."""
    from astropy.table import Table  # 0.3 s; only some formats need it

    table = Table(
        names=[column.name for column in columns],
        dtype=["float64" if column.is_number else "str" for column in columns],
        meta=dict(about),
    )
    for column in columns:
        cells = table[column.name]
        cells.description = column.description
        if column.ucd:
            cells.meta["ucd"] = column.ucd
        if column.unit:
            cells.unit = astropy_unit(column.unit)
    text = io.StringIO()
    with quiet_units():
        table.write(text, format="ascii.ecsv", delimiter=",")
    return text.getvalue().encode()
