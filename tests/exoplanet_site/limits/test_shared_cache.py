"""Redis, a Redis that is away, and the limits then."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest
from django.core.cache import cache, caches
from django.test import Client
from pytest_django import Settings

from exoplanet_site.limits import shared_cache
from exoplanet_site.limits.rates import CannotCount, spend

WHO = [("address", "192.0.2.1")]


class Redis:
    """A server of its own, on a free port."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.process = subprocess.Popen(
            [*command, "--requirepass", "open sesame"], stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("redis-server did not start")

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def redis(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Redis]:
    if not shutil.which("redis-server"):
        pytest.skip("needs redis-server (apt-get install redis-server)")
    monkeypatch.setattr(shared_cache, "PAUSE", 0.2)
    server = Redis()
    settings.CACHES = {
        "default": {
            "BACKEND": "exoplanet_site.limits.shared_cache.SharedCache",
            "LOCATION": server.url,
            "OPTIONS": {
                "socket_connect_timeout": 0.5,
                "socket_timeout": 1,
                "password": "open sesame",
            },
        }
    }
    settings.RATES = {"classify": {"address": "2/hour"}}
    yield server
    server.stop()


def test_all_processes_count_together(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = caches.create_connection("default")
    left = []
    for store in (cache, elsewhere, cache):
        monkeypatch.setattr("exoplanet_site.limits.rates.cache", store)
        allowance = spend("classify", WHO)
        assert allowance is not None
        left.append(allowance.remaining)
    assert left == [1, 0, -1]


def test_without_redis_nothing_is_found_nothing_is_kept_and_nothing_breaks(redis: Redis) -> None:
    cache.set("name", "value")
    assert cache.get("name") == "value"
    redis.stop()
    began = time.monotonic()
    assert cache.get("name", "instead") == "instead"
    cache.set("other", 1)
    cache.set_many({"a": 1})
    assert (cache.add("x", 1), cache.touch("x"), cache.delete("x"), "x" in cache) == (
        False,
        False,
        False,
        False,
    )
    assert cache.get_many(["a", "b"]) == {}
    cache.delete_many(["a"])
    cache.clear()
    assert cache.get_or_set("late", 5) == 5
    assert time.monotonic() - began < 1, "a page must not wait for it again and again"
    redis.start()
    time.sleep(0.3)
    cache.set("name", "again")
    assert cache.get("name") == "again"


def test_limits_fail_as_configured(redis: Redis, settings: Settings) -> None:
    redis.stop()
    settings.LIMITS_WITHOUT_REDIS = "open"
    allowances = [spend("classify", WHO) for _ in range(4)]
    assert [allowance.remaining for allowance in allowances if allowance] == [2] * 4
    settings.LIMITS_WITHOUT_REDIS = "closed"
    with pytest.raises(CannotCount):
        spend("classify", WHO)


@pytest.mark.django_db
def test_what_cannot_be_counted_is_refused_with_a_sentence(
    redis: Redis, settings: Settings, member_client: Client
) -> None:
    settings.LIMITS_WITHOUT_REDIS = "closed"
    redis.stop()
    program = member_client.post("/predict", "{}", "application/json")
    assert (program.status_code, program["Retry-After"]) == (503, "10")
    assert program.json()["error"]["code"] == "cannot_count"
    assert "was not begun. Try again in 10 seconds." in program.json()["error"]["message"]
    page = member_client.post("/classify/", {}, headers={"Accept": "text/html"})
    assert (page.status_code, page["Retry-After"]) == (503, "10")
    assert "was not begun" in page.text
    assert member_client.get("/classify/").status_code == 200, "looking is free"
