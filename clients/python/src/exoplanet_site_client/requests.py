"""Requests that are repeated where that is safe and helps."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

import httpx

from exoplanet_site_client.errors import SiteError, error_of

BUSY: Final = frozenset({429, 502, 503, 504})
LONGEST_PAUSE: Final = 60.0  # seconds


class Requests:
    """One site's addresses. ``tries`` counts the first one; ``sleep`` waits between two."""

    def __init__(
        self, client: httpx.Client, tries: int = 5, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.client, self.tries, self.sleep = client, tries, sleep

    def ask(
        self, method: str, address: str, *, again: bool = True, **options: Any
    ) -> httpx.Response:
        """The answer, which is no error. ``again``: whether asking twice does no harm where nobody
        knows what became of the first time; what was turned away is always asked again.

        Raises ``SiteError``.
        """
        for number in range(1, self.tries + 1):
            is_last = number == self.tries
            try:
                answer = self.client.request(method, address, **options)
            except httpx.TransportError as error:
                if is_last or not (again or isinstance(error, httpx.ConnectError)):
                    raise SiteError(f"{self.client.base_url} cannot be reached: {error}") from error
                self.sleep(_pause(number))
                continue
            if answer.status_code < 400:
                return answer
            if answer.status_code not in BUSY or is_last:
                raise error_of(answer)
            self.sleep(_pause(number, answer))
        raise AssertionError("unreachable: the last try answers or raises")

    def json(self, method: str, address: str, **options: Any) -> Any:
        return self.ask(method, address, **options).json()


def _pause(number: int, answer: httpx.Response | None = None) -> float:
    """Seconds: what the site asks for, or 1, 2, 4, …"""
    asked = "" if answer is None else answer.headers.get("Retry-After", "")
    seconds = float(asked) if asked.isdigit() else 2.0 ** (number - 1)
    return min(seconds, LONGEST_PAUSE)
