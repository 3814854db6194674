"""The site and what can be asked of it."""

from __future__ import annotations

import gzip
import json
import os
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import httpx
import pandas as pd

from exoplanet_site_client.batches import Batch, Progress, results_of
from exoplanet_site_client.catalogue import Catalogue
from exoplanet_site_client.curves import (
    CURVES,
    FOLDERS,
    CurveFolder,
    CurveProgress,
    CurveSearch,
    Files,
    sent,
)
from exoplanet_site_client.errors import SiteError
from exoplanet_site_client.requests import Requests
from exoplanet_site_client.verdicts import Verdict

Table = pd.DataFrame | Path | str
TIMEOUT: Final = httpx.Timeout(300.0, connect=10.0)  # seconds; a thousand rows are answered at once
ACCEPTED: Final = 202
VERSIONS: Final = "/api/v1/model-versions"


class ExoplanetSite:
    """A site at ``address``, asked with a token that may do what is asked.

    Without them ``EXOPLANET_SITE`` and ``EXOPLANET_TOKEN`` of the environment are taken.
    """

    def __init__(
        self,
        address: str | None = None,
        token: str | None = None,
        *,
        tries: int = 5,
        client: httpx.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        address = address or os.environ.get("EXOPLANET_SITE", "http://localhost:8000")
        token = token or os.environ.get("EXOPLANET_TOKEN")
        if not token:
            raise SiteError("There is no token: give one, or set EXOPLANET_TOKEN.")
        client = client or httpx.Client(timeout=TIMEOUT, follow_redirects=False)
        client.base_url = httpx.URL(address.rstrip("/"))
        client.headers["Authorization"] = f"Token {token}"
        self._requests = Requests(client, tries, sleep)
        self.catalogue = Catalogue(self._requests)

    def __enter__(self) -> ExoplanetSite:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._requests.client.close()

    # --- one signal -------------------------------------------------------------------------------

    def classify(self, *, explain: bool = True, save: bool = False, **inputs: Any) -> Verdict:
        """The verdict on one signal: ``mission``, ``orbital_period`` in days, ``transit_duration``
        in hours, ``transit_depth`` in ppm, and whatever else is known."""
        flags = {"explain": _flag(explain), "save": _flag(save)}
        answer = self._requests.json("POST", "/predict", params=flags, json=inputs, again=not save)
        return Verdict.from_json(answer)

    # --- tables -----------------------------------------------------------------------------------

    def classify_table(
        self,
        table: Table,
        *,
        mission: str | None = None,
        mapping: Mapping[str, Any] | str | None = None,
        progress: Callable[[Progress], object] | None = None,
        timeout: float = 3_600.0,
    ) -> pd.DataFrame:
        """The table with the answers beside it, however long it is: short ones are answered at
        once, others waited for."""
        sent = self._send(table, mission, mapping)
        if sent.status_code != ACCEPTED:
            return results_of(sent.content)
        batch = Batch(self._requests, sent.json())
        return batch.wait(progress, timeout).results()

    def start_batch(
        self,
        table: Table,
        *,
        mission: str | None = None,
        mapping: Mapping[str, Any] | str | None = None,
    ) -> Batch:
        """Sends a table and returns at once. Raises ``SiteError`` for a table that is so short that
        the site has answered it instead."""
        sent = self._send(table, mission, mapping)
        if sent.status_code != ACCEPTED:
            raise SiteError("The site has answered this short table at once; use classify_table.")
        return Batch(self._requests, sent.json())

    def batch(self, key: str) -> Batch:
        return Batch(self._requests, self._requests.json("GET", f"/api/v1/batches/{key}"))

    def batches(self) -> list[Batch]:
        """The newest ones."""
        listed = self._requests.json("GET", "/api/v1/batches")
        return [Batch(self._requests, raw) for raw in listed]

    def _send(
        self, table: Table, mission: str | None, mapping: Mapping[str, Any] | str | None
    ) -> httpx.Response:
        name, content = _file_of(table)
        data = {"mission": mission, "mapping": _text_of(mapping)}
        return self._requests.ask(
            "POST",
            "/predict_batch",
            files={"file": (name, content)},
            data={key: value for key, value in data.items() if value},
            headers={"Accept": "text/csv", "Idempotency-Key": str(uuid.uuid4())},
        )

    # --- light curves -----------------------------------------------------------------------------

    def search_curves(
        self,
        files: Files,
        *,
        progress: Callable[[CurveProgress], object] | None = None,
        timeout: float = 3_600.0,
        **said: Any,
    ) -> CurveSearch:
        """The transits in light curves of one star, when they are found: paths of 1 to 20 files.
        ``said``: of the star (``teff``, ``radius``, ``name`` …) or of the files (``time_zero`` …),
        where these do not say it or say it otherwise."""
        return self.start_curves(files, **said).wait(progress, timeout)

    def start_curves(self, files: Files, **said: Any) -> CurveSearch:
        """Sends light curves of one star and returns at once."""
        return CurveSearch(self._requests, sent(self._requests, CURVES, files, said))

    def curve_search(self, key: str) -> CurveSearch:
        return CurveSearch(self._requests, self._requests.json("GET", f"{CURVES}/{key}"))

    def start_folder(self, files: Files, **said: Any) -> CurveFolder:
        """Sends light curves of many stars, or a ZIP archive of them, and returns at once."""
        return CurveFolder(self._requests, sent(self._requests, FOLDERS, files, said))

    def curve_folder(self, key: str) -> CurveFolder:
        return CurveFolder(self._requests, self._requests.json("GET", f"{FOLDERS}/{key}"))

    # --- versions ---------------------------------------------------------------------------------

    def versions(self) -> pd.DataFrame:
        """Versions of the classifier, newest first, one a row."""
        return pd.DataFrame(self._requests.json("GET", VERSIONS))

    def version(self, name: str) -> dict[str, Any]:
        """One version with its lineage."""
        return dict(self._requests.json("GET", f"{VERSIONS}/{name}"))

    def compare(self, name: str, other: str) -> dict[str, Any]:
        """A version against ``other``, on the stars that both held out."""
        return dict(
            self._requests.json("GET", f"{VERSIONS}/{name}/compare", params={"other": other})
        )

    def metrics(self, name: str | None = None) -> dict[str, Any]:
        """How good the version in service is; every figure of another one that is named."""
        if name is not None:
            return dict(self._requests.json("GET", f"{VERSIONS}/{name}/metrics"))
        found: dict[str, Any] = self._requests.json("GET", "/model/metrics")
        return found


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _file_of(table: Table) -> tuple[str, bytes]:
    """Name and content of what is sent; frames go as compressed CSV, which keeps every digit."""
    if isinstance(table, pd.DataFrame):
        return "table.csv.gz", gzip.compress(table.to_csv(index=False).encode())
    path = Path(table)
    return path.name, path.read_bytes()


def _text_of(mapping: Mapping[str, Any] | str | None) -> str | None:
    """A mapping as JSON; a text is the name of one that is kept on the site."""
    return mapping if mapping is None or isinstance(mapping, str) else json.dumps(mapping)
