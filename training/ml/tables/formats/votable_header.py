"""What a VOTable declares before its rows, looked through before astropy reserves memory for it."""

from __future__ import annotations

import re
from typing import Final
from xml.parsers import expat

from training.ml.errors import DamagedFile, NotATable, TooLarge
from training.ml.tables.reading.limits import Limits

_ELEMENTS: Final = 20_000
_DEEPEST: Final = 50  # elements within one another
_LONGEST: Final = 100_000  # values or letters that a column declares for each of its cells
_ADVICE: Final = "Write the table alone into a VOTable, or as Parquet or CSV."


class Declarations:
    """Looks through a document, or through the beginning of one. Refuses what would take memory or
    time by what it declares alone: ``NotATable``, ``TooLarge``, ``DamagedFile``."""

    def __init__(self, document: bytes, limits: Limits) -> None:
        self.fields = 0
        self._elements = 0
        self._open: list[str] = []
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        try:
            parser.Parse(document, False)
        except expat.ExpatError as error:
            raise DamagedFile("The VOTable is damaged or not valid XML.") from error
        if self.fields > limits.columns:
            said = f"This table has {self.fields:,} columns."
            raise TooLarge(said, limits.columns, "columns", _ADVICE)

    @property
    def closing(self) -> bytes:
        """The end tags of everything that is open at the end."""
        return "".join(f"</{name}>" for name in reversed(self._open)).encode()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._open.append(name)
        self._elements += 1
        kind = name.rpartition(":")[2]
        self.fields += kind == "FIELD"
        if self._elements > _ELEMENTS or len(self._open) > _DEEPEST:
            raise NotATable("a VOTable with unreasonably many elements before its rows", _ADVICE)
        if kind in ("FIELD", "PARAM") and _values(attributes.get("arraysize", "")) > _LONGEST:
            raise NotATable(
                f"a VOTable with a column that declares more than {_LONGEST:,} values or letters"
                " for each row",
                "Leave that column out, or declare it as long as it is.",
            )

    def _end(self, _name: str) -> None:
        self._open.pop()


def _values(arraysize: str) -> int:
    """How many values ``arraysize`` declares: "20x10", "8*", "*"."""
    numbers = re.findall(r"\d+", arraysize)
    if any(len(number.lstrip("0")) > len(str(_LONGEST)) for number in numbers):
        return _LONGEST + 1
    product = 1
    for number in numbers:
        product *= max(int(number), 1)
    return product
