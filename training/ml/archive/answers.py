"""Is what the archive sent a table? If not, what did it say?

A TAP service may report an error with HTTP 200: as a VOTable document whose QUERY_STATUS is ERROR,
as one whose status is OK beside a PARAM or INFO named "Error", as a UWS job in phase ERROR, or as
text that begins ``ERROR<br>``.
https://www.ivoa.net/documents/DALI/20170517/REC-DALI-1.1.html#tth_sEc4.4
"""

from __future__ import annotations

import csv
import html
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from training.ml.archive.errors import (
    ArchiveAnswerDamaged,
    ArchiveBlocked,
    ArchiveRefused,
    AttemptFailed,
)
from training.ml.errors import join_words, shorten

HEAD = 1 << 16
"""Bytes that are enough to recognise what is not a table, and to read what it says."""

_TAG = re.compile(r"<[^>]*>")
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_ELEMENT = re.compile(r"<(?:\w+:)?(?:INFO|PARAM)\b([^>]*?)(/>|>)", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_UWS_PHASE = re.compile(r"<(?:\w+:)?phase>\s*(?:ERROR|ABORTED)\s*<", re.IGNORECASE)
_UWS_MESSAGE = re.compile(r"<(?:\w+:)?message>(.*?)</", re.IGNORECASE | re.DOTALL)


def _plain(text: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", text)).split())


def _start(head: bytes) -> str:
    return head[:HEAD].decode("utf-8-sig", errors="replace").lstrip()


def page_title(head: bytes) -> str | None:
    """The title of an HTML page ("" if it has none), or None if ``head`` is not the beginning of
    one."""
    text = _start(head)
    if not re.match(r"<!doctype html|<html|<head|<body", text[:200], re.IGNORECASE):
        return None
    title = _TITLE.search(text)
    return _plain(title[1]) if title else ""


def error_said(head: bytes) -> str | None:
    """What an error document says ("" if it does not say), or None if ``head`` is not the beginning
    of one."""
    text = _start(head)
    if re.match(r"ERROR\s*<br", text, re.IGNORECASE):
        return _plain(re.sub(r"^ERROR\s*<br\s*/?>", "", text, flags=re.IGNORECASE))
    if not text.startswith("<") or page_title(head) is not None:
        return None
    return _job_said(text) if _UWS_PHASE.search(text) else _votable_said(text)


def _job_said(text: str) -> str:
    message = _UWS_MESSAGE.search(text)
    return _plain(message[1]) if message else ""


def _votable_said(text: str) -> str | None:
    named_error, status_error = [], []
    for element in _ELEMENT.finditer(text):
        attributes = {
            key.lower(): double or single for key, double, single in _ATTRIBUTE.findall(element[1])
        }
        content = "" if element[2] == "/>" else text[element.end() :].partition("</")[0]
        name, value = attributes.get("name", "").upper(), attributes.get("value", "")
        if name == "ERROR":
            named_error.append(_plain(value) or _plain(content))
        elif name == "QUERY_STATUS" and value.upper() == "ERROR":
            status_error.append(_plain(content))
    if not named_error and not status_error:
        return None
    return next(
        (said for said in (*named_error, *status_error) if said and said.upper() != "ERROR"), ""
    )


def blocked_words(beginning: str, head: bytes) -> str:
    """``beginning``, and that a page for browsers came with it if one did."""
    title = page_title(head)
    if title is None:
        return f"{beginning}."
    named = f" “{shorten(title, 100)}”" if title else ""
    return f"{beginning} and a web page{named} meant for a browser, as it does to keep scripts out."


_PASSING_TROUBLE: Final = (
    "not currently reachable",
    "connect",
    "timed out",
    "timeout",
    "temporar",
    "busy",
    "overload",
)


def check_is_table(host: str, head: bytes) -> None:
    """Tell what came with HTTP 200 but is no table: an error document, a web page, nothing."""
    said, title = error_said(head), page_title(head)
    if said is not None:
        passing = any(word in said.lower() for word in _PASSING_TROUBLE)
        says = f": “{shorten(said, 300)}”" if said else " without saying why"
        what = f"{host} answered with an error document instead of the table{says}."
        raise AttemptFailed(ArchiveRefused, what, passing=passing)
    if title is not None:
        what = blocked_words(f"{host} answered with HTTP 200", head)
        raise AttemptFailed(ArchiveBlocked, f"{what} That page is not the table.")
    if not head.strip():
        raise AttemptFailed(
            ArchiveAnswerDamaged, f"{host} answered with an empty file.", passing=True
        )


def read_count(host: str, answer: bytes) -> int:
    """The number in the answer to ``select count(*)``: a line with the column's name, a line with
    the number."""
    check_is_table(host, answer)
    lines = answer.decode("utf-8-sig", errors="replace").split()
    number = lines[-1].strip('"')
    if len(lines) < 2 or not number.isdecimal():
        what = (
            f"{host} did not say how many rows the table has, but"
            f" “{shorten(' '.join(lines), 100)}”."
        )
        raise AttemptFailed(ArchiveAnswerDamaged, what)
    if number == "0":
        raise AttemptFailed(
            ArchiveAnswerDamaged, f"{host} says that the table is empty.", passing=True
        )
    return int(number)


def check_header(
    host: str, header: Sequence[str], asked: Sequence[str], *, more_allowed: bool
) -> None:
    missing = [column for column in asked if column not in header]
    unasked = [] if more_allowed else [column for column in header if column not in asked]
    if missing or unasked or len(set(header)) < len(header):
        differs = [
            f"lacks {shorten(join_words(missing), 300)}" if missing else "",
            f"has {shorten(join_words(unasked), 300)} unasked" if unasked else "",
        ]
        how = " and ".join(filter(None, differs)) or "names a column twice"
        raise AttemptFailed(ArchiveAnswerDamaged, f"The first line of what {host} sent {how}.")


def read_header(path: Path) -> tuple[str, ...]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        return tuple(next(csv.reader(file), ()))


def count_rows(host: str, path: Path) -> int:
    """How many rows follow the header; each must have as many fields."""
    number = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = filter(
                None, csv.reader(file, strict=True)
            )  # without blank lines; strict about an open quote
            width = len(next(rows))
            for number, row in enumerate(rows, start=1):
                if len(row) != width:
                    raise cut_off(host, f"row {number:,} has {len(row)} fields instead of {width}")
    except (csv.Error, UnicodeDecodeError) as error:
        raise cut_off(host, f"after row {number:,} it cannot be read ({error})") from error
    return number


def check_last_line(host: str, tail: bytes, like: bytes) -> None:
    """A cut within the last value keeps rows and fields; but then the line break is gone that other
    answers end in."""
    if like.endswith(b"\n") and not tail.endswith(b"\n"):
        raise cut_off(host, "its last line has no end")


def cut_off(host: str, how: str) -> AttemptFailed:
    return AttemptFailed(
        ArchiveAnswerDamaged, f"What {host} sent is cut off or damaged: {how}.", passing=True
    )
