"""One account's password is guessed from many addresses: the guesses end, and its owner gets in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from training.accounts.devices import ADDRESSES, COOKIE

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough password"
PAGE = "/accounts/login/"


@pytest.fixture
def owner() -> User:
    return User.objects.create_user("owner", password=PASSWORD)


def sign_in(client: Client, name: str = "owner", password: str = PASSWORD) -> int:
    return int(client.post(PAGE, {"username": name, "password": password}).status_code)


def visitor(number: int) -> Client:
    return Client(REMOTE_ADDR=f"203.0.113.{number}")


ENOUGH = 2 + ADDRESSES * settings.AXES_FAILURE_LIMIT // (settings.AXES_FAILURE_LIMIT - 1)


def attack(name: str = "owner", addresses: int = ENOUGH) -> list[int]:
    """Each address stays below its own limit."""
    return [
        sign_in(visitor(number), name, "a guess")
        for number in range(addresses)
        for _ in range(settings.AXES_FAILURE_LIMIT - 1)
    ]


def test_guesses_from_many_addresses_end(owner: User) -> None:
    answers = attack(addresses=100)
    assert answers.count(200) == ADDRESSES * settings.AXES_FAILURE_LIMIT
    assert set(answers) == {200, 429}
    assert answers.index(429) == answers.count(200), "none is answered after the first that waits"
    assert sign_in(visitor(201)) == 429, "not even the right password, from nowhere"


def test_a_name_that_is_nobodys_is_answered_alike() -> None:
    answers = attack("nobody", addresses=100)
    assert answers.count(200) == ADDRESSES * settings.AXES_FAILURE_LIMIT


def test_the_owner_gets_in_from_a_known_device_wherever_it_is(owner: User) -> None:
    laptop = Client(REMOTE_ADDR="198.51.100.1")
    assert sign_in(laptop) == 302
    attack()
    elsewhere = Client(REMOTE_ADDR="192.0.2.77")
    assert sign_in(elsewhere) == 429
    elsewhere.cookies[COOKIE] = laptop.cookies[COOKIE].value
    assert sign_in(elsewhere) == 302


def test_the_owner_gets_in_from_a_known_address(owner: User) -> None:
    assert sign_in(Client(REMOTE_ADDR="198.51.100.1")) == 302
    attack()
    assert sign_in(Client(REMOTE_ADDR="198.51.100.1")) == 302
    assert sign_in(Client(REMOTE_ADDR="198.51.100.2")) == 429


def test_a_known_device_guesses_no_more_than_an_address_may(owner: User) -> None:
    laptop = Client(REMOTE_ADDR="198.51.100.1")
    sign_in(laptop)
    attack()
    answers = [sign_in(laptop, password="a guess") for _ in range(7)]
    assert answers[-1] == 429


def test_a_device_is_known_to_its_own_account_until_the_password_changes(owner: User) -> None:
    User.objects.create_user("mallory", password=PASSWORD)
    theirs = Client(REMOTE_ADDR="198.51.100.9")
    assert sign_in(theirs, "mallory") == 302
    old = Client(REMOTE_ADDR="198.51.100.1")
    assert sign_in(old) == 302
    owner.set_password("another long password")
    owner.save()
    attack()
    for cookie in (theirs.cookies[COOKIE].value, old.cookies[COOKIE].value, "forged", ""):
        client = Client(REMOTE_ADDR="192.0.2.77")
        client.cookies[COOKIE] = cookie
        assert sign_in(client, password="another long password") == 429


def test_others_and_later_days_are_not_held_up(owner: User) -> None:
    User.objects.create_user("ada", password=PASSWORD)
    attack()
    assert sign_in(visitor(201), "ada") == 302
    long_ago = timezone.now() - settings.AXES_COOLOFF_TIME - timedelta(seconds=1)
    AccessAttempt.objects.update(attempt_time=long_ago)
    assert sign_in(visitor(202)) == 302


def test_the_cookie_is_for_the_server_alone(owner: User) -> None:
    client = Client()
    sign_in(client)
    assert client.cookies[COOKIE]["httponly"]
    assert client.cookies[COOKIE]["samesite"] == "Lax"
    assert not Client().get(PAGE).cookies.get(COOKIE)
