"""JSON: a list of records, one record per line, or an object that holds such a list. Records are
parsed one by one, so that a file of any size takes the memory of some records."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from training.ml.errors import DamagedFile, EmptyTable, NotATable, TooLarge, WrongEncoding
from training.ml.tables.reading import content
from training.ml.tables.reading.column_block import Cells, TypedTable, nothing, text_array
from training.ml.tables.reading.limits import Limits
from training.ml.tables.reading.read_table import check_columns
from training.ml.tables.reading.unpacking import READ_BYTES, Bounded, open_bytes

_RECORDS: Final = 1_000  # at once
_KEPT: Final = 8 * 1024**2  # letters of a file whose cells are kept
_RECORD: Final = 4 * 1024**2  # characters of one record at most
_LIST: Final = re.compile(r'\s*(?:\{\s*"(?:data|records|results|signals|rows)"\s*:\s*)?\[')
_BLANK: Final = re.compile(r"[\s,]*")
_ADVICE: Final = 'Write a list of records, as in [{"pl_orbper": 3.5}, {"pl_orbper": 4.1}].'


_Piece = tuple[int, dict[str, Cells]]
"""Some rows: their number, and their cells by name."""


class JsonTable(TypedTable):
    format = content.JSON
    encoding = "UTF-8"

    def __init__(self, source: Path | BinaryIO, limits: Limits, known: frozenset[str]) -> None:
        super().__init__(source, limits)
        self._kept: list[_Piece] | None = []
        self._describe(self._names(), {})

    def _names(self) -> list[str]:
        """Every name that some record has, in the order of their first use. What a small file
        holds is kept, so that it is parsed once."""
        names: dict[str, None] = {}
        rows = 0
        for size, (count, cells) in self._parsed():
            names.update(dict.fromkeys(cells))
            rows += count
            if len(names) > self.limits.columns:
                check_columns(list(names), self.limits)
            if self._kept is not None:
                self._kept = [*self._kept, (count, cells)] if size <= _KEPT else None
            if rows > self.limits.rows:
                break  # whoever reads the rows says so
        if not names:
            raise EmptyTable("The JSON text has no records.")
        return list(names)

    def _pieces(self, columns: Sequence[str], start_row: int) -> Iterator[dict[str, Cells]]:
        skip = start_row - 1
        pieces = (p for _, p in self._parsed()) if self._kept is None else iter(self._kept)
        for count, cells in pieces:
            if skip < count:
                absent = nothing(count)
                yield {name: cells.get(name, absent)[skip:] for name in columns}
            skip = max(0, skip - count)

    def _parsed(self) -> Iterator[tuple[int, _Piece]]:
        """Some records at a time, with the number of letters up to there."""
        held: list[dict[str, Any]] = []
        begun = 0
        for size, record in self._objects():
            held.append(record)
            if len(held) == _RECORDS or size - begun > _RECORD:
                yield size, (len(held), _columns(held, self.limits))
                held, begun = [], size
        if held:
            yield size, (len(held), _columns(held, self.limits))

    def _objects(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """The records, each with the number of letters up to its end."""
        with open_bytes(self._source, self.limits) as stream:
            text = _Text(stream)
            text.enter_list()
            number = 0
            while text.mark() not in ("", "]"):
                number += 1
                value = text.value(number)
                if not isinstance(value, dict):
                    raise NotATable(
                        f"JSON whose record {number:,} is no object of names and values", _ADVICE
                    )
                if number == 1 and value and all(map(_is_nested, value.values())):
                    raise NotATable("JSON of whole columns or nested objects", _ADVICE)
                yield text.size, value


class _Text:
    """The characters of the file, of which only those of some records are kept."""

    def __init__(self, stream: Bounded) -> None:
        self._stream = stream
        self._text, self._at, self._before = "", 0, 0
        self._decoder: codecs.IncrementalDecoder | None = None
        self._json = json.JSONDecoder(object_pairs_hook=_pairs)
        self._more()

    def _more(self) -> bool:
        raw = self._stream.read(READ_BYTES)
        if self._decoder is None:
            utf16 = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
            self._decoder = codecs.getincrementaldecoder("utf-16" if utf16 else "utf-8-sig")()
        try:
            text = self._decoder.decode(raw, final=not raw)
        except UnicodeDecodeError as error:
            raise WrongEncoding(None, "is not UTF-8 text, as JSON must be") from error
        self._before += self._at
        self._text, self._at = self._text[self._at :] + text, 0
        return bool(raw)

    @property
    def size(self) -> int:
        """Letters read so far."""
        return self._before + self._at

    def enter_list(self) -> None:
        found = _LIST.match(self._text)
        self._at = found.end() if found else 0

    def mark(self) -> str:
        """The next character that is neither blank nor a comma, "" at the end."""
        while True:
            found = _BLANK.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def value(self, number: int) -> Any:
        while True:
            try:
                value, self._at = self._json.raw_decode(self._text, self._at)
                return value
            except RecursionError as error:
                said = f"JSON whose record {number:,} is nested too deeply"
                raise NotATable(said, _ADVICE) from error
            except ValueError as error:
                if len(self._text) - self._at > _RECORD:
                    raise TooLarge(
                        f"Record {number:,} of this JSON text is too long, or not valid JSON.",
                        _RECORD,
                        "characters",
                        "Check that the text is a list of records.",
                    ) from error
                if not self._more():
                    raise DamagedFile(
                        f"Record {number:,} of this JSON text is not valid JSON."
                    ) from error


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NotATable(f"JSON in which “{twice[:40]}” stands twice in one record", _ADVICE)
    return record


def _is_nested(value: Any) -> bool:
    return isinstance(value, (list, dict))


def _columns(records: list[dict[str, Any]], limits: Limits) -> dict[str, Cells]:
    names = tuple(records[0])
    if all(tuple(record) == names for record in records):
        rows = zip(*[record.values() for record in records], strict=True)
        return {name: _cells(values) for name, values in zip(names, rows, strict=True)}
    every = dict.fromkeys(name for record in records for name in record)
    if len(every) > limits.columns:
        check_columns(list(every), limits)
    return {name: _cells([record.get(name) for record in records]) for name in every}


def _cells(values: Sequence[Any]) -> Cells:
    """Numbers where all are whole, or none is; anything else as text."""
    kinds = set(map(type, values))
    missing = np.array([value is None for value in values]) if type(None) in kinds else None
    kinds.discard(type(None))
    if kinds == {float}:
        return Cells(np.array(values, dtype=np.float64), missing)
    if kinds == {int}:
        try:
            whole = np.array([value or 0 for value in values], dtype=np.int64)
        except OverflowError:
            return Cells(text_array([_text(value) for value in values]))
        return Cells(whole, missing)
    return Cells(text_array([_text(value) for value in values])) if kinds else nothing(len(values))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return " ".join(value.split()) if not value.isprintable() else value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, (int, float)):
        return repr(value)
    return json.dumps(value)
