"""VOTable of any length: astropy writes what stands before and after the rows, which are
streamed."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from predictions.batches.typed_columns import Kind, TypedColumn, astropy_unit, printable
from predictions.vo_terms import unit_of_votable
from training.ml.libraries import pandas as pd

DESCRIPTION: Final = "Transit signals with their predicted dispositions"
_SEPARATOR: Final = "\x1f"
"""Between cells until they are escaped; no cell holds it, since it cannot be printed."""
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1e\x7f]")
_OUTSIDE_ASCII: Final = re.compile(r"[\x80-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_UNPRINTABLE: Final = re.compile(rf"{_CONTROL.pattern}|[\n{_SEPARATOR}]|{_OUTSIDE_ASCII.pattern}")
_ONE_ROW: Final = re.compile(rb"\s*<TR>.*</TR>", re.DOTALL)
_PLACEHOLDERS: Final = {
    Kind.EMPTY: np.array(["-"], dtype=object),
    Kind.WHOLE: np.array([0], dtype="int64"),
    Kind.NUMBER: np.array([0.0]),
    Kind.TEXT: np.array(["-"], dtype=object),
}


def votable_frame(
    columns: Sequence[TypedColumn],
    *,
    about: Mapping[str, str] = MappingProxyType({}),
    description: str = DESCRIPTION,
    of_the_sky: bool = False,
) -> tuple[bytes, bytes]:
    """What stands before the rows of such a table, and what stands after them. ``about``: what an
    INFO each says. ``of_the_sky``: places are ICRS and times BJD in TDB."""
    from astropy.io.votable import from_table
    from astropy.io.votable.tree import Info

    buffer = io.BytesIO()
    with quiet_units():
        document = from_table(_one_row(columns))
        resource = document.resources[0]
        resource.description = description
        resource.infos.extend(Info(name=name, value=value) for name, value in about.items())
        if of_the_sky:
            _name_systems(resource)
        document.to_xml(buffer, tabledata_format="tabledata")
    before, after = _ONE_ROW.split(buffer.getvalue(), maxsplit=1)
    return before + b"\n", after


def _one_row(columns: Sequence[TypedColumn]) -> Any:
    from astropy.table import Table  # 0.3 s; only some formats need it

    table = Table()
    for column in columns:
        table[column.name] = _PLACEHOLDERS[column.kind]
        if column.unit:
            table[column.name].unit = unit_of_votable(column.unit) or astropy_unit(column.unit)
        if column.ucd:
            table[column.name].meta["ucd"] = column.ucd
        if column.description:
            table[column.name].description = column.description
    return table


def _name_systems(resource: Any) -> None:
    """Each where a column refers to it."""
    from astropy.io.votable.tree import CooSys, TimeSys

    resource.coordinate_systems.append(CooSys(ID="icrs", system="ICRS"))
    for field in resource.tables[0].fields:
        if str(field.ucd).upper().startswith(("POS.EQ.", "POS_EQ_")):
            field.ref = "icrs"
        if str(field.ucd).startswith("time.epoch"):
            field.ref = "bjd"
    if any(field.ref == "bjd" for field in resource.tables[0].fields):
        facts = {"timescale": "TDB", "refposition": "BARYCENTER", "timeorigin": "JD-origin"}
        system = TimeSys(ID="bjd", config={"version_1_4_or_later": True}, **facts)
        resource.time_systems.append(system)


def votable_rows(rows: pd.DataFrame, columns: Sequence[TypedColumn]) -> bytes:
    """The rows as elements of a TABLEDATA, in UTF-8. ``rows``: one column for each of `columns`."""
    texts = [column.texts(rows.iloc[:, place]) for place, column in enumerate(columns)]
    lines = _lines(texts)
    if not _is_clean(lines, len(rows), len(columns)):
        lines = _lines([[_UNPRINTABLE.sub(" ", printable(cell)) for cell in c] for c in texts])
    escaped = lines.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    between = escaped.replace(_SEPARATOR, "</TD><TD>").replace("\n", "</TD></TR>\n<TR><TD>")
    return f"<TR><TD>{between}</TD></TR>\n".encode()


def _lines(texts: list[list[str]]) -> str:
    return "\n".join(map(_SEPARATOR.join, zip(*texts, strict=True)))


def _is_clean(lines: str, rows: int, columns: int) -> bool:
    """Whether every separator is ours, and the rest can be printed."""
    return (
        lines.count("\n") == rows - 1
        and lines.count(_SEPARATOR) == rows * (columns - 1)
        and (lines.isascii() or not _OUTSIDE_ASCII.search(lines))
        and not _CONTROL.search(lines)
    )


@contextmanager
def quiet_units() -> Iterator[None]:
    """Astropy warns of each unit outside the standards, which we chose knowing that, and of each
    name that is no XML ID, for which it makes one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
