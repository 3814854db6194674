"""Watching for programs, under /api/v1/watching/: what is watched, news, and the ways to hear."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, cast

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from predictions.catalogue.models import Signal, Star
from predictions.rest.errors import BODY_ERRORS, ErrorSerializer
from predictions.rest.parameters import read_flags
from predictions.watching import services
from predictions.watching.deliveries import trial_make
from predictions.watching.models import Delivery, News, Watch, Watcher, Webhook
from predictions.watching.serializers import (
    MAIL_SENT,
    WATCH_SENT,
    WEBHOOK_SENT,
    MailRequestSerializer,
    WatchRequestSerializer,
    WebhookRequestSerializer,
)
from predictions.watching.shapes import (
    DeliveryJson,
    FeedJson,
    MailJson,
    NewsJson,
    NewWebhookJson,
    WatchJson,
    WebhookJson,
    delivery_json,
    feed_json,
    mail_json,
    news_json,
    watch_json,
    webhook_json,
)
from training.api_errors import Conflict
from training.shapes import serializer_of

MOST: Final = 200
_READ_ERRORS: Final = {s: ErrorSerializer for s in (400, 401, 403, 404, 405, 406, 429)}
_SEND_ERRORS: Final = {**_READ_ERRORS, **BODY_ERRORS}
_MAKE_ERRORS: Final = {**_SEND_ERRORS, 409: ErrorSerializer}
_GONE: Final = {204: None, **_READ_ERRORS}
_HOOK: Final = OpenApiParameter("hook", {"type": "string", "format": "uuid"}, "path")


class WatchingView(APIView):
    token_scope = "classify"  # noqa: S105 - the name of a scope

    def watcher(self, request: Request) -> Watcher:
        """Links lead to where its programs ask, unless a setting says where."""
        if request.method == "GET":
            return services.watcher_found(self.user(request))
        return services.site_note(request._request, self.user(request))

    def user(self, request: Request) -> User:
        return cast(User, request.user)

    def watches(self, request: Request) -> QuerySet[Watch]:
        return Watch.objects.filter(owner=self.user(request)).shown()

    def webhook(self, request: Request, hook: str) -> Webhook:
        return get_object_or_404(Webhook, owner=self.user(request), pk=hook)


class WatchesView(WatchingView):
    @extend_schema(
        operation_id="watches",
        responses={200: serializer_of(WatchJson)(many=True), **_READ_ERRORS},
    )
    def get(self, request: Request) -> Response:
        """What you watch, the newest first."""
        read_flags(request)
        watcher = self.watcher(request)
        return Response([watch_json(watch, watcher) for watch in self.watches(request)])

    @extend_schema(
        operation_id="watch_create",
        request={"application/json": WATCH_SENT},
        responses={
            200: serializer_of(WatchJson),
            201: serializer_of(WatchJson),
            **_MAKE_ERRORS,
        },
    )
    def post(self, request: Request) -> Response:
        """Watch a signal, a star, or a list; 200 where you watch it already."""
        sent = WatchRequestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        watcher = self.watcher(request)
        given = _watched(sent.validated_data)
        with _conflicts():
            watch, is_new = services.watch_create(user=self.user(request), **given)
        if "threshold" in sent.validated_data:
            threshold = sent.validated_data["threshold"]
            services.watch_change(watch, name=watch.name, threshold=threshold)
        made = self.watches(request).get(pk=watch.pk)
        return Response(watch_json(made, watcher), status=201 if is_new else 200)


@contextmanager
def _conflicts() -> Iterator[None]:
    """What is right in itself, and one too many."""
    try:
        yield
    except (services.TooMuchWatched, services.WebhookThere) as error:
        raise Conflict(error.code, error.message) from error


def _watched(given: dict[str, Any]) -> dict[str, Any]:
    if "signal" in given:
        return {"signal": get_object_or_404(Signal, slug=given["signal"])}
    if "star" in given:
        return {"star": get_object_or_404(Star, slug=given["star"])}
    return {"query": given["query"]}


class WatchView(WatchingView):
    @extend_schema(operation_id="watch_delete", request=None, responses=_GONE)
    def delete(self, request: Request, pk: int) -> Response:
        """Watch it no longer. What was told of it stays."""
        get_object_or_404(Watch, owner=self.user(request), pk=pk).delete()
        return Response(status=204)


class NewsView(WatchingView):
    @extend_schema(
        operation_id="watching_news",
        responses={200: serializer_of(NewsJson)(many=True), **_READ_ERRORS},
    )
    def get(self, request: Request) -> Response:
        """Your last 200 news, the newest first."""
        read_flags(request)
        watcher = self.watcher(request)
        news = News.objects.filter(owner=self.user(request))[:MOST]
        return Response([news_json(one, watcher) for one in news])


class FeedView(WatchingView):
    @extend_schema(
        operation_id="watching_feed", responses={200: serializer_of(FeedJson), **_READ_ERRORS}
    )
    def get(self, request: Request) -> Response:
        """The address of your Atom feed; empty until you watch something."""
        read_flags(request)
        return Response(feed_json(self.watcher(request)))

    @extend_schema(
        operation_id="watching_feed_renew",
        request=None,
        responses={200: serializer_of(FeedJson), **_READ_ERRORS},
    )
    def post(self, request: Request) -> Response:
        """Another address; the one before opens nothing any more."""
        watcher = self.watcher(request)
        services.feed_renew(watcher)
        return Response(feed_json(watcher))


class MailView(WatchingView):
    @extend_schema(
        operation_id="watching_mail", responses={200: serializer_of(MailJson), **_READ_ERRORS}
    )
    def get(self, request: Request) -> Response:
        """Whether and when news come by e-mail."""
        read_flags(request)
        return Response(mail_json(self.watcher(request)))

    @extend_schema(
        operation_id="watching_mail_set",
        request={"application/json": MAIL_SENT},
        responses={200: serializer_of(MailJson), **_SEND_ERRORS},
    )
    def put(self, request: Request) -> Response:
        """At once, as a digest, or not."""
        sent = MailRequestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        watcher = self.watcher(request)
        services.mail_set(watcher=watcher, mail=sent.validated_data["mail"], at=timezone.now())
        return Response(mail_json(watcher))


class WebhooksView(WatchingView):
    @extend_schema(
        operation_id="webhooks",
        responses={200: serializer_of(WebhookJson)(many=True), **_READ_ERRORS},
    )
    def get(self, request: Request) -> Response:
        """Your webhooks, without their secrets."""
        read_flags(request)
        webhooks = Webhook.objects.filter(owner=self.user(request))
        return Response([webhook_json(webhook) for webhook in webhooks])

    @extend_schema(
        operation_id="webhook_create",
        request={"application/json": WEBHOOK_SENT},
        responses={201: serializer_of(NewWebhookJson), **_MAKE_ERRORS},
    )
    def post(self, request: Request) -> Response:
        """Add a webhook. Its secret is in this answer and nowhere else."""
        sent = WebhookRequestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        self.watcher(request)
        address = sent.validated_data["address"]
        with _conflicts():
            webhook, secret = services.webhook_create(user=self.user(request), address=address)
        return Response(webhook_json(webhook) | {"secret": secret}, status=201)


class WebhookView(WatchingView):
    @extend_schema(operation_id="webhook_delete", request=None, parameters=[_HOOK], responses=_GONE)
    def delete(self, request: Request, hook: str) -> Response:
        """Delete a webhook, its secret and the list of its deliveries."""
        services.webhook_delete(user=self.user(request), webhook=self.webhook(request, hook))
        return Response(status=204)


class WebhookTestView(WatchingView):
    @extend_schema(
        operation_id="webhook_test",
        request=None,
        parameters=[_HOOK],
        responses={202: serializer_of(DeliveryJson), **_READ_ERRORS},
    )
    def post(self, request: Request, hook: str) -> Response:
        """Send a test; what came of it stands among the deliveries, some seconds later."""
        webhook = self.webhook(request, hook)
        self.watcher(request)
        return Response(delivery_json(trial_make(webhook, timezone.now())), status=202)


class DeliveriesView(WatchingView):
    @extend_schema(
        operation_id="deliveries",
        responses={200: serializer_of(DeliveryJson)(many=True), **_READ_ERRORS},
    )
    def get(self, request: Request) -> Response:
        """What became of your last 200 messages, the newest first."""
        read_flags(request)
        found = Delivery.objects.filter(owner=self.user(request)).select_related("webhook")
        return Response([delivery_json(delivery) for delivery in found[:MOST]])
