"""XML that could make a reader fetch or multiply what does not stand in the file is refused."""

from __future__ import annotations

import re
from typing import Final

from training.ml.errors import NotATable

_PROLOG: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_ENCODING: Final = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)[\"']", re.IGNORECASE)
_PLAIN: Final = frozenset({b"utf-8", b"us-ascii", b"ascii", b"iso-8859-1", b"windows-1252"})


def refuse_entities(start: bytes, what: str) -> None:
    """``start`` must reach beyond everything that stands before the root element."""
    declared = _ENCODING.search(start[:200])
    if b"\x00" in start[:4] or (declared and declared[1].lower() not in _PLAIN):
        raise NotATable(f"a {what} in an unusual encoding", "Save it as UTF-8.")
    prolog = _PROLOG.match(start)
    rest = start[prolog.end() if prolog else 0 :]
    if rest[:2] == b"<!":
        raise NotATable(
            f"a {what} that declares entities or refers to other documents, which is not read",
            "Remove its DOCTYPE and upload it again.",
        )
    if rest and not re.match(rb"<[A-Za-z_]", rest):
        raise NotATable(f"a {what} whose XML does not begin as it should", "Save it anew.")
