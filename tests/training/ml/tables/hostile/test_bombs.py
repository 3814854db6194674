"""Small files that unpack to much: the process that reads them stays small."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from tests.training.ml.tables.hostile.bombs import Reading, packed, read_apart
from training.ml.errors import TableError
from training.ml.tables.data_loader import open_table

GROWTH_MB = 200
HEAD = b"kepoi_name,koi_period,koi_depth," + b",".join(b"c%d" % i for i in range(50)) + b"\n"
LONG = b"z" * 90_000
JSON_RECORD = (
    b'{"kepoi_name":"a","koi_period":3,"koi_depth":100,'
    + b",".join(b'"c%d":"%s"' % (place, LONG) for place in range(45))
    + b"}"
)
VOTABLE = b"""<?xml version="1.0"?><VOTABLE version="1.4"><RESOURCE><TABLE>
<FIELD name="kepoi_name" datatype="char" arraysize="*"/><FIELD name="koi_period" datatype="double"/>
<FIELD name="koi_depth" datatype="double"/><DATA><TABLEDATA>"""
VOTABLE_ROW = b"<TR><TD>" + LONG + b"</TD><TD>3</TD><TD>100</TD></TR>"
VOTABLE_END = b"</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>"

BOMBS: dict[str, Callable[[], bytes]] = {
    "comments": lambda: packed([b"#\n" * 500_000] * 300),
    "long comments": lambda: packed([(b"#" + b"a" * 1_000 + b"\n") * 1_000] * 300),
    "blank lines": lambda: packed([HEAD, b"a,1,2\n"] + [b"\n" * 1_000_000] * 300),
    "one line": lambda: packed([b"x" * 1_000_000] * 300),
    "long cells": lambda: packed([HEAD] + [b"a,3,100," + b",".join([LONG] * 50) + b"\n"] * 100),
    "long quoted cells": lambda: packed(
        [HEAD] + [b"a,3,100," + b",".join([b'"' + LONG + b'"'] * 50) + b"\n"] * 100
    ),
    "long JSON cells": lambda: packed([b"["] + [JSON_RECORD + b","] * 100 + [JSON_RECORD + b"]"]),
    "JSON names": lambda: packed(
        [b"["]
        + [
            b"{" + b",".join(b'"n%d_%d":1' % (row, name) for name in range(1_000)) + b"},"
            for row in range(300)
        ]
    ),
    "long VOTable cells": lambda: packed([VOTABLE] + [VOTABLE_ROW] * 5_000 + [VOTABLE_END]),
    "a deep JSON": lambda: b"[" * 2_000_000,
    "a long JSON text": lambda: packed([b'[{"koi_period":"'] + [b"x" * 1_000_000] * 300),
}


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Reading]:
    return read_apart(BOMBS, tmp_path_factory.mktemp("bombs"))


@pytest.mark.parametrize("name", BOMBS)
def test_a_small_file_that_holds_much_takes_little_memory(name: str, readings: dict[str, Reading]):
    assert readings[name].growth <= GROWTH_MB


def test_a_name_of_blanks_is_looked_through_once():
    content = b"{" + b" " * 90_000 + b"x\n1\n"  # took minutes when each blank began a search
    with pytest.raises(TableError):
        open_table(io.BytesIO(content))
