from typing import Any

import pytest
from axes.helpers import get_client_ip_address
from django.contrib.auth.models import User
from django.test import Client, RequestFactory

from tests.conftest import PASSWORD

PROXY, PERSON, INVENTED = "10.0.0.1", "198.51.100.7", "6.6.6.6"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, None, PROXY),
        (0, PERSON, PROXY),  # no proxy of ours has written this
        (1, PERSON, PERSON),
        (1, f"{INVENTED}, {PERSON}", PERSON),
        (1, f"{INVENTED}, {INVENTED},{PERSON}", PERSON),
        (1, "2001:db8::7", "2001:db8::7"),
        (1, None, PROXY),
        (1, "unknown", PROXY),
        (2, f"{INVENTED}, {PERSON}, 10.0.0.2", PERSON),
        (2, PERSON, PROXY),
    ],
)
def test_the_address_is_what_our_proxy_saw(
    settings: Any, proxies: int, forwarded: str | None, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR=PROXY, headers=headers)
    assert get_client_ip_address(request) == address


def attempt(password: str, address: str) -> int:
    client = Client(REMOTE_ADDR=PROXY, headers={"X-Forwarded-For": address})
    return client.post("/accounts/login/", {"username": "member", "password": password}).status_code


def test_an_attacker_behind_the_same_proxy_locks_out_nobody_else(
    settings: Any, member: User
) -> None:
    settings.TRUSTED_PROXIES = 1
    statuses = [attempt("a guess", f"{number}.1.1.1, 203.0.113.9") for number in range(1, 7)]
    assert (
        statuses == [200] * 4 + [429] * 2
    )  # the fifth failure locks; inventing addresses does not help
    assert attempt(PASSWORD, "203.0.113.9") == 429
    assert attempt(PASSWORD, PERSON) == 302
