"""Servers of other people, on this machine: one that takes requests, one that never answers, one
that drips, and one that takes mail."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def served(handler: type[socketserver.BaseRequestHandler]) -> Iterator[int]:
    """The port at which it listens."""

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


class Silent(socketserver.BaseRequestHandler):
    """Takes the connection and says nothing."""

    def handle(self) -> None:
        self.request.settimeout(30)
        with_error: Any = None
        try:
            while self.request.recv(4096):
                pass
        except OSError as error:
            with_error = error
        del with_error


class Dripping(socketserver.BaseRequestHandler):
    """Answers a letter a tenth of a second, for ever."""

    def handle(self) -> None:
        self.request.recv(4096)
        pause = threading.Event()
        try:
            self.request.sendall(b"HTTP/1.1 200 OK\r\nX-Endless: ")
            while not pause.wait(0.1):
                self.request.sendall(b"a")
        except OSError:
            return


class Mailbox:
    """An SMTP server that keeps what it gets; ``refuses`` are its answers to recipients."""

    def __init__(self, refuses: str = "") -> None:
        self.letters: list[str] = []
        self.refuses = refuses

    @contextmanager
    def open(self) -> Iterator[int]:
        box = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self._say("220 sink")
                while line := self.rfile.readline().decode().strip():
                    word = line.split(" ")[0].upper()
                    if word == "DATA":
                        self._say("354 go on")
                        box.letters.append(self._letter())
                        self._say("250 kept")
                    elif word == "RCPT" and box.refuses:
                        self._say(box.refuses)
                    elif word == "QUIT":
                        self._say("221 bye")
                        return
                    else:
                        self._say("250 yes")

            def _letter(self) -> str:
                lines = []
                while (line := self.rfile.readline().decode()) != ".\r\n":
                    lines.append(line)
                return "".join(lines)

            def _say(self, text: str) -> None:
                self.wfile.write(f"{text}\r\n".encode())

        with served(Session) as port:
            yield port


def free_port() -> int:
    """At which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
