"""From news to messages: each once, retried while a server is down, given up with a reason, and
nobody waits for anybody else."""

from __future__ import annotations

import email
import hashlib
import hmac
import json
import uuid
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import Settings
from pytest_httpserver import HTTPServer

from predictions.watching import deliveries, mailing, tasks
from predictions.watching.deliveries import (
    MOST_ATTEMPTS,
    PAUSES,
    deliveries_hand_on,
    deliveries_make,
    deliveries_send,
    delivery_again,
    digests_make,
    trial_make,
)
from predictions.watching.mailing import letter_of
from predictions.watching.models import DeliveredNews, Delivery, News, Watcher, Webhook
from predictions.watching.services import (
    forget_old,
    mail_set,
    watcher_of,
    webhook_create,
    webhook_resume,
)
from tests.predictions.watching.conftest import LATER, NOW
from tests.predictions.watching.receivers import Mailbox, Silent, free_port, served

pytestmark = pytest.mark.django_db
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture(autouse=True)
def own_network(settings: Settings) -> None:
    settings.WEBHOOK_PRIVATE = True
    settings.SITE_ADDRESS = "https://exo.example"


@pytest.fixture
def watcher(member: User) -> Watcher:
    found = watcher_of(member)
    Watcher.objects.update(mail_since=NOW)
    found.refresh_from_db()
    return found


def tell(user: User, count: int = 1, at: datetime = NOW) -> list[News]:
    return [
        News.objects.create(
            owner=user,
            key=uuid.uuid4().hex,
            kind="decided",
            title=f"TOI-{number} was decided: CONFIRMED",
            detail="Star <b>TIC 1</b>. That was right.",
            path="/catalogue/signals/TOI-1/",
            facts={"old": "CANDIDATE"},
            at=at,
        )
        for number in range(1, count + 1)
    ]


def hooked(user: User, address: str) -> tuple[Webhook, str]:
    webhook, secret = webhook_create(user=user, address=address)
    Webhook.objects.filter(pk=webhook.pk).update(since=NOW, rests_until=NOW)
    webhook.refresh_from_db()
    return webhook, secret


# --- making ---------------------------------------------------------------------------------------


def test_each_piece_of_news_goes_once_by_each_way(watcher: Watcher, httpserver: HTTPServer) -> None:
    hooked(watcher.user, httpserver.url_for("/"))
    before = tell(watcher.user, at=NOW - timedelta(days=1))  # from before the ways were chosen
    news = tell(watcher.user, 3)
    assert deliveries_make(watcher.user_id, NOW) == 2
    assert deliveries_make(watcher.user_id, NOW) == 0
    assert DeliveredNews.objects.count() == 6
    assert not DeliveredNews.objects.filter(news__in=before).exists()
    assert {one.news.count() for one in Delivery.objects.all()} == {len(news)}


def test_many_news_make_several_requests_and_one_letter(
    watcher: Watcher, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "IN_ONE", 2)
    monkeypatch.setattr(mailing, "SHOWN", 2)
    hooked(watcher.user, httpserver.url_for("/"))
    tell(watcher.user, 5)
    assert deliveries_make(watcher.user_id, NOW) == 4
    letter = letter_of(Delivery.objects.get(webhook=None), watcher)
    assert letter.subject == "5 changes: TOI-1 was decided: CONFIRMED and more"
    assert "TOI-2 was decided" in letter.body
    assert "TOI-3 was decided" not in letter.body
    assert "And 3 more: https://exo.example/watching/" in letter.body


def test_digests_come_in_their_hour(watcher: Watcher) -> None:
    mail_set(watcher=watcher, mail="daily", at=NOW)
    tell(watcher.user, 2)
    assert deliveries_make(watcher.user_id, NOW) == 0
    tomorrow = datetime(2026, 3, 5, 7, tzinfo=UTC)
    assert watcher.digest_at == tomorrow
    digests_make(tomorrow - timedelta(minutes=1))
    assert not Delivery.objects.exists()
    digests_make(tomorrow)
    digests_make(tomorrow)
    assert Delivery.objects.get().news.count() == 2
    watcher.refresh_from_db()
    assert watcher.digest_at == tomorrow + timedelta(days=1)
    mail_set(watcher=watcher, mail="weekly", at=NOW)
    assert watcher.digest_at == datetime(2026, 3, 9, 7, tzinfo=UTC)  # a Monday


@pytest.mark.parametrize("without", ["address", "server", "wish", "account"])
def test_without_a_way_nothing_is_made(watcher: Watcher, settings: Settings, without: str) -> None:
    tell(watcher.user)
    if without == "address":
        User.objects.update(email="")
    elif without == "server":
        settings.SENDS_MAIL = False
    elif without == "wish":
        mail_set(watcher=watcher, mail="none", at=NOW)
    else:
        User.objects.update(is_active=False)
    assert deliveries_make(watcher.user_id, NOW) == 0


# --- e-mail ---------------------------------------------------------------------------------------


def sent_letter(watcher: Watcher, count: int = 1) -> Any:
    tell(watcher.user, count)
    deliveries_make(watcher.user_id, NOW)
    assert deliveries_send(NOW) == 1
    [letter] = mail.outbox
    return letter


def test_a_letter_says_what_and_how_to_end_it(watcher: Watcher) -> None:
    letter = sent_letter(watcher, 2)
    assert letter.subject == "2 changes: TOI-1 was decided: CONFIRMED and more"
    assert letter.to == ["member@example.org"]
    assert "TOI-2 was decided: CONFIRMED\nStar <b>TIC 1</b>." in letter.body
    assert "https://exo.example/catalogue/signals/TOI-1/" in letter.body
    html = letter.alternatives[0][0]
    assert "Star &lt;b&gt;TIC 1&lt;/b&gt;" in html
    assert len(html) < 10_000
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.attempts, delivery.reason) == ("SENT", 1, "")
    assert letter.extra_headers["Message-ID"] == f"<watching.{delivery.uid.hex}@localhost>"
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_letter_s_link_ends_it_without_signing_in(watcher: Watcher) -> None:
    address = sent_letter(watcher).extra_headers["List-Unsubscribe"].strip("<>")
    path = address.removeprefix("https://exo.example")
    stranger = Client(enforce_csrf_checks=True)
    page = stranger.get(path)
    watcher.refresh_from_db()
    assert "No more news by e-mail?" in page.content.decode()
    assert watcher.mail == "at once"  # looking at it ends nothing
    tell(watcher.user)
    deliveries_make(watcher.user_id, NOW)
    ended = stranger.post(path, {"List-Unsubscribe": "One-Click"})
    assert ended.status_code == 200
    watcher.refresh_from_db()
    assert watcher.mail == "none"
    assert Delivery.objects.filter(status="CANCELLED").count() == 1
    assert deliveries_send(LATER) == 0


@pytest.mark.parametrize("key", ["", "1", "1:x", "\0", "9" * 400])
def test_a_link_that_is_not_whole_is_said(watcher: Watcher, key: str) -> None:
    answer = Client().post(f"/watching/unsubscribe/?key={key}")
    assert answer.status_code == 400
    assert "This link is not whole" in answer.content.decode()


def smtp(settings: Settings, port: int) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", port


def test_a_mail_server_that_is_down_loses_nothing(watcher: Watcher, settings: Settings) -> None:
    smtp(settings, free_port())
    tell(watcher.user)
    deliveries_make(watcher.user_id, NOW)
    deliveries_send(NOW)
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.attempts) == ("WAITING", 1)
    assert delivery.reason == "The mail server could not be reached."
    assert delivery.next_at == NOW + PAUSES[0]
    assert deliveries_send(NOW) == 0  # not before
    box = Mailbox()
    with box.open() as port:
        smtp(settings, port)
        assert deliveries_send(NOW + PAUSES[0]) == 1
    letter = email.message_from_string(box.letters[0], _class=EmailMessage, policy=default)
    assert letter["Subject"] == "TOI-1 was decided: CONFIRMED"
    assert {part.get_content_type() for part in letter.walk()} >= {"text/plain", "text/html"}
    assert "https://exo.example/watching/unsubscribe/?key=" in letter["List-Unsubscribe"]
    assert Delivery.objects.get().status == "SENT"


def test_an_address_that_the_server_does_not_take_is_given_up(
    watcher: Watcher, curator: User, settings: Settings
) -> None:
    """And the others' letters go on."""
    watcher_of(curator)
    Watcher.objects.update(mail_since=NOW)
    for user in (watcher.user, curator):
        tell(user)
        deliveries_make(user.pk, NOW)
    with Mailbox(refuses="550 no such user").open() as port:
        smtp(settings, port)
        deliveries_send(NOW)
    found = list(Delivery.objects.order_by("pk"))
    assert [one.status for one in found] == ["FAILED", "FAILED"]
    assert found[0].reason == "The mail server does not take this e-mail address."
    with Mailbox(refuses="450 later").open() as port:
        smtp(settings, port)
        assert delivery_again(found[0], NOW)
        deliveries_send(NOW)
    assert Delivery.objects.get(pk=found[0].pk).status == "WAITING"


# --- webhooks -------------------------------------------------------------------------------------


def test_a_receiver_can_tell_who_sent_it(watcher: Watcher, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook").respond_with_data("")
    _, secret = hooked(watcher.user, httpserver.url_for("/hook"))
    [news] = tell(watcher.user)
    mail_set(watcher=watcher, mail="none", at=NOW)
    deliveries_make(watcher.user_id, NOW)
    deliveries_send(NOW)
    [(request, _)] = httpserver.log
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.answer) == ("SENT", 200)
    identifier, timestamp = request.headers["webhook-id"], request.headers["webhook-timestamp"]
    assert (identifier, timestamp) == (f"msg_{delivery.uid.hex}", str(int(NOW.timestamp())))
    signed = f"{identifier}.{timestamp}.".encode() + request.data
    key = b64decode(secret.removeprefix("whsec_"))
    signature = b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert request.headers["webhook-signature"] == f"v1,{signature}"
    assert secret not in str(Webhook.objects.values())
    body = json.loads(request.data)
    assert body["kind"] == "news"
    [told] = body["news"]
    assert told["id"] == str(news.uid)
    assert told["address"] == "https://exo.example/catalogue/signals/TOI-1/"
    assert told["facts"] == {"old": "CANDIDATE"}


def test_a_receiver_that_fails_rests_and_is_given_up(
    watcher: Watcher, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/").respond_with_data("busy", status=503)
    webhook, _ = hooked(watcher.user, httpserver.url_for("/"))
    mail_set(watcher=watcher, mail="none", at=NOW)
    tell(watcher.user)
    deliveries_make(watcher.user_id, NOW)
    tell(watcher.user)
    deliveries_make(watcher.user_id, NOW)
    at = NOW
    for pause in (*PAUSES, timedelta()):
        assert deliveries_send(at) == 1  # the second message waits with the first
        at += pause
    first, second = Delivery.objects.order_by("pk")
    assert (first.status, first.attempts, first.answer) == ("FAILED", MOST_ATTEMPTS, 503)
    assert first.reason == "It answered 503: busy."
    assert (second.status, second.attempts) == ("WAITING", 0)
    webhook.refresh_from_db()
    assert not webhook.is_on
    assert deliveries_send(at) == 0
    bodies = {request.data for request, _ in httpserver.log}
    assert len(bodies) == 1  # each attempt says the same
    httpserver.clear_all_handlers()
    httpserver.expect_request("/").respond_with_data("")
    webhook_resume(webhook)
    assert delivery_again(first, at)
    assert not delivery_again(second, at)
    Delivery.objects.update(next_at=at)
    Webhook.objects.update(rests_until=at)
    assert deliveries_send(at) == 2
    assert set(Delivery.objects.values_list("status", flat=True)) == {"SENT"}


def test_one_that_wants_nothing_more_is_turned_off(
    watcher: Watcher, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/").respond_with_data("", status=410)
    webhook, _ = hooked(watcher.user, httpserver.url_for("/"))
    tell(watcher.user)
    deliveries_make(watcher.user_id, NOW)
    deliveries_send(NOW)
    webhook.refresh_from_db()
    assert not webhook.is_on
    assert "gone" in webhook.reason


def test_a_silent_receiver_delays_nobody_else(
    watcher: Watcher, curator: User, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "post_all", quick_post)
    httpserver.expect_request("/").respond_with_data("")
    with served(Silent) as port:
        hooked(watcher.user, f"http://127.0.0.1:{port}/")
        hooked(curator, httpserver.url_for("/"))
        for user in (watcher.user, curator):
            tell(user)
            deliveries_make(user.pk, NOW)
        deliveries_send(NOW)
    statuses = dict(Delivery.objects.values_list("owner__username", "status"))
    hooks = Delivery.objects.exclude(webhook=None).values_list("owner__username", "status")
    assert dict(hooks) == {"member": "WAITING", "curator": "SENT"}, statuses
    assert len(mail.outbox) == 1


def quick_post(letters: Any, *, private: bool) -> Any:
    from predictions.watching.webhooks.posting import post_all

    return post_all(letters, private=private, seconds=0.5)


def test_a_test_is_sent_once_and_also_where_it_is_off(
    watcher: Watcher, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/").respond_with_data("", status=500)
    webhook, _ = hooked(watcher.user, httpserver.url_for("/"))
    Webhook.objects.update(is_on=False, rests_until=LATER)
    trial_make(webhook, NOW)
    assert deliveries_send(NOW) == 1
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.is_test) == ("FAILED", True)
    assert json.loads(httpserver.log[0][0].data)["kind"] == "test"
    assert not delivery.can_be_sent_again


def test_a_secret_that_went_with_the_site_s_key_is_said(
    watcher: Watcher, httpserver: HTTPServer, settings: Settings
) -> None:
    webhook, _ = hooked(watcher.user, httpserver.url_for("/"))
    settings.SECRET_KEY = "another one " * 5
    trial_make(webhook, NOW)
    deliveries_send(NOW)
    assert "The site's own key was changed" in Delivery.objects.get().reason
    assert httpserver.log == []


# --- keeping house --------------------------------------------------------------------------------


def test_what_a_dead_worker_was_sending_is_sent_by_another(watcher: Watcher) -> None:
    tell(watcher.user)
    deliveries_make(watcher.user_id, NOW)
    Delivery.objects.update(status="SENDING", claimed_at=NOW)
    assert deliveries_hand_on(LATER) == 0
    assert deliveries_hand_on(NOW + timedelta(minutes=6)) == 1
    assert deliveries_send(NOW + timedelta(minutes=6)) == 1
    assert len(mail.outbox) == 1


def test_a_message_at_which_every_worker_dies_is_given_up(watcher: Watcher) -> None:
    tell(watcher.user)
    deliveries_make(watcher.user_id, NOW)
    Delivery.objects.update(status="SENDING", claimed_at=NOW, attempts=MOST_ATTEMPTS)
    assert deliveries_hand_on(NOW + timedelta(minutes=6)) == 0
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.can_be_sent_again) == ("FAILED", True)


def test_two_workers_send_a_message_once(watcher: Watcher, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(watcher.user)
    deliveries_make(watcher.user_id, NOW)
    due = deliveries._due(NOW)
    assert len(deliveries._claimed(due, NOW)) == 1
    assert deliveries._claimed(due, NOW) == []


def test_what_is_left_over_is_asked_for_again(
    watcher: Watcher,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    monkeypatch.setattr(deliveries, "MAILS_AT_ONCE", 1)
    monkeypatch.setattr(deliveries, "ROUNDS", 2)
    for _ in range(3):
        tell(watcher.user)
        deliveries_make(watcher.user_id, NOW)
    with django_capture_on_commit_callbacks(execute=True):
        assert deliveries_send(NOW) == 2
    assert [task.func() for task in OrmQ.objects.all()] == [deliveries.SEND]


def test_old_news_go_and_are_not_told_anew(watcher: Watcher) -> None:
    tell(watcher.user)
    deliveries_make(watcher.user_id, NOW)
    deliveries_send(NOW)
    forget_old(NOW + timedelta(days=89))
    assert (News.objects.count(), Delivery.objects.count()) == (1, 1)
    tell(watcher.user)
    deliveries_make(watcher.user_id, NOW)
    forget_old(NOW + timedelta(days=91))  # one was delivered, one never
    assert News.objects.count() == 0
    assert Delivery.objects.get().status == "CANCELLED"


def test_the_janitor_asks_for_what_is_due(
    watcher: Watcher, django_capture_on_commit_callbacks: Any
) -> None:
    at = timezone.now()
    tell(watcher.user, at=at)
    deliveries_make(watcher.user_id, at)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.clean_up()
    assert [task.func() for task in OrmQ.objects.all()] == [deliveries.SEND]
    tasks.send()
    assert Delivery.objects.get().status == "SENT"
