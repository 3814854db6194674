"""Tables that are classified in the background."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from exoplanet_site_client.errors import SiteError
from exoplanet_site_client.requests import Requests

ENDED: Final = frozenset({"succeeded", "failed", "cancelled"})
POLL: Final = 2.0  # seconds


@dataclass(frozen=True)
class Progress:
    """How far a batch is; ``rows`` is None until they are counted."""

    status: str
    rows_done: int
    rows: int | None
    seconds_left: float | None

    def __str__(self) -> str:
        rows = "?" if self.rows is None else f"{self.rows:,}"
        return f"{self.status}: {self.rows_done:,} of {rows} rows"


class Batch:
    """A table on the site; ``raw`` is what the site last said of it."""

    def __init__(self, requests: Requests, raw: dict[str, Any]) -> None:
        self._requests, self.raw = requests, raw

    def __repr__(self) -> str:
        return f"<Batch {self.id} {self.raw['name']!r} {self.progress}>"

    @property
    def id(self) -> str:
        return str(self.raw["id"])

    @property
    def status(self) -> str:
        return str(self.raw["status"])

    @property
    def problems(self) -> list[str]:
        """What the site noticed about the table, in sentences."""
        return [problem["sentence"] for problem in self.raw["problems"]]

    @property
    def progress(self) -> Progress:
        names = ("status", "rows_done", "rows", "seconds_left")
        return Progress(**{name: self.raw[name] for name in names})

    def refresh(self) -> Batch:
        self.raw = self._requests.json("GET", self._path)
        return self

    def wait(
        self, progress: Callable[[Progress], object] | None = None, timeout: float = 3_600.0
    ) -> Batch:
        """Returns when it has ended. ``progress`` is called whenever something has changed;
        ``timeout`` in seconds.

        Raises ``SiteError`` where it failed, was cancelled, or takes longer.
        """
        deadline, last = time.monotonic() + timeout, None
        while self.refresh().status not in ENDED:
            if progress and self.progress != last:
                progress(last := self.progress)
            if time.monotonic() > deadline:
                raise SiteError(f"Batch {self.id} has not ended after {timeout:,.0f} s.")
            self._requests.sleep(POLL)
        if progress:
            progress(self.progress)
        if self.status != "succeeded":
            raise SiteError(self.raw["reason"] or f"Batch {self.id} was {self.status}.")
        return self

    def results(self) -> pd.DataFrame:
        """The table as it was sent, with the answers beside it."""
        content = self._requests.ask("GET", f"{self._path}/results/csv").content
        return results_of(content)

    def cancel(self) -> Batch:
        self.raw = self._requests.json("POST", f"{self._path}/cancel")
        return self

    def delete(self) -> None:
        self._requests.ask("DELETE", self._path)

    @property
    def _path(self) -> str:
        return f"/api/v1/batches/{self.id}"


def results_of(content: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(content), low_memory=False)
