"""The head of a table: what its first rows say, whatever they are later read by. It is read once
and can be stored, so that a file of gigabytes is not opened again for each look at it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from training.ml.errors import EmptyTable
from training.ml.libraries import pandas as pd
from training.ml.tables.reading.read_table import Block, Limits, read_table
from training.ml.tables.reading.stated import Stated
from training.ml.tables.reading.text_block import Unreadable, numbers_of_cells
from training.ml.tables.recognition import recognised_names

HEAD_ROWS: Final = 200
PACKED_BYTES: Final = 1024**2
"""A head of thousands of columns full of prose is not worth keeping: its table is read again."""


@dataclass(frozen=True, eq=False)
class TableHead:
    """``block``: the first rows; ``stated``: what the file says of its columns; ``format`` and
    ``encoding`` name what it is for people."""

    columns: tuple[str, ...]
    block: Block
    stated: Mapping[str, Stated]
    format: str
    encoding: str

    def pack(self) -> bytes | None:
        """What ``unpack`` reads; None where it would be more than ``PACKED_BYTES``."""
        block = self.block
        content = {
            "columns": self.columns,
            # A cell as it stands in the file, and as it is read: next to each other they pack well.
            "raw": {place: block.raw.iloc[:, place].tolist() for place in range(len(self.columns))},
            "cells": {place: block.cells(name) for place, name in enumerate(self.columns)},
            "bad": block.bad,
            "decimal_comma": block.decimal_comma,
            "stated": {column: asdict(stated) for column, stated in self.stated.items()},
            "format": self.format,
            "encoding": self.encoding,
        }
        packed = zlib.compress(json.dumps(content).encode())
        return packed if len(packed) <= PACKED_BYTES else None

    @classmethod
    def unpack(cls, packed: bytes) -> TableHead:
        content = json.loads(zlib.decompress(packed))
        columns = tuple(content["columns"])
        block = HeadBlock(
            columns,
            pd.DataFrame(list(content["raw"].values()), dtype="str").T.set_axis(
                pd.Index(columns, dtype="str"), axis=1
            ),
            dict(zip(columns, content["cells"].values(), strict=True)),
            {int(row): reason for row, reason in content["bad"].items()},
            content["decimal_comma"],
        )
        stated = {column: Stated(**facts) for column, facts in content["stated"].items()}
        return cls(columns, block, stated, content["format"], content["encoding"])


@dataclass(frozen=True, eq=False)
class HeadBlock:
    """A ``Block`` of texts that were stored."""

    columns: Sequence[str]
    raw: pd.DataFrame
    texts: Mapping[str, list[str]]
    bad: dict[int, str]
    decimal_comma: bool
    first_row: int = 1
    delimiter: str = ""
    lines: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.raw)

    def cells(self, column: str) -> list[str]:
        return self.texts[column]

    def numbers(self, columns: Sequence[str]) -> tuple[NDArray[np.float64], list[Unreadable]]:
        values = np.empty((len(self), len(columns)))
        unreadable: list[Unreadable] = []
        for position, column in enumerate(columns):
            found, odd = numbers_of_cells(self.texts[column], column, self.decimal_comma)
            values[:, position] = found
            unreadable += odd
        return values, unreadable


def read_head(
    source: Path | BinaryIO, *, rows: int = HEAD_ROWS, limits: Limits | None = None
) -> TableHead:
    """The first ``rows`` rows. ``TableError``: the file is no table, or has no rows."""
    table = read_table(source, limits=limits, known=recognised_names())
    block = next(table.blocks(rows), None)
    if block is None:
        raise EmptyTable("The table has a header but no rows.")
    return TableHead(tuple(table.columns), block, table.stated, table.format, table.encoding)
