"""Asking the archive one question over HTTP,
with patience, and saying in words why no answer came."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlencode, urlsplit

import requests
import urllib3

from training.ml.archive.answers import HEAD, blocked_words, error_said
from training.ml.archive.errors import (
    ArchiveAnswerDamaged,
    ArchiveBlocked,
    ArchiveRefused,
    ArchiveUnreachable,
    AttemptFailed,
)
from training.ml.errors import shorten

ARCHIVE_URL: Final = "https://exoplanetarchive.ipac.caltech.edu/TAP/sync"
USER_AGENT: Final = (
    f"exoplanet-site/1 (fetches three tables, one query at a time) requests/{requests.__version__}"
)
MAX_BYTES: Final = 500_000_000
"""No table of the archive comes near this with the columns we ask for; an endless answer must not
fill the disk."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class RetryPolicy:
    """How long to wait for an answer, and how often and when to ask again. Time and chance enter
    here."""

    timeout: float = 120  # seconds of silence
    longest_transfer: float = 1800  # seconds from the first byte to the last
    retries: int = 4
    first_pause: float = 2
    longest_pause: float = 300
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _utc_now
    chance: Callable[[], float] = random.random  # jitter, nothing to keep secret

    def pause(self, failures: int, retry_after: float | None) -> float:
        """Seconds to wait after the given number of failures: what the archive asks for, else twice
        as long each time.

        Half of our own pause is left to chance, so that many sites that failed together do not come
        back together.
        """
        if retry_after is not None:
            return min(max(retry_after, 0), self.longest_pause)
        longest: float = min(self.first_pause * 2.0 ** (failures - 1), self.longest_pause)
        return longest * (1 + self.chance()) / 2


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """``Retry-After`` as seconds from ``now``:
    it is a number or a date (RFC 9110, section 10.2.3)."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()


def query_address(url: str, query: str) -> str:
    """The address that answers ``query`` with CSV, in a script or in a browser."""
    return (
        f"{url}{'&' if urlsplit(url).query else '?'}{urlencode({'query': query, 'format': 'csv'})}"
    )


@dataclass(frozen=True)
class Archive:
    """Who asks whom. One object asks one question at a time."""

    session: requests.Session = field(default_factory=requests.Session)
    url: str = ARCHIVE_URL
    patience: RetryPolicy = field(default_factory=RetryPolicy)

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or self.url

    def chunks(self, query: str, *, limit: int = MAX_BYTES) -> Generator[bytes]:
        """The bytes that answer ``query``, as they come; AttemptFailed where HTTP already says that
        it is no table."""
        with _network_errors(self.host, self.patience.timeout), self._get(query) as response:
            _check_status(response, self.patience.now())
            yield from self._body(response, limit)

    def _get(self, query: str) -> requests.Response:
        return self.session.get(
            self.url,
            params={"query": query, "format": "csv"},
            headers={"User-Agent": USER_AGENT, "Accept": "text/csv"},
            timeout=(min(self.patience.timeout, 20), self.patience.timeout),
            stream=True,
        )

    def _body(self, response: requests.Response, limit: int) -> Iterator[bytes]:
        began, size = self.patience.clock(), 0
        for chunk in response.iter_content(HEAD):
            size += len(chunk)
            if self.patience.clock() - began > self.patience.longest_transfer:
                minutes = f"{self.patience.longest_transfer / 60:.0f} minutes"
                what = f"{self.host} sent so slowly that {minutes} were not enough."
                raise AttemptFailed(ArchiveUnreachable, what, passing=True)
            if size > limit:
                what = (
                    f"{self.host} sent more than {limit:,} bytes, which is more than the answer can"
                    " have."
                )
                raise AttemptFailed(ArchiveAnswerDamaged, what)
            yield chunk


_NO_ADDRESS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
)


@contextmanager
def _network_errors(host: str, timeout: float) -> Iterator[None]:
    try:
        yield
    except requests.exceptions.SSLError as error:
        what = (
            f"The connection to {host} is not secure ({shorten(str(error), 200)}); check clock and"
            " certificates."
        )
        raise AttemptFailed(ArchiveUnreachable, what) from error
    except _NO_ADDRESS as error:
        what = (
            f"“{shorten(host, 200)}” is not an address that can be asked; check"
            " EXOPLANET_ARCHIVE_URL."
        )
        raise AttemptFailed(ArchiveUnreachable, what) from error
    except requests.RequestException as error:
        what = _connection_words(host, timeout, error)
        raise AttemptFailed(ArchiveUnreachable, what, passing=True) from error


def _connection_words(host: str, timeout: float, error: requests.RequestException) -> str:
    causes = list(_causes(error))
    if any(isinstance(cause, urllib3.exceptions.NameResolutionError) for cause in causes):
        return (
            f"The name {host} could not be resolved; check the network, the DNS server and the"
            " proxy settings."
        )
    # Before the timeouts: urllib3 calls a refused connection one, too.
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return f"{host} refuses connections."
    if any(
        isinstance(cause, (requests.Timeout, urllib3.exceptions.TimeoutError)) for cause in causes
    ):
        return (
            f"{host} did not answer in time (the limit is {timeout:g} seconds of silence; --timeout"
            " changes it)."
        )
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return f"The connection to {host} broke in the middle of the answer."
    return f"The connection to {host} failed ({shorten(str(error), 200)})."


def _causes(error: object, depth: int = 5) -> Iterator[object]:
    """The error, what it wraps and what caused it: requests keeps urllib3's errors in ``args`` and
    ``reason``."""
    if depth and isinstance(error, BaseException):
        yield error
        for inner in (
            *error.args,
            getattr(error, "reason", None),
            error.__cause__,
            error.__context__,
        ):
            yield from _causes(inner, depth - 1)


_TRY_AGAIN: Final = frozenset({408, 425, 429})


def _check_status(response: requests.Response, now: datetime) -> None:
    """Every status but success is a failed attempt, and its body may say why."""
    if response.ok:
        return
    head = next(response.iter_content(HEAD), b"")
    host, status = (
        urlsplit(response.url).hostname,
        f"HTTP {response.status_code} {response.reason or ''}".strip(),
    )
    if response.status_code == 403:
        raise AttemptFailed(
            ArchiveBlocked, blocked_words(f"{host} turned us away with {status}", head)
        )
    if response.status_code in _TRY_AGAIN or response.status_code >= 500:
        wait = retry_after_seconds(response.headers.get("Retry-After"), now)
        raise AttemptFailed(
            ArchiveUnreachable,
            f"{host} is busy or out of order: it answered {status}.",
            passing=True,
            retry_after=wait,
        )
    said = error_said(head)
    says = f" and said “{shorten(said, 300)}”" if said else ""
    raise AttemptFailed(ArchiveRefused, f"{host} refused the query with {status}{says}.")
