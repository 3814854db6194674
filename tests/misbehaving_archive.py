"""A real HTTP server on 127.0.0.1 that plays the archive's TAP service, well or in one of the ways
it fails."""

from __future__ import annotations

import csv
import io
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

ROWS = 40

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: MisbehavingArchive

    def do_GET(self) -> None:
        self.query = parse_qs(urlsplit(self.path).query)["query"][0]
        self.server.play(self)

    def log_message(self, *args: object) -> None:
        pass

    @property
    def is_count(self) -> bool:
        return "count(*)" in self.query

    @property
    def columns(self) -> list[str]:
        asked = self.query.split()[1]
        return ["kepid", "koi_comment"] if asked == "*" else asked.split(",")

    @property
    def csv(self) -> str:
        """What a healthy archive answers."""
        if self.is_count:
            return f"count(*)\n{self.server.rows}\n"
        lines = [
            ",".join(f'"{column} {row}"' for column in self.columns)
            for row in range(self.server.rows)
        ]
        return "\r\n".join([",".join(self.columns), *lines, ""])

    def begin(self, status: int, content_type: str, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        for name, value in headers:
            self.send_header(name, value)

    def send(
        self, status: int, content_type: str, body: str | bytes, *headers: tuple[str, str]
    ) -> None:
        content = body.encode() if isinstance(body, str) else body
        self.begin(status, content_type, *headers, ("Content-Length", str(len(content))))
        self.end_headers()
        self.wfile.write(content)

    def stream(self, body: str) -> None:
        """As the archive does: no length, and the end of the connection is the end of the table."""
        self.begin(200, "text/csv", ("Connection", "close"))
        self.end_headers()
        self.wfile.write(body.encode())
        self.close_connection = True


class MisbehavingArchive(ThreadingHTTPServer):
    """``count`` and ``table`` are scripts: one answer per request, the last one for ever."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.rows = ROWS
        self.count: list[Answer] = [healthy]
        self.table: list[Answer] = [healthy]
        self.queries: list[str] = []
        self.user_agents: list[str] = []
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()
        self.stalled = threading.Event()  # an answer has stopped in the middle
        self.released = threading.Event()  # and may end

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/TAP/sync"

    @property
    def tables_asked(self) -> int:
        return sum("count(*)" not in query for query in self.queries)

    def play(self, handler: Handler) -> None:
        with self.lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            script = self.count if handler.is_count else self.table
            answer = script.pop(0) if len(script) > 1 else script[0]
            self.queries.append(handler.query)
            self.user_agents.append(handler.headers["User-Agent"])
        try:
            answer(handler)
        except OSError:  # the client has hung up, as it should on most of these answers
            handler.close_connection = True
        finally:
            with self.lock:
                self.at_once -= 1


@contextmanager
def misbehaving_archive() -> Iterator[MisbehavingArchive]:
    with MisbehavingArchive() as server:
        threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()


# --- Answers --------------------------------------------------------------------------------------


def healthy(handler: Handler) -> None:
    handler.stream(handler.csv)


def serving(rows: Sequence[Mapping[Any, str]]) -> Answer:
    """The columns that are asked for, of a table that was read elsewhere."""

    def answer(handler: Handler) -> None:
        table = io.StringIO()
        writer = csv.DictWriter(table, handler.columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        handler.stream(table.getvalue())

    return answer


def body(status: int, content_type: str, content: str | bytes, *headers: tuple[str, str]) -> Answer:
    return lambda handler: handler.send(status, content_type, content, *headers)


def status(number: int, *headers: tuple[str, str]) -> Answer:
    return body(number, "text/html", f"<html><title>{number}</title></html>", *headers)


CHALLENGE = (
    "<!DOCTYPE html><html><head><title>Just a"
    " moment...</title></head><body><script>1</script></body></html>"
)
challenge = body(403, "text/html; charset=utf-8", CHALLENGE)
web_page = body(
    200,
    "text/html",
    "<html><head><title>Scheduled maintenance</title></head><body>Soon</body></html>",
)
empty = body(200, "text/csv", "")
plain_error = body(
    200, "text/plain", "ERROR<br>\nError Type: UserError<br>\nMessage: Invalid column KOI_FOO<br>"
)


def votable(*elements: str) -> Answer:
    document = (
        '<?xml version="1.0"?><VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">'
        f'<RESOURCE type="results">{"".join(elements)}</RESOURCE></VOTABLE>'
    )
    return body(200, "application/x-votable+xml", document)


bad_query = votable(
    '<INFO name="QUERY_STATUS" value="ERROR">ORA-00904: &quot;FOO&quot;: invalid identifier</INFO>'
)
ok_with_error = votable(
    '<INFO name="QUERY_STATUS" value="OK"/>', '<PARAM value="No such table." name="Error"/>'
)
database_gone = votable(
    '<INFO name="Error" value="The database is not currently reachable."/>',
    '<INFO name="QUERY_STATUS" value="ERROR">\n -- no connection</INFO>',
)


def silent(handler: Handler) -> None:
    """No header, no byte, until the test is over."""
    handler.server.released.wait(20)
    handler.close_connection = True


def stalling(handler: Handler) -> None:
    """Half of the table, then nothing."""
    handler.begin(200, "text/csv", ("Connection", "close"))
    handler.end_headers()
    handler.wfile.write(handler.csv[: len(handler.csv) // 2].encode())
    handler.wfile.flush()
    handler.server.stalled.set()
    handler.server.released.wait(20)
    handler.close_connection = True


def reset(handler: Handler) -> None:
    """The connection is cut in the middle of the body, as by a dying proxy (TCP RST)."""
    handler.begin(200, "text/csv", ("Connection", "close"))
    handler.end_headers()
    handler.wfile.write(handler.csv[: len(handler.csv) // 2].encode())
    handler.wfile.flush()
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def hang_up(handler: Handler) -> None:
    """The connection ends before a single header."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def without_last_rows(handler: Handler) -> None:
    """A valid CSV file, only too short."""
    handler.stream("\r\n".join([*handler.csv.splitlines()[:-3], ""]))


def within_a_row(handler: Handler) -> None:
    handler.stream(handler.csv[:-40].rpartition(",")[0])


def within_a_quoted_value(handler: Handler) -> None:
    handler.stream(handler.csv[:-4])


def within_the_last_value(handler: Handler) -> None:
    """As many rows and fields as a whole table: only a value is shorter."""
    handler.stream(handler.csv.replace('"', "")[:-3])


def shorter_than_announced(handler: Handler) -> None:
    content = handler.csv.encode()
    handler.begin(
        200, "text/csv", ("Content-Length", str(len(content) + 1000)), ("Connection", "close")
    )
    handler.end_headers()
    handler.wfile.write(content)
    handler.close_connection = True


def chunked_without_end(handler: Handler) -> None:
    content = handler.csv.encode()
    handler.begin(200, "text/csv", ("Transfer-Encoding", "chunked"), ("Connection", "close"))
    handler.end_headers()
    handler.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")
    handler.close_connection = True


def header_lacks_a_column(handler: Handler) -> None:
    handler.stream(handler.csv.replace("koi_period,", "koi_per,", 1))


def binary(handler: Handler) -> None:
    header = handler.csv.splitlines()[0]
    handler.send(200, "text/csv", header.encode() + b"\n" + bytes(range(128, 256)) * 10)
