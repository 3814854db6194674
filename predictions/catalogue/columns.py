"""What of a signal a list shows and a file holds: one declaration for CSV, VOTable, Parquet and
the API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from predictions.catalogue.models import Signal
from predictions.catalogue.others.models import OtherSignal
from predictions.vo_terms import ANSWER_UCDS, EPOCH_UCD, FEATURE_UCDS

Cell = float | str | bool | None


@dataclass(frozen=True)
class Column:
    """``unit`` as VOUnit writes it, without its quotes; ``ucd`` of UCD1+; "" for none."""

    name: str
    description: str
    value: Callable[[Any], Cell]
    unit: str = ""
    ucd: str = ""
    is_number: bool = False


def _text(name: str, description: str, ucd: str = "") -> Column:
    return Column(name, description, lambda one: getattr(one, name), ucd=ucd)


def _number(name: str, description: str, unit: str, ucd: str) -> Column:
    return Column(name, description, lambda one: getattr(one, name), unit, ucd, is_number=True)


def _version(one: Signal) -> str:
    return one.scored_by.name if one.scored_by else ""


def _simulated(one: Signal) -> str:
    return "yes" if one.is_simulated else "no"


def _warnings(one: Signal) -> str:
    return "|".join(one.warned)


COLUMNS: Final = (
    _text("name", "Name in one spelling", "meta.id;meta.main"),
    _text("listed_name", "Name as the archive lists it", "meta.id"),
    Column("star", "Star", lambda one: one.star.name, ucd="meta.id.parent"),
    _text("mission", "Mission", "meta.id;instr.obsty"),
    _number("ra", "Right ascension, J2000", "deg", "pos.eq.ra;meta.main"),
    _number("dec", "Declination, J2000", "deg", "pos.eq.dec;meta.main"),
    _number("period", "Orbital period", "d", FEATURE_UCDS["orbital_period"]),
    _number("epoch", "Mid-transit time, BJD", "d", EPOCH_UCD),
    _number("epoch_error", "Its uncertainty", "d", FEATURE_UCDS["mid_transit_error"]),
    _number("duration", "Transit duration", "h", FEATURE_UCDS["transit_duration"]),
    _number("depth", "Transit depth in parts per million", "ppm", FEATURE_UCDS["transit_depth"]),
    _number("radius", "Planet radius", "earthRad", FEATURE_UCDS["planet_radius"]),
    _number(
        "magnitude", "Magnitude in the mission's band", "mag", FEATURE_UCDS["stellar_magnitude"]
    ),
    _text("disposition", "Disposition of the archive", "meta.code.class"),
    _text("archive_word", "The same in the archive's own word", "meta.code.class"),
    _number("planet_score", "Planet score", "", ANSWER_UCDS["planet_score"]),
    _number("open_score", "Open score", "", ANSWER_UCDS["open_score"]),
    _text("basis", "What the score rests on", "meta.note"),
    Column("scored_by", "Model version", _version, ucd=ANSWER_UCDS["model_version"]),
    _number(
        "temperature",
        "Equilibrium temperature, zero albedo",
        "K",
        FEATURE_UCDS["equilibrium_temperature"],
    ),
    _number("tsm", "Transmission spectroscopy metric (Kempton et al. 2018)", "", "stat.snr"),
    _number("esm", "Emission spectroscopy metric (Kempton et al. 2018)", "", "stat.snr"),
    _number("score_tsm", "Open score times TSM", "", "stat.value"),
    _number("score_esm", "Open score times ESM", "", "stat.value"),
    _text("estimated", "Inputs of TSM and ESM that were estimated, joined by |", "meta.note"),
    _number("lost_from", "BJD after which the next transit is uncertain by 1 h", "d", "time.epoch"),
    Column("warnings", "What speaks for a second look, joined by |", _warnings, ucd="meta.note"),
    _text("created", "When the archive listed it", "time.creation"),
    _text("updated", "When it changed its row", "time.processing"),
    Column("simulated", "Whether it is made up, for trying the site", _simulated, ucd="meta.code"),
)


def _of_list(name: str) -> Callable[[Any], str]:
    return lambda one: str(getattr(one.list, name))


def _same_as(one: Any) -> str:
    return one.same_as.name if one.same_as else ""


OTHER_COLUMNS: Final = (
    *(column for column in COLUMNS if column.name not in ("archive_word", "created", "updated")),
    Column("list", "List, no mission's, that has this signal", _of_list("name"), ucd="meta.id"),
    _text("list_says", "What that list says, which is no disposition", "meta.note"),
    _text("list_word", "The same in the list's own word", "meta.note"),
    Column("same_as", "The missions' signal that it is", _same_as, ucd="meta.id.cross"),
    Column("list_source", "Where the list is published", _of_list("source"), ucd="meta.ref.url"),
    Column("list_citation", "How the list is cited", _of_list("citation"), ucd="meta.bib"),
)
"""Of a list that is no mission's; ``disposition`` is the archive's of the same signal."""


def columns_of(rows: type[Any]) -> tuple[Column, ...]:
    return COLUMNS if rows is Signal else OTHER_COLUMNS


def row_of(signal: Signal | OtherSignal) -> dict[str, Any]:
    return {column.name: column.value(signal) for column in columns_of(type(signal))}
