"""The catalogue: every known signal and star, what the archive says, and their scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import pandas as pd

from exoplanet_site_client.errors import SiteError
from exoplanet_site_client.requests import Requests

BASE: Final = "/api/v1/catalogue"
PAGE: Final = 1_000
"""Rows of a page: as many as the site gives at once."""
COLUMNS: Final = (
    "name",
    "listed_name",
    "star",
    "mission",
    "ra",
    "dec",
    "period",
    "epoch",
    "epoch_error",
    "duration",
    "depth",
    "radius",
    "magnitude",
    "disposition",
    "archive_word",
    "planet_score",
    "open_score",
    "basis",
    "scored_by",
    "created",
    "updated",
    "slug",
)
"""Of a list that is empty; others have what the site sends."""
Range = tuple[float | None, float | None]


@dataclass(frozen=True)
class PagesRead:
    """How far a list is read."""

    rows_read: int
    rows: int

    def __str__(self) -> str:
        return f"{self.rows_read:,} of {self.rows:,} rows"


@dataclass(frozen=True)
class Found:
    """What a name or a position stands for: one row per signal or star with ``name``, ``why``,
    ``is_star``, ``slug`` and ``list``, "" for the missions' signals. ``close``: the nearest names,
    where none is the same."""

    matches: pd.DataFrame
    close: pd.DataFrame
    sentence: str


@dataclass(frozen=True)
class CatalogueSignal:
    """``facts``: its row of a list. ``inputs``: numbers by schema name, as read. ``scores``: of
    every version, the latest first. ``changes``: what tables said otherwise than those before."""

    name: str
    slug: str
    facts: dict[str, Any]
    names: list[str]
    inputs: dict[str, float]
    scores: pd.DataFrame
    changes: pd.DataFrame
    siblings: list[str]
    is_listed: bool
    raw: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class CatalogueStar:
    """``signals``: of all missions, by period."""

    name: str
    slug: str
    names: list[str]
    ra: float | None
    dec: float | None
    signals: pd.DataFrame
    raw: dict[str, Any] = field(repr=False)


class Catalogue:
    """What ``ExoplanetSite.catalogue`` can be asked."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    def tables(self) -> pd.DataFrame:
        """The tables in charge, one per mission, with the day whose state they are."""
        return pd.DataFrame(self._requests.json("GET", f"{BASE}/tables"))

    def find(self, text: str) -> Found:
        """Signals and stars by a name in any spelling, or around a position with a radius."""
        raw = self._requests.json("GET", f"{BASE}/find", params={"q": text})
        return Found(_matches(raw["matches"]), _matches(raw["close"]), raw["sentence"])

    def signals(
        self,
        show: str = "open",
        *,
        limit: int | None = None,
        progress: Callable[[PagesRead], object] | None = None,
        **filters: Any,
    ) -> pd.DataFrame:
        """A list in one frame: ``show`` is open, disagreements or all. ``limit``: at most so many
        rows. Filters are those of ``pages``."""
        parts, read = [], 0
        for page, rows in self._pages("signals", {"show": show, **_asked(filters)}, limit):
            parts.append(page)
            read += len(page)
            if progress:
                progress(PagesRead(read, rows))
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*COLUMNS])

    def pages(self, show: str = "open", **filters: Any) -> Iterator[pd.DataFrame]:
        """The same, a frame per page of up to 1,000 rows, each asked for when it is needed.

        Filters: ``list`` (another list by its name, as CTOI; the missions' signals without it),
        ``q`` (a name or its beginning), ``mission``, ``disposition``, ``sort`` (name,
        planet_score, open_score, period, radius, magnitude; with - before it, the largest first),
        and ``period``, ``radius``, ``magnitude``, ``score``, each a pair (from, to) of which
        either may be None.
        """
        for page, _ in self._pages("signals", {"show": show, **_asked(filters)}, None):
            yield page

    def signal(self, name: str) -> CatalogueSignal:
        """One signal by its name in any spelling. Raises ``SiteError`` where none has it, or
        several have."""
        raw = self._one("signals", name)
        facts = raw["signal"]
        return CatalogueSignal(
            name=facts["name"],
            slug=facts["slug"],
            facts=facts,
            names=raw["names"],
            inputs=raw["inputs"],
            scores=pd.DataFrame(raw["scores"]),
            changes=pd.DataFrame(raw["changes"]),
            siblings=raw["siblings"],
            is_listed=raw["is_listed"],
            raw=raw,
        )

    def star(self, name: str) -> CatalogueStar:
        """One star by its name in any spelling."""
        raw = self._one("stars", name)
        names = ("name", "slug", "names", "ra", "dec")
        signals = pd.DataFrame(raw["signals"])
        return CatalogueStar(**{key: raw[key] for key in names}, signals=signals, raw=raw)

    def changes(self, since: str | None = None, kind: str | None = None) -> pd.DataFrame:
        """What tables said otherwise than those before them, the newest first. ``since``: a day,
        as in 2025-10-04. ``kind``: new, gone, back, renamed or changed."""
        asked = {"since": since, "kind": kind}
        parts = [page for page, _ in self._pages("changes", _given(asked), None)]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    def _pages(
        self, what: str, asked: dict[str, Any], limit: int | None
    ) -> Iterator[tuple[pd.DataFrame, int]]:
        """Each page with how many rows there are, or at most are wanted."""
        number, read = 1, 0
        size = PAGE if limit is None else max(1, min(PAGE, limit))
        while limit is None or read < limit:
            params = {**asked, "page": number, "size": size}
            raw = self._requests.json("GET", f"{BASE}/{what}", params=params)
            rows = raw["results"] if limit is None else raw["results"][: limit - read]
            if not rows:
                return
            read += len(rows)
            yield pd.DataFrame(rows), raw["count"] if limit is None else min(limit, raw["count"])
            if number >= raw["pages"]:
                return
            number += 1

    def _one(self, kind: str, name: str) -> Any:
        try:
            return self._requests.json("GET", f"{BASE}/{kind}/{quote(name, safe='')}")
        except SiteError as error:
            if error.status != 404:
                raise
        return self._requests.json("GET", f"{BASE}/{kind}/{quote(self._slug(kind, name), safe='')}")

    def _slug(self, kind: str, name: str) -> str:
        """Of the only signal or star of this name."""
        found = self.find(name)
        of_missions = found.matches[found.matches["list"] == ""]
        own = of_missions[of_missions["is_star"] == (kind == "stars")]
        if len(own) == 1:
            return str(own["slug"].iloc[0])
        others = own if len(own) else pd.concat([found.matches, found.close])
        near = ", ".join(others["name"].head(5))
        why = (
            f"{len(own)} of the catalogue's {kind} have" if len(own) else f"None of its {kind} has"
        )
        told = f" See {near}." if near else ""
        raise SiteError(f"{why} the name “{name}”.{told}", code="no_such_name", status=404)


def _asked(filters: dict[str, Any]) -> dict[str, Any]:
    """As parameters of an address: a pair becomes the two ends of a range."""
    asked: dict[str, Any] = {}
    for name, value in filters.items():
        if isinstance(value, tuple):
            asked |= dict(zip((f"{name}_from", f"{name}_to"), value, strict=True))
        else:
            asked[name] = value
    return _given(asked)


def _given(asked: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if value is not None}


def _matches(rows: list[dict[str, Any]]) -> pd.DataFrame:
    found = pd.DataFrame(rows, columns=["name", "why", "is_star", "address"])
    # An address of the site's own, as in /catalogue/signals/TOI-700.01/.
    parts = [address.strip("/").split("/") for address in found.pop("address")]
    found["slug"] = [part[-1] for part in parts]
    # Signals of lists that are no mission's: /catalogue/lists/ctoi/CTOI-1.01/.
    found["list"] = [part[2] if part[1:2] == ["lists"] else "" for part in parts]
    return found.astype({"is_star": bool})
