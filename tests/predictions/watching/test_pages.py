"""The pages of watching: the button, what one watches, the ways, the feed."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from predictions.catalogue.models import Signal
from predictions.watching import services
from predictions.watching.looking import changes_look
from predictions.watching.models import Delivery, News, Watch, Watcher, Webhook
from predictions.watching.services import watch_create, watcher_of
from tests.predictions.watching.conftest import NOW, Change

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def shown(client: Client, address: str = "/watching/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def button(page: str) -> dict[str, str]:
    """What the button of a page of the catalogue sends."""
    [form] = re.findall(r'<form class="watch-button.*?</form>', page, re.DOTALL)
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form.replace("&amp;", "&")))


def test_who_watches_nothing_is_told_what_to_do(member_client: Client) -> None:
    page = shown(member_client)
    assert "You watch nothing yet." in page
    assert 'href="/catalogue/"' in page
    assert not Watcher.objects.exists()  # looking writes nothing


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/catalogue/signals/TOI-1.01/", "TOI-1.01"),
        ("/catalogue/stars/TIC-1/", "TIC 1"),
        (
            "/catalogue/?show=open&mission=TESS&radius_to=2",
            "Open candidates: mission TESS, radius to 2 R⊕",
        ),
    ],
)
def test_the_button_of_a_page_watches_it(
    member_client: Client, signals: list[Signal], address: str, name: str
) -> None:
    sent = button(shown(member_client, address))
    answer = member_client.post("/watching/add/", sent)
    assert answer["Location"] == address
    watch = Watch.objects.get()
    assert watch.name.startswith(name)
    page = shown(member_client, address)
    assert f"You watch it from now on: {watch.name}." in page.replace("&amp;", "&")
    member_client.post("/watching/add/", sent)  # a second click
    assert Watch.objects.count() == 1
    if not watch.is_list:
        assert "Stop watching" in page
    assert watch.name.replace("⊕", "")[:20] in shown(member_client)


def test_who_is_not_signed_in_has_no_button(
    client: Client, signals: list[Signal], settings: Settings
) -> None:
    settings.PUBLIC_CATALOGUE = True
    assert "watch-button" not in shown(client, "/catalogue/signals/TOI-1.01/")
    assert client.post("/watching/add/", {"kind": "list"}).status_code == 302


@pytest.mark.parametrize(
    ("sent", "status"),
    [({}, 302), ({"kind": "planet"}, 302), ({"kind": "signal", "slug": "nowhere"}, 404)],
)
def test_what_is_not_there_cannot_be_watched(
    member_client: Client, signals: list[Signal], sent: dict[str, str], status: int
) -> None:
    assert member_client.post("/watching/add/", sent).status_code == status
    assert not Watch.objects.exists()


def test_there_is_a_most(
    member_client: Client, signals: list[Signal], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_LISTS", 1)
    monkeypatch.setattr(services, "MOST_WATCHES", 2)
    for query in ("show=open", "show=all"):
        member_client.post("/watching/add/", {"kind": "list", "query": query})
    assert "You watch 1 lists, and that is the most" in shown(member_client)
    for slug in ("TOI-1.01", "TOI-1.02"):
        member_client.post("/watching/add/", {"kind": "signal", "slug": slug})
    assert "You watch 2 things, and that is the most" in shown(member_client)
    assert Watch.objects.count() == 2


def test_a_watch_is_changed_and_stopped(
    member: User, member_client: Client, signals: list[Signal], curator_client: Client
) -> None:
    watch, _ = watch_create(user=member, star=signals[0].star)
    address = f"/watching/{watch.pk}/"
    assert "You watch this star since" in shown(member_client, address)
    wrong = member_client.post(address, {"name": "", "threshold": "2"})
    assert wrong.status_code == 400
    assert "less than or equal to 0.99" in wrong.content.decode()
    member_client.post(address, {"name": "Pi Men", "threshold": "0.5"})
    watch.refresh_from_db()
    assert (watch.name, watch.threshold) == ("Pi Men", 0.5)
    assert curator_client.post(f"{address}stop/").status_code == 404
    member_client.post(f"{address}stop/")
    assert not Watch.objects.exists()


def test_news_stand_on_the_page_and_stay(
    member: User, member_client: Client, signals: list[Signal], change: Change
) -> None:
    watch, _ = watch_create(user=member, signal=signals[0])
    assert "Nothing has changed since." in shown(member_client)
    change(signals[0], "CONFIRMED")
    changes_look(NOW)
    page = shown(member_client)
    assert "TOI-1.01 was decided: CONFIRMED" in page
    assert "That was right." in page
    member_client.post(f"/watching/{watch.pk}/stop/")
    assert "TOI-1.01 was decided: CONFIRMED" in shown(member_client)


def test_e_mail_is_chosen(member: User, member_client: Client) -> None:
    member_client.post("/watching/mail/", {"mail": "daily"})
    watcher = Watcher.objects.get()
    assert (watcher.mail, watcher.site) == ("daily", "http://testserver")
    assert watcher.digest_at is not None
    member_client.post("/watching/mail/", {"mail": "hourly"})
    watcher.refresh_from_db()
    assert watcher.mail == "daily"


def test_where_no_mail_can_come_is_said(
    member: User, member_client: Client, settings: Settings
) -> None:
    User.objects.update(email="")
    assert "Your profile has no e-mail address." in shown(member_client)
    settings.SENDS_MAIL = False
    assert "This site sends no e-mail" in shown(member_client)


def test_a_webhook_shows_its_secret_once(member: User, member_client: Client) -> None:
    answer = member_client.post("/watching/webhooks/", {"address": "https://example.org/a"})
    page = answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    [secret] = re.findall(r"whsec_[\w+/=]+", page)
    assert len(secret) > 40
    assert secret not in shown(member_client)
    again = member_client.post("/watching/webhooks/", {"address": "https://example.org/a"})
    assert again.status_code == 400
    assert "You have a webhook of this address" in again.content.decode()


@pytest.mark.parametrize("address", ["http://example.org/", "https://a:b@example.org", "x", ""])
def test_a_webhook_to_nowhere_is_refused_in_place(member_client: Client, address: str) -> None:
    answer = member_client.post("/watching/webhooks/", {"address": address})
    assert answer.status_code == 400
    assert 'class="field-error"' in answer.content.decode()
    assert not Webhook.objects.exists()


def test_a_webhook_is_tried_out_and_deleted(member: User, member_client: Client) -> None:
    webhook, _ = services.webhook_create(user=member, address="https://example.org/hook")
    address = f"/watching/webhooks/{webhook.pk}/"
    member_client.post(f"{address}test/")
    assert Delivery.objects.get().is_test
    page = shown(member_client)
    assert "https://example.org/hook" in page
    assert "waiting" in page
    Webhook.objects.update(is_on=False, reason="It answered 500.")
    assert "is off." in shown(member_client)
    member_client.post(f"{address}resume/")
    assert Webhook.objects.get().is_on
    assert "Delete this webhook?" in shown(member_client, f"{address}delete/")
    member_client.post(f"{address}delete/")
    assert not Webhook.objects.exists()


def test_deliveries_say_what_became_of_them(member: User, member_client: Client) -> None:
    assert "Nothing was sent yet." in shown(member_client, "/watching/deliveries/")
    waiting = Delivery.objects.create(
        owner=member, attempts=2, reason="The mail server could not be reached."
    )
    given_up = Delivery.objects.create(owner=member, status="FAILED", reason="It answered 500.")
    for page in (shown(member_client), shown(member_client, "/watching/deliveries/")):
        assert "waiting after 2 attempts" in page
        assert "Next attempt:" in page
        assert "given up" in page
    assert "1 message could not be delivered yet" in shown(member_client)
    member_client.post(f"/watching/deliveries/{waiting.uid}/again/")
    assert "Only what was given up can be sent again." in shown(member_client)
    member_client.post(f"/watching/deliveries/{given_up.uid}/again/")
    given_up.refresh_from_db()
    assert given_up.status == "WAITING"


# --- the feed -------------------------------------------------------------------------------------


def feed_of(page: str) -> str:
    [address] = re.findall(r"http://testserver(/watching/feed\.atom\?key=[^<]+)", page)
    return str(address)


@pytest.fixture
def feed(member: User, member_client: Client, signals: list[Signal], change: Change) -> str:
    member_client.post("/watching/add/", {"kind": "signal", "slug": "TOI-1.01"})
    change(signals[0], "CONFIRMED")
    changes_look(NOW)
    return feed_of(shown(member_client))


def test_the_feed_is_read_without_signing_in(feed: str) -> None:
    answer = Client().get(feed)
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    root = ET.fromstring(answer.content)  # noqa: S314 - our own
    assert [root.find(f"{ATOM}{name}") is not None for name in ("id", "title", "updated")] == (
        [True] * 3
    )
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links["self"] == f"http://testserver{feed}"
    [entry] = root.findall(f"{ATOM}entry")
    news = News.objects.get()
    assert entry.findtext(f"{ATOM}id") == f"urn:uuid:{news.uid}"
    assert entry.findtext(f"{ATOM}title") == "TOI-1.01 was decided: CONFIRMED"
    assert entry.findtext(f"{ATOM}updated") == "2026-03-04T12:00:00+00:00"
    assert "That was right." in (entry.findtext(f"{ATOM}summary") or "")


def test_a_feed_that_has_not_changed_is_not_sent_again(feed: str, member: User) -> None:
    first = Client().get(feed)
    again = Client().get(feed, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    News.objects.create(owner=member, key="k", kind="new", title="t", path="/", at=NOW)
    assert Client().get(feed, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_an_empty_feed_stays_the_same(member: User, client: Client) -> None:
    watcher_of(member)
    client.force_login(member)
    address = re.findall(r"http://localhost(/watching/feed[^<]+)", shown(client))[0]
    assert Client().get(address).content == Client().get(address).content


def test_a_renewed_feed_has_another_address(feed: str, member_client: Client) -> None:
    assert "Renew the address of your feed?" in shown(member_client, "/watching/feed/renew/")
    assert Client().get(feed).status_code == 200
    member_client.post("/watching/feed/renew/")
    assert Client().get(feed).status_code == 404
    newer = feed_of(shown(member_client))
    assert newer != feed
    assert Client().get(newer).status_code == 200


@pytest.mark.parametrize("change_key", [lambda key: key[:-1], lambda key: "9" + key, lambda _: ""])
def test_a_guessed_key_opens_nothing(feed: str, change_key: Any) -> None:
    path, key = feed.split("?key=")
    assert Client().get(path, {"key": change_key(key)}).status_code == 404


def test_the_feed_of_who_has_left_is_closed(feed: str) -> None:
    User.objects.update(is_active=False)
    assert Client().get(feed).status_code == 404
