"""What programs are told of watches and news: by the API, and by webhooks."""

from __future__ import annotations

import json
from typing import Annotated, NotRequired, TypedDict, cast

from predictions.watching.links import absolute, feed_address
from predictions.watching.models import Delivery, News, Watch, Watcher, Webhook
from training.ml.json_notes import Note

Text = Annotated[str, Note(may_be_empty=True)]


class WatchJson(TypedDict):
    id: int
    kind: Annotated[str, Note(choices=("signal", "star", "list"))]
    name: str
    address: Annotated[str, Note("Of the page of what is watched.")]
    query: Annotated[str, Note("Of a list, as its address has it.", may_be_empty=True)]
    threshold: Annotated[float, Note("Of the planet score.")]
    created_at: str


class ScoresJson(TypedDict):
    planet_score: float | None
    open_score: float | None
    version: Text


class FactsJson(TypedDict):
    """What the words of a change say, for programs; what does not apply is left out. ``before``
    and ``after`` are the scores at two looks, null where the signal was not among the watched."""

    signal: NotRequired[str]
    mission: NotRequired[str]
    star: NotRequired[str]
    disposition: NotRequired[Annotated[str, Note("Of the archive now.", may_be_empty=True)]]
    before: NotRequired[ScoresJson | None]
    after: NotRequired[ScoresJson | None]
    old: NotRequired[Annotated[str, Note("Disposition, or name.", may_be_empty=True)]]
    new: NotRequired[Annotated[str, Note("Disposition, or name.", may_be_empty=True)]]
    as_of: NotRequired[Annotated[str, Note("The day of the table that says so.")]]
    threshold: NotRequired[float]
    counts: NotRequired[Annotated[dict[str, int], Note("Of more changes, by their kind.")]]


class NewsJson(TypedDict):
    """One change. Its ``id`` is the same wherever it is told."""

    id: str
    at: str
    kind: Annotated[str, Note(choices=tuple(News.Kind.values))]
    title: str
    detail: Text
    address: str
    watch: Annotated[int | None, Note("By which it is told; null where that is no more.")]
    facts: FactsJson


class MessageJson(TypedDict):
    """The body of a request to a webhook."""

    id: str
    kind: str
    news: list[NewsJson]


class WebhookJson(TypedDict):
    id: str
    address: str
    is_on: bool
    reason: Annotated[str, Note("Why it is off, or what went wrong last.", may_be_empty=True)]


class NewWebhookJson(WebhookJson):
    secret: Annotated[str, Note("Signs what is sent; told only now.")]


class DeliveryJson(TypedDict):
    id: str
    way: Annotated[str, Note("“e-mail”, or the address of a webhook.")]
    status: Annotated[str, Note(choices=tuple(Delivery.Status.values))]
    attempts: int
    answer: Annotated[int | None, Note("The receiver's HTTP status.")]
    reason: Text
    created_at: str
    next_at: Annotated[str | None, Note("When it is tried next.")]
    is_test: bool


class FeedJson(TypedDict):
    address: Annotated[str, Note("Whoever knows it reads the feed.", may_be_empty=True)]


class MailJson(TypedDict):
    mail: Annotated[str, Note("When news come by e-mail.", choices=tuple(Watcher.Mail.values))]


def mail_json(watcher: Watcher) -> MailJson:
    return {"mail": watcher.mail}


def watch_json(watch: Watch, watcher: Watcher) -> WatchJson:
    return {
        "id": watch.pk,
        "kind": watch.kind,
        "name": watch.name,
        "address": absolute(watcher, watch.get_absolute_url()),
        "query": watch.query,
        "threshold": watch.threshold,
        "created_at": watch.created_at.isoformat(),
    }


def news_json(news: News, watcher: Watcher) -> NewsJson:
    return {
        "id": str(news.uid),
        "at": news.at.isoformat(),
        "kind": news.kind,
        "title": news.title,
        "detail": news.detail,
        "address": absolute(watcher, news.path),
        "watch": news.watch_id,
        "facts": cast(FactsJson, news.facts),
    }


def webhook_json(webhook: Webhook) -> WebhookJson:
    return {
        "id": str(webhook.pk),
        "address": webhook.address,
        "is_on": webhook.is_on,
        "reason": webhook.reason,
    }


def delivery_json(delivery: Delivery) -> DeliveryJson:
    waits = delivery.status == Delivery.Status.WAITING
    return {
        "id": str(delivery.uid),
        "way": delivery.way,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "answer": delivery.answer,
        "reason": delivery.reason,
        "created_at": delivery.created_at.isoformat(),
        "next_at": delivery.next_at.isoformat() if waits else None,
        "is_test": delivery.is_test,
    }


def feed_json(watcher: Watcher) -> FeedJson:
    return {"address": feed_address(watcher) if watcher.pk else ""}


def body_of(delivery: Delivery, watcher: Watcher) -> bytes:
    """The same at every attempt, so that a receiver knows what it has had."""
    news = delivery.news.order_by("pk")
    message: MessageJson = {
        "id": str(delivery.uid),
        "kind": "test" if delivery.is_test else "news",
        "news": [news_json(one, watcher) for one in news],
    }
    return json.dumps(message, ensure_ascii=False).encode()
