"""What kind of values a column of an answered table holds, and in which unit: for formats that
state both."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from training.ml.libraries import pandas as pd
from training.ml.schema import FEATURE_BY_NAME
from training.ml.tables.columns import Plan
from training.ml.tables.reading.read_table import NULL_WORDS

_UNITS: Final = {
    "days": "d",
    "hours": "h",
    "minutes": "min",
    "seconds": "s",
    "years": "yr",
    "AU": "AU",
    "K": "K",
    "mag": "mag",
    "pc": "pc",
    "mas/yr": "mas/yr",
    "arcsec": "arcsec",
    "degrees": "deg",
    "g/cm³": "g/cm3",
    "kg/m³": "kg/m3",
    "solar radii": "solRad",
    "solar masses": "solMass",
    "W/m²": "W/m2",
    "km": "km",
}
_UNITS_OUTSIDE_THE_STANDARDS: Final = {
    # Neither FITS nor VOUnit has a sign for these; the names are those that catalogues use.
    "Earth radii": "earthRad",
    "Jupiter radii": "jupiterRad",
    "Earth flux": "earthFlux",
    "percent": "%",
    "log10(cm/s²)": "log10(cm/s2)",
}
_ASCII: Final = str.maketrans(
    {"“": '"', "”": '"', "’": "'", "–": "-", "—": "-", "−": "-", "×": "x", "…": "..."}
)


# "0042" is a name.
_NUMBER_OR_NOTHING: Final = (
    r"(?:[+-]?(?:(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?|nan))?"
)
_A_FEW: Final = 20


class Kind(IntEnum):
    """Of several blocks of one column the largest holds for all of it; EMPTY ends as text."""

    EMPTY = 0
    WHOLE = 1
    NUMBER = 2
    TEXT = 3


def kind_of(cells: pd.Series[Any]) -> Kind:
    """Numbers where every cell is a number or missing, and text otherwise; "0042" is a name, not a
    number."""
    if _has_text(numbers_text(cells.iloc[:_A_FEW])):  # most columns of text show it at once
        return Kind.TEXT
    given = numbers_text(cells)
    given = given[given != ""]
    if given.empty:
        return Kind.EMPTY
    if _has_text(given):
        return Kind.TEXT
    whole = len(given) == len(cells) and given.str.fullmatch(r"[+-]?\d{1,18}").all()
    return Kind.WHOLE if whole else Kind.NUMBER


def _has_text(texts: pd.Series[Any]) -> bool:
    """Whether one is not a number, nor empty."""
    return not texts.str.fullmatch(_NUMBER_OR_NOTHING).all()


def joined(first: Kind, second: Kind) -> Kind:
    """Of two blocks: a column with gaps has no whole numbers."""
    if Kind.EMPTY in (first, second) and Kind.WHOLE in (first, second):
        return Kind.NUMBER
    return max(first, second)


@dataclass(frozen=True)
class TypedColumn:
    """A column under the name that it has in the file; ``unit``: in our words, "" for none;
    ``ucd`` and ``description`` for the formats that state them."""

    name: str
    kind: Kind
    unit: str = ""
    ucd: str = ""
    description: str = ""

    def texts(self, cells: pd.Series[Any]) -> list[str]:
        """As they are written where everything is text."""
        if pd.api.types.is_numeric_dtype(cells):
            return cells.astype(object).where(cells.notna(), "").astype(str).tolist()
        if self.kind in (Kind.WHOLE, Kind.NUMBER):
            return numbers_text(cells).tolist()
        return cells.fillna("").astype(str).tolist()

    def values(self, cells: pd.Series[Any]) -> Any:
        """As an array of one type."""
        if self.kind in (Kind.WHOLE, Kind.NUMBER):
            texts = pd.Series(self.texts(cells))
            dtype = "int64" if self.kind == Kind.WHOLE else float
            return pd.to_numeric(texts.replace("", None)).to_numpy(dtype=dtype)
        return cells.fillna("").astype(str).map(printable).to_numpy(dtype=str)


def numbers_text(cells: pd.Series[Any]) -> pd.Series[Any]:
    """The cells without blanks around them, and nothing for what stands for nothing."""
    texts = cells.fillna("").astype(str).str.strip()
    return texts.mask(texts.isin(NULL_WORDS), "")


def column_units(plan: Plan) -> dict[str, str]:
    """The unit of each input column that feeds a feature, by the factor with which it was read."""
    from training.ml.tables.units import UNITS

    units = {}
    for source in plan.features:
        feature = FEATURE_BY_NAME[source.feature]
        known = {
            unit.factor: unit.name for unit in UNITS.get(source.feature, ()) if not unit.conversion
        }
        unit = source.unit or (feature.unit if source.factor == 1 else known.get(source.factor, ""))
        units.update(dict.fromkeys(source.columns, unit))
    positions = {
        column: "degrees"
        for column in (plan.ra, plan.dec)
        if column and plan.layout.key in ("koi", "toi", "k2")
    }
    return units | positions


def astropy_unit(name: str) -> Any:
    from astropy import units

    if name in _UNITS:
        return units.Unit(_UNITS[name])
    return units.UnrecognizedUnit(_UNITS_OUTSIDE_THE_STANDARDS.get(name, ascii_text(name)))


def free_name(name: str, taken: list[str]) -> str:
    used = {other.lower() for other in taken}
    free, number = name, 2
    while free.lower() in used:
        free, number = f"{name}_{number}", number + 1
    return free


def ascii_text(text: str) -> str:
    plain = str(text).translate(_ASCII).encode("ascii", "replace").decode()
    return printable(plain)


def printable(text: str) -> str:
    """Neither XML nor FITS can hold control characters."""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)
