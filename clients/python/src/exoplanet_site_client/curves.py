"""Light curves that are searched in the background: of one star, or of many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from exoplanet_site_client.background import Background
from exoplanet_site_client.batches import Batch
from exoplanet_site_client.errors import SiteError
from exoplanet_site_client.requests import Requests

CURVES: Final = "/api/v1/curves"
FOLDERS: Final = f"{CURVES}/folders"
Files = Path | str | Iterable[Path | str]


@dataclass(frozen=True)
class CurveProgress:
    """How far a search is; ``share`` from 0 to 1."""

    status: str
    stage: str
    share: float

    def __str__(self) -> str:
        return f"{self.status}: {self.stage or 'waiting'} ({self.share:.0%})"


class CurveSearch(Background[CurveProgress]):
    """One star's light curves."""

    _place, _what = CURVES, "Search"

    @property
    def progress(self) -> CurveProgress:
        return CurveProgress(self.status, self.raw["stage"], self.raw["progress"])

    @property
    def result(self) -> dict[str, Any]:
        """The outcome; raises ``SiteError`` where there is none yet."""
        found = self.raw.get("result")
        if found is None:
            raise SiteError(f"Search {self.id} is {self.status}: there is no result yet.")
        return dict(found)

    @property
    def signals(self) -> pd.DataFrame:
        """One row for each signal that was found: what was measured with its uncertainty, and the
        verdict; missing where the period is not known."""
        return pd.DataFrame([_row(signal) for signal in self.result["signals"]], columns=_COLUMNS)

    def measure(self, period: float, *, signal: int = 1, epoch: float | None = None) -> CurveSearch:
        """A signal at another period in days, and maybe around a mid-transit, as a search of its
        own; what was found stays."""
        body = {"signal": signal, "period": period, "epoch": epoch}
        raw = self._requests.json("POST", f"{self._path}/again", json=body, again=False)
        return CurveSearch(self._requests, raw)


class CurveFolder(Background[CurveProgress]):
    """Light curves of many stars; each star is a search, the measured rows are a batch."""

    _place, _what = FOLDERS, "Folder"

    @property
    def progress(self) -> CurveProgress:
        ended, stars = self.raw["stars_ended"], self.raw["stars"]
        return CurveProgress(self.status, f"{ended} of {stars} stars", ended / max(stars, 1))

    @property
    def refused(self) -> list[str]:
        """Files that were not searched, each with its reason."""
        return [f"{one['file']}: {one['reason']}" for one in self._detail()["refused"]]

    def searches(self) -> list[CurveSearch]:
        """The stars, each with its result."""
        places = [one["url"].rpartition("/")[2] for one in self._detail()["searches"]]
        return [
            CurveSearch(self._requests, self._requests.json("GET", f"{CURVES}/{key}"))
            for key in places
        ]

    def batch(self) -> Batch | None:
        """The batch of the measured rows; None where no star has one, or not all are done."""
        if not (address := self.raw["batch"]):
            return None
        key = address.rpartition("/")[2]
        return Batch(self._requests, self._requests.json("GET", f"/api/v1/batches/{key}"))

    def resume(self) -> CurveFolder:
        """Go on after a failure or a cancellation, from the stars that are done."""
        self.raw = self._requests.json("POST", f"{self._path}/resume")
        return self

    def _detail(self) -> dict[str, Any]:
        return self.raw if "searches" in self.raw else self.refresh().raw


def sent(requests: Requests, address: str, files: Files, said: Mapping[str, Any]) -> dict[str, Any]:
    """What the site says of light curves that it has accepted. Nothing is sent twice: a search that
    nobody asked for would be in the way of others."""
    paths = [files] if isinstance(files, (Path, str)) else list(files)
    data = {name: str(value) for name, value in said.items() if value is not None}
    with ExitStack() as opened:
        parts = [
            ("files", (Path(path).name, opened.enter_context(Path(path).open("rb"))))
            for path in paths
        ]
        found: dict[str, Any] = requests.json("POST", address, files=parts, data=data, again=False)
    return found


_MEASURED: Final = ("period", "epoch", "duration_hours", "depth_ppm", "radius_ratio")
_PLAIN: Final = ("snr", "transit_count")
_SAID: Final = ("disposition", "planet_score", "open_score")
_COLUMNS: Final = (
    "order",
    *(name for one in _MEASURED for name in (one, f"{one}_error")),
    *_PLAIN,
    *_SAID,
    "vetoes",
    "no_verdict",
)


def _row(signal: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {"order": signal["order"]}
    for name in _MEASURED:
        one = signal[name] or {"value": None, "error": None}
        row |= {name: one["value"], f"{name}_error": one["error"]}
    verdict = signal["verdict"] or {}
    lists = {name: " ".join(signal[name]) for name in ("vetoes", "no_verdict")}
    return (
        row
        | {name: signal[name] for name in _PLAIN}
        | {name: verdict.get(name) for name in _SAID}
        | lists
    )
