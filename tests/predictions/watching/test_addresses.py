"""Nobody makes the site send into its own network: not by a number, a name, a name that changes, or
a redirect."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from predictions.watching.webhooks import posting
from predictions.watching.webhooks.addresses import AddressRefused, is_public, places_of, target_of
from predictions.watching.webhooks.posting import Letter, Outcome, post_all
from tests.predictions.watching.receivers import Dripping, Silent, free_port, served

PUBLIC = "93.184.215.14"
INSIDE = (
    "127.0.0.1",
    "127.8.9.10",
    "0.0.0.0",  # noqa: S104 - an address to be refused
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "100.100.100.200",  # metadata of Alibaba
    "169.254.169.254",  # metadata of most clouds
    "168.63.129.16",  # of Azure
    "192.0.0.192",  # of Oracle
    "192.0.2.1",
    "198.18.0.1",
    "192.88.99.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",  # metadata of Amazon
    "ff02::1",
    "2001:db8::1",
    "2001:20::1",
    "4000::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::1",
    "2002:a9fe:a9fe::1",
    "2001:0:4136:e378:8000:63bf:f5ff:fffe",  # Teredo of 10.0.0.1
    "not an address",
)


@pytest.mark.parametrize("place", INSIDE)
def test_what_is_not_public_is_known(place: str) -> None:
    assert not is_public(place)


@pytest.mark.parametrize(
    "place",
    [PUBLIC, "1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"],
)
def test_what_is_public_is_known(place: str) -> None:
    assert is_public(place)


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "//example.org/",
        "example.org",
        "https://",
        "https://user@example.org/",
        "https://user:word@example.org/",
        "https://example.org:25/",
        "https://example.org:0/",
        "https://example.org:99999/",
        "https://example.org:x/",
        "https://[::1/",
        "https://example.org/ a",
        "https://example.org/\nHost: other",
        "https://example.org\\@127.0.0.1/",
        "https://exämple.org/",
        "https://" + "a" * 600,
        "",
    ],
)
def test_what_is_no_address_of_a_receiver_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        target_of(address, private=False)


def test_an_address_is_taken_apart() -> None:
    target = target_of("https://Example.org:8443/a/b?c=d#e", private=False)
    assert (target.host, target.port, target.path) == ("example.org", 8443, "/a/b?c=d")
    assert target.host_header == "example.org:8443"
    assert target_of("https://[2606:4700::1]/", private=False).host_header == "[2606:4700::1]"
    assert target_of("http://localhost/", private=True).port == 80


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
    ],
)
def test_this_machine_is_refused_under_all_its_names(host: str) -> None:
    """Whatever the system's own resolver makes of them."""
    [outcome] = post_all([letter(f"https://{host}:8443/")], private=False)
    assert outcome.status is None
    assert "not a public address" in outcome.reason or "name is not known" in outcome.reason


def letter(address: str, body: bytes = b"{}") -> Letter:
    return Letter(address, {"Content-Type": "application/json"}, body)


def entries(*places: str) -> list[Any]:
    family = {True: socket.AF_INET6, False: socket.AF_INET}
    return [(family[":" in place], socket.SOCK_STREAM, 6, "", (place, 443)) for place in places]


@pytest.mark.parametrize("places", [("10.0.0.1",), (PUBLIC, "10.0.0.1"), ("fe80::1%2", PUBLIC)])
def test_a_name_that_leads_inside_is_refused(
    monkeypatch: pytest.MonkeyPatch, places: tuple[str, ...]
) -> None:
    """Also where only one of its addresses does."""
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: entries(*places))
    with pytest.raises(AddressRefused, match="not a public address"):
        places_of(target_of("https://example.org/", private=False), private=False)


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Where connections would have gone."""
    found: list[str] = []

    def refuse(address: tuple[str, int], *args: Any, **kwargs: Any) -> socket.socket:
        found.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr("urllib3.util.connection.create_connection", refuse)
    yield found


def test_a_name_that_changes_is_looked_up_once(
    monkeypatch: pytest.MonkeyPatch, dialled: list[str]
) -> None:
    """DNS rebinding: public while it is checked, this machine when it is connected to."""
    answers = [entries(PUBLIC), entries("127.0.0.1")]
    asked = []

    def resolve(host: str, *args: Any, **kwargs: Any) -> list[Any]:
        asked.append(host)
        return answers.pop(0)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    [outcome] = post_all([letter("https://rebinding.example/")], private=False)
    assert (asked, dialled) == (["rebinding.example"], [PUBLIC])
    assert outcome == Outcome(reason="It does not take connections.")


def test_the_second_address_is_tried_where_the_first_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, dialled: list[str]
) -> None:
    places = (PUBLIC, "2606:4700::1", "1.1.1.1", "1.0.0.1")
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: entries(*places))
    post_all([letter("https://example.org/")], private=False)
    assert dialled == list(places[:3])


@pytest.mark.parametrize(
    "location",
    ["https://127.0.0.1:9443/", "http://example.org/", "https://169.254.169.254/", "file:///etc"],
)
def test_a_redirect_is_checked_as_the_first_address(
    monkeypatch: pytest.MonkeyPatch, location: str
) -> None:
    hosts: list[str] = []

    def resolve(host: str, *args: Any, **kwargs: Any) -> list[Any]:
        return entries(PUBLIC if host == "example.org" else host)

    def asked(one: Any, target: Any) -> tuple[Outcome, str]:
        hosts.append(target.host)
        places_of(target, private=one.private)
        return Outcome(307), location

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(posting, "_asked", asked)
    [outcome] = post_all([letter("https://example.org/")], private=False)
    assert not outcome.is_delivered
    assert "not a public address" in outcome.reason or "begins with https" in outcome.reason
    assert hosts[0] == "example.org"
    assert len(hosts) <= 2


# --- with servers of our own, which only the setting lets through ---------------------------------


def test_what_is_sent_arrives(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook", method="POST").respond_with_data("thank you", status=202)
    [outcome] = post_all([letter(httpserver.url_for("/hook?a=b"), b'{"a": 1}')], private=True)
    assert outcome == Outcome(202, "", is_delivered=True)
    request, _ = httpserver.log[0]
    assert request.data == b'{"a": 1}'
    assert request.headers["Host"] == f"localhost:{httpserver.port}"
    assert request.query_string == b"a=b"


@pytest.mark.parametrize(
    ("status", "body", "reason", "is_final"),
    [
        (500, "a\n b" * 999, "It answered 500: a ba b", False),
        (404, "", "It answered 404.", False),
        (410, "", "It answered 410, gone: it wants nothing more.", True),
        (302, "", "It answered 302, a redirect", False),
    ],
)
def test_what_it_answers_instead_is_said(
    httpserver: HTTPServer, status: int, body: str, reason: str, is_final: bool
) -> None:
    httpserver.expect_request("/").respond_with_data(body, status=status)
    [outcome] = post_all([letter(httpserver.url_for("/"))], private=True)
    assert (outcome.status, outcome.is_delivered) == (status, False)
    assert outcome.reason.startswith(reason)
    assert len(outcome.reason) < 300
    assert outcome.is_final == is_final


def test_redirects_that_keep_the_request_are_followed_three_times(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/a").respond_with_response(moved("/b"))
    httpserver.expect_request("/b").respond_with_data("here")
    httpserver.expect_request("/round").respond_with_response(moved("/round"))
    sent = [letter(httpserver.url_for(path), b"it") for path in ("/a", "/round")]
    there, circle = post_all(sent, private=True)
    assert there.is_delivered
    assert circle.reason == "It redirects more than 3 times."
    paths = [request.path for request, _ in httpserver.log]
    assert (paths.count("/b"), paths.count("/round")) == (1, 4)
    assert {request.data for request, _ in httpserver.log} == {b"it"}


def moved(location: str) -> Response:
    return Response(status=307, headers={"Location": location})


def test_one_that_never_answers_holds_up_none_of_the_others(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data("")
    with served(Silent) as silent, served(Dripping) as dripping:
        ports = (silent, dripping)
        letters = [letter(f"http://127.0.0.1:{port}/") for port in ports]
        letters += [letter(httpserver.url_for("/")), letter(f"http://127.0.0.1:{free_port()}/")]
        outcomes = post_all(letters, private=True, seconds=1)
    assert [one.is_delivered for one in outcomes] == [False, False, True, False]
    for outcome in outcomes[:2]:
        assert "did not answer" in outcome.reason
    assert outcomes[3].reason == "It does not take connections."


def test_a_name_server_that_does_not_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    forever = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: [] * forever.wait(20))
    [outcome] = post_all([letter("https://example.org/")], private=False, seconds=0.3)
    forever.set()
    assert outcome.reason == "It did not answer within 0.3 seconds."


def test_proxies_of_the_environment_are_not_asked(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They would look the name up themselves."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    httpserver.expect_request("/").respond_with_data("")
    [outcome] = post_all([letter(httpserver.url_for("/"))], private=True)
    assert outcome.is_delivered
