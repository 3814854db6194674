"""What the site does in the background, and one waits for."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Final, Generic, Self, TypeVar

from exoplanet_site_client.errors import SiteError
from exoplanet_site_client.requests import Requests

ENDED: Final = frozenset({"succeeded", "failed", "cancelled"})
POLL: Final = 2.0  # seconds

ProgressT = TypeVar("ProgressT")


class Background(ABC, Generic[ProgressT]):
    """What runs on the site under an address; ``raw`` is what it last said of it."""

    _place: str
    _what: str

    def __init__(self, requests: Requests, raw: dict[str, Any]) -> None:
        self._requests, self.raw = requests, raw

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} {self.raw['name']!r} {self.progress}>"

    @property
    def id(self) -> str:
        return str(self.raw["id"])

    @property
    def status(self) -> str:
        return str(self.raw["status"])

    @property
    @abstractmethod
    def progress(self) -> ProgressT: ...

    def refresh(self) -> Self:
        self.raw = self._requests.json("GET", self._path)
        return self

    def wait(
        self, progress: Callable[[ProgressT], object] | None = None, timeout: float = 3_600.0
    ) -> Self:
        """Returns when it has ended. ``progress`` is called whenever something has changed;
        ``timeout`` in seconds.

        Raises ``SiteError`` where it failed, was cancelled, or takes longer.
        """
        deadline, last = time.monotonic() + timeout, None
        while self.refresh().status.lower() not in ENDED:
            if progress and self.progress != last:
                progress(last := self.progress)
            if time.monotonic() > deadline:
                raise SiteError(f"{self._what} {self.id} has not ended after {timeout:,.0f} s.")
            self._requests.sleep(POLL)
        if progress:
            progress(self.progress)
        if self.status.lower() != "succeeded":
            raise SiteError(self.raw["reason"] or f"{self._what} {self.id} was {self.status}.")
        return self

    def cancel(self) -> Self:
        self.raw = self._requests.json("POST", f"{self._path}/cancel")
        return self

    def delete(self) -> None:
        self._requests.ask("DELETE", self._path)

    @property
    def _path(self) -> str:
        return f"{self._place}/{self.id}"
