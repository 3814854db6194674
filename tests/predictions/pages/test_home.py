"""The first page."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.predictions.stored import stored
from training.models import ModelVersion

pytestmark = pytest.mark.django_db


def test_it_asks_to_sign_in(client: Client) -> None:
    assert client.get("/")["Location"] == "/accounts/login/?next=/"


def test_it_says_which_version_is_in_service_and_how_good_it_is(member_client: Client) -> None:
    version = ModelVersion.objects.active()
    html = member_client.get("/").content.decode()
    assert version.name in html
    assert version.activated_at
    assert f'datetime="{version.activated_at.isoformat()}"' in html
    accuracy = version.metrics["cross_validation"]["all"]["pooled"]["accuracy"]
    assert f"the right one of three dispositions for {100 * accuracy:.0f}\u202f% of signals" in html


def test_at_first_it_offers_known_signals(member_client: Client) -> None:
    html = member_client.get("/").content.decode()
    assert "You have not classified anything yet." in html
    for key in ("kepler-10-b", "koi-698", "toi-7378"):
        assert f'href="/classify/?example={key}"' in html


def test_later_it_shows_ones_own_latest_five(
    member_client: Client, member: User, curator: User
) -> None:
    stored(curator, "wasp-18-b", shared=True)
    for number in range(6):
        stored(member, identifier=f"signal {number}")
    html = member_client.get("/").content.decode()
    positions = [html.find(f"signal {number}") for number in range(6)]
    assert positions[0] == -1
    assert positions[1:] == sorted(positions[1:], reverse=True)
    assert "TOI-185.01" not in html


def test_it_lives_without_a_version_in_service(member_client: Client) -> None:
    ModelVersion.objects.update(is_active=False)
    assert "No model version is in service" in member_client.get("/").content.decode()


def test_a_member_is_offered_no_curators_pages(
    member_client: Client, curator_client: Client
) -> None:
    assert 'href="/datasets/"' not in member_client.get("/").content.decode()


def test_the_chosen_colours_are_drawn_by_the_server(member_client: Client) -> None:
    assert '<html lang="en">' in member_client.get("/").content.decode()
    member_client.cookies["theme"] = "dark"
    assert '<html lang="en" data-theme="dark">' in member_client.get("/").content.decode()
    member_client.cookies["theme"] = '"><script>'
    assert '<html lang="en">' in member_client.get("/").content.decode()
