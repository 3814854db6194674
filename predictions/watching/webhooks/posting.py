"""One request to somebody else's server: to the address that was checked and no other, within a
bounded time, reading a bounded answer."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Final
from urllib.parse import urljoin

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from predictions.watching.webhooks.addresses import AddressRefused, Target, places_of, target_of

SECONDS: Final = 10.0
"""For everything: looking the name up, redirects, and the answer."""
CONNECT_SECONDS: Final = 4.0
MOST_REDIRECTS: Final = 3
READ_BYTES: Final = 500
"""Of an answer; it is shown where the delivery failed, and never more of it is taken."""
_SAME_METHOD: Final = (307, 308)
_OTHER_METHOD: Final = (301, 302, 303)
_GONE: Final = 410


@dataclass(frozen=True)
class Letter:
    """What is sent where."""

    address: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Outcome:
    """``status`` is None where nobody answered; ``reason`` is a sentence unless all went well."""

    status: int | None = None
    reason: str = "It did not answer in time."
    is_delivered: bool = False
    is_final: bool = False  # another attempt would find the same


@dataclass
class _Sending:
    letter: Letter
    private: bool
    seconds: float
    outcome: Outcome = field(default_factory=Outcome)
    connection: HTTPConnection | None = None
    began: float = field(default_factory=time.monotonic)
    is_over: bool = False

    @property
    def left(self) -> float:
        return max(0.1, self.began + self.seconds - time.monotonic())


def post_all(
    letters: Sequence[Letter], *, private: bool, seconds: float = SECONDS
) -> list[Outcome]:
    """Send all at the same time: one that does not answer holds up none of the others, and after
    ``seconds`` nobody is waited for."""
    sendings = [_Sending(letter, private, seconds) for letter in letters]
    # Daemons: a name server that does not answer cannot be interrupted, and must hold up nobody.
    threads = [threading.Thread(target=_send, args=(one,), daemon=True) for one in sendings]
    for thread in threads:
        thread.start()
    return [_ended(one, thread) for one, thread in zip(sendings, threads, strict=True)]


def _ended(one: _Sending, thread: threading.Thread) -> Outcome:
    thread.join(one.left)
    one.is_over = True
    if thread.is_alive():
        reason = f"It did not answer within {one.seconds:g} seconds."
        _hang_up(one.connection)
        return Outcome(reason=reason)
    return one.outcome


def _hang_up(connection: HTTPConnection | None) -> None:
    """Wakes the thread that waits for it, too."""
    sock = connection.sock if connection else None
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def _send(one: _Sending) -> None:
    try:
        one.outcome = _followed(one)
    except AddressRefused as error:
        one.outcome = Outcome(reason=error.message)
    except (OSError, HTTPError, HTTPException, ValueError) as error:
        one.outcome = Outcome(reason=_reason(error))
    finally:
        if one.connection is not None:
            one.connection.close()


def _followed(one: _Sending) -> Outcome:
    """The answer at the end of redirects; each step is looked up and checked as the first."""
    address = one.letter.address
    for _ in range(MOST_REDIRECTS + 1):
        target = target_of(address, private=one.private)
        outcome, location = _asked(one, target)
        if outcome.status not in _SAME_METHOD or not location:
            return outcome
        address = urljoin(address, location)
    return Outcome(outcome.status, f"It redirects more than {MOST_REDIRECTS} times.")


def _asked(one: _Sending, target: Target) -> tuple[Outcome, str]:
    response = _response(one, target)
    text = response.read(READ_BYTES, decode_content=False).decode("utf-8", "replace")
    location = response.headers.get("Location", "")
    status = response.status
    outcome = Outcome(
        status=status,
        reason=_answer_reason(status, location, text),
        is_delivered=200 <= status < 300,
        is_final=status == _GONE,
    )
    return outcome, location


def _response(one: _Sending, target: Target) -> urllib3.BaseHTTPResponse:
    places = places_of(target, private=one.private)
    for number, place in enumerate(places):
        if one.is_over:
            break
        one.connection = _connection(target, place, one.left)
        try:
            one.connection.connect()
        except (OSError, HTTPError):
            if number + 1 == len(places):
                raise
            continue
        one.connection.timeout = one.left
        headers = {"Host": target.host_header, **one.letter.headers}
        one.connection.request(
            "POST", target.path, body=one.letter.body, headers=headers, preload_content=False
        )
        return one.connection.getresponse()
    raise TimeoutError


def _connection(target: Target, place: str, left: float) -> HTTPConnection:
    """To the address that was checked; the certificate is still that of the name. The environment's
    proxies are not asked: they would look the name up anew."""
    seconds = min(CONNECT_SECONDS, left)
    if not target.is_secure:
        return HTTPConnection(place, target.port, timeout=seconds)
    return HTTPSConnection(
        place,
        target.port,
        timeout=seconds,
        server_hostname=target.host,
        assert_hostname=target.host,
    )


def _answer_reason(status: int, location: str, text: str) -> str:
    if 200 <= status < 300:
        return ""
    if status in _OTHER_METHOD:
        where = f" to {location[:200]}" if location else ""
        return f"It answered {status}, a redirect{where}; give the address that it leads to."
    if status == _GONE:
        return "It answered 410, gone: it wants nothing more."
    said = " ".join(text.split())[:200]
    return f"It answered {status}{f': {said}' if said else ''}."


def _reason(error: Exception) -> str:
    """Without what a library has to say about its own insides."""
    kind = type(error).__name__
    if kind == "gaierror" or isinstance(error, urllib3.exceptions.NameResolutionError):
        return "Its name is not known."
    if "Certificate" in str(error) or "CERTIFICATE" in str(error):
        return "Its certificate is not valid for its name."
    if isinstance(error, ConnectionError | urllib3.exceptions.NewConnectionError):
        return "It does not take connections."
    if isinstance(error, TimeoutError | urllib3.exceptions.TimeoutError):
        return "It did not answer in time."
    return f"It could not be reached ({kind})."
