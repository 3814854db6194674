"""Tables that are classified in the background."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pandas as pd

from exoplanet_site_client.background import Background


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


class Batch(Background[Progress]):
    """A table on the site; ``raw`` is what the site last said of it."""

    _place, _what = "/api/v1/batches", "Batch"

    @property
    def problems(self) -> list[str]:
        """What the site noticed about the table, in sentences."""
        return [problem["sentence"] for problem in self.raw["problems"]]

    @property
    def progress(self) -> Progress:
        names = ("status", "rows_done", "rows", "seconds_left")
        return Progress(**{name: self.raw[name] for name in names})

    def results(self) -> pd.DataFrame:
        """The table as it was sent, with the answers beside it."""
        content = self._requests.ask("GET", f"{self._path}/results/csv").content
        return results_of(content)


def results_of(content: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(content), low_memory=False)
