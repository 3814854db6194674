"""What a cone search answers: a table, or what is wrong, each a VOTable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from django.utils.html import escape

from predictions.catalogue.columns import COLUMNS, Column
from predictions.catalogue.models import Signal
from predictions.catalogue.votables import signals_votable
from predictions.virtual_observatory.services import Cone

CONTENT_TYPE: Final = "application/x-votable+xml"
OVERFLOW: Final = b'<INFO name="QUERY_STATUS" value="OVERFLOW"/>\n '
_OLD_WORDS: Final[Mapping[str, str]] = {
    # The words of UCD1, which Simple Cone Search 1.03 asks of these three.
    "name": "ID_MAIN",
    "ra": "POS_EQ_RA_MAIN",
    "dec": "POS_EQ_DEC_MAIN",
}
_SHORT: Final = ("name", "ra", "dec")
_USUAL: Final = (
    *_SHORT,
    *("star", "mission", "period", "epoch", "epoch_error", "duration", "depth", "radius"),
    *("magnitude", "disposition", "planet_score", "open_score", "scored_by"),
)
_ERROR: Final = """<?xml version="1.0" encoding="UTF-8"?>
<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">
 <RESOURCE type="results">
  <INFO ID="Error" name="Error" value="{sentence}"/>
  <INFO name="QUERY_STATUS" value="ERROR"/>
 </RESOURCE>
</VOTABLE>
"""


def cone_votable(
    cone: Cone, verbosity: int, about: Mapping[str, str], site: str
) -> Iterator[bytes]:
    """``site``: the beginning of the addresses of its pages."""
    return signals_votable(
        cone.signals,
        {"QUERY_STATUS": "OK", "SERVICE_PROTOCOL": "Simple Cone Search 1.03", **about},
        cone_columns(cone, verbosity, site),
        ends_with=OVERFLOW if cone.overflows else b"",
    )


def cone_columns(cone: Cone, verbosity: int, site: str) -> list[Column]:
    names = {1: _SHORT, 2: _USUAL}.get(verbosity) or [column.name for column in COLUMNS]
    columns = [
        replace(column, ucd=_OLD_WORDS.get(column.name, column.ucd))
        for column in COLUMNS
        if column.name in names
    ]
    return columns if verbosity == 1 else [*columns, _distance(cone), _page(site)]


def _distance(cone: Cone) -> Column:
    return Column(
        "distance",
        "Distance from the position that was asked for",
        lambda one: cone.apart[one.pk],
        "arcsec",
        "pos.angDistance",
        is_number=True,
    )


def _page(site: str) -> Column:
    def address(one: Signal) -> str:
        return f"{site}{one.get_absolute_url()}"

    return Column("page", "The signal's page", address, ucd="meta.ref.url")


def error_votable(sentence: str) -> bytes:
    return _ERROR.format(sentence=escape(" ".join(sentence.split()))).encode()
