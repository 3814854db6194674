"""Files that hold, declare or repeat more than they should, and the process that reads one."""

from __future__ import annotations

import gzip
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_READ = """
import io, json, resource, sys
from pathlib import Path
from training.ml.errors import TableError
from training.ml.tables.data_loader import open_table, read_signals
from training.ml.tables.preview import preview_table

def used():
    try:  # ru_maxrss begins with what the process had that started this one
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024

read_signals(io.BytesIO(b"kepoi_name,koi_period,koi_depth\\na,1,100\\n"))
before = used()
for path in map(Path, sys.argv[1:]):
    said = []
    for read in (preview_table, lambda path: [len(chunk) for chunk in open_table(path).chunks()]):
        try:
            read(path)
            said.append("read")
        except TableError as error:
            said.append(f"{type(error).__name__}: {error}")
    print(json.dumps({"said": said, "growth": used() - before}))
"""


@dataclass(frozen=True)
class Reading:
    """What came of a file's preview and of its reading; ``growth``: of the process up to then, in
    MB."""

    said: list[str]
    growth: float


def read_apart(bombs: Mapping[str, Callable[[], bytes]], folder: Path) -> dict[str, Reading]:
    """The files, read one after the other by a process of its own."""
    paths = {name: folder / f"{place}" for place, name in enumerate(bombs)}
    for name, path in paths.items():
        path.write_bytes(bombs[name]())
    done = subprocess.run(
        [sys.executable, "-c", _READ, *map(str, paths.values())],
        cwd=Path(__file__).parents[5],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    readings = [Reading(**json.loads(line)) for line in done.stdout.splitlines()]
    return dict(zip(paths, readings, strict=True))


def packed(parts: Iterable[bytes]) -> bytes:
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=1) as file:
        for part in parts:
            file.write(part)
    return buffer.getvalue()


# --- FITS -----------------------------------------------------------------------------------------


def card(text: str) -> bytes:
    return text.ljust(80).encode()


def _number(keyword: str, value: int) -> bytes:
    return card(f"{keyword:<8}= {value:20d}")


def _blocks(cards: Iterable[bytes]) -> bytes:
    header = b"".join(cards)
    return header + b" " * (-len(header) % 2_880)


PRIMARY = _blocks(
    [
        card("SIMPLE  =                    T"),
        _number("BITPIX", 8),
        _number("NAXIS", 0),
        card("END"),
    ]
)


def fits_header(
    columns: Iterable[tuple[str, str]], rows: int, extra: Iterable[bytes] = (), ends: bool = True
) -> bytes:
    """``columns``: names with formats such as "D" and "10A"."""
    formats = dict(columns)
    width = sum(8 if kind == "D" else int(kind[:-1]) for kind in formats.values())
    cards = [card("XTENSION= 'BINTABLE'"), _number("BITPIX", 8), _number("NAXIS", 2)]
    cards += [_number("NAXIS1", width), _number("NAXIS2", rows), _number("PCOUNT", 0)]
    cards += [_number("GCOUNT", 1), _number("TFIELDS", len(formats))]
    for place, (name, kind) in enumerate(formats.items(), 1):
        cards += [card(f"TTYPE{place:<3d}= '{name}'"), card(f"TFORM{place:<3d}= '{kind}'")]
    return _blocks([*cards, *extra, *([card("END")] if ends else [])])


# --- workbooks ------------------------------------------------------------------------------------

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
SHEET = f'<worksheet xmlns="{_MAIN}"><sheetData>'.encode()
SHEET_END = b"</sheetData></worksheet>"


def sheet_row(*cells: str) -> bytes:
    texts = [f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells]
    return f"<row>{''.join(texts)}</row>".encode()


def workbook(sheet: Iterable[bytes], texts: Iterable[bytes] = (), sheets: int = 1) -> bytes:
    """``texts``: the parts of its shared strings."""
    names = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="a"/>' for n in range(1, sheets + 1))
    small = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/s.xml" ContentType="{_KIND}.worksheet+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_KIND}.sharedStrings+xml"/>'
        "</Types>",
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{names}</sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="a" Type="{_OFFICE}/worksheet" Target="worksheets/s.xml"/>'
        "</Relationships>",
    }
    shared = [f'<sst xmlns="{_MAIN}">'.encode(), *texts, b"</sst>"]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in small.items():
            archive.writestr(name, text)
        for name, parts in (("sharedStrings.xml", shared), ("worksheets/s.xml", sheet)):
            with archive.open(f"xl/{name}", "w", force_zip64=True) as file:
                for part in parts:
                    file.write(part)
    return buffer.getvalue()


# --- VOTables -------------------------------------------------------------------------------------

_VOTABLE = b"""<?xml version="1.0"?><VOTABLE version="1.4"><RESOURCE><TABLE>
<FIELD name="kepoi_name" datatype="char" arraysize="*"/><FIELD name="koi_period" datatype="double"/>
<FIELD name="koi_depth" datatype="double"/>"""


def votable(fields: bytes, rows: Iterable[bytes] = (), before: bytes = b"") -> bytes:
    start = re.sub(rb"<TABLE>", b"<TABLE>" + before, _VOTABLE) + fields
    end = b"</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>"
    return packed([start, b"<DATA><TABLEDATA>", *rows, end])
