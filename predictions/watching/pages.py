"""What the page of watching shows."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import QueryDict

from predictions.watching.forms import MailForm, WebhookForm
from predictions.watching.links import feed_address
from predictions.watching.models import Delivery, News, Watch
from predictions.watching.services import MOST_WEBHOOKS, watcher_found
from training.confirmations import Confirmation

NEWS: Final = 20
WATCHES: Final = 50
DELIVERIES: Final = 10


def watching_context(user: User, asked: QueryDict) -> dict[str, Any]:
    watches = Watch.objects.filter(owner=user).shown()
    news = News.objects.filter(owner=user).select_related("watch").defer("watch__seen")
    return {
        "page_obj": Paginator(news, NEWS).get_page(asked.get("page")),
        "watched": Paginator(watches, WATCHES).get_page(asked.get("watched")),
        **ways_context(user),
    }


def ways_context(user: User) -> dict[str, Any]:
    """How somebody hears, and what became of the last messages."""
    watcher = watcher_found(user)
    deliveries = deliveries_of(user)
    return {
        "watcher": watcher,
        "mail_form": MailForm(initial={"mail": watcher.mail}),
        "sends_mail": settings.SENDS_MAIL,
        "feed": feed_address(watcher) if watcher.pk else "",
        "webhooks": user.webhooks.all(),
        "webhook_form": WebhookForm(),
        "most_webhooks": MOST_WEBHOOKS,
        "deliveries": deliveries[:DELIVERIES],
        "delivery_count": deliveries.count(),
        "waiting": deliveries.waiting().filter(attempts__gt=0).count(),
    }


def deliveries_of(user: User) -> Any:
    found = Delivery.objects.filter(owner=user).select_related("webhook")
    return found.annotate(told=Count("items")).order_by("-pk")


def webhook_deletion_asked(address: str, back: str) -> Confirmation:
    return Confirmation(
        question="Delete this webhook?",
        about=address,
        address=back,
        changes=[
            "Nothing is sent to it any more, and what waits for it is called off.",
            "Its secret and the list of its deliveries are gone.",
        ],
        stays=["What you watch, your news, and your other ways to hear of them."],
        undo="Make it anew; it then has another secret.",
        button="Delete it",
        keep="Keep it",
    )


def feed_renewal_asked(back: str) -> Confirmation:
    return Confirmation(
        question="Renew the address of your feed?",
        about="Watching",
        address=back,
        changes=["Whoever knows the present address reads nothing any more."],
        stays=["What you watch, and your news."],
        undo="The present address cannot be brought back; give your feed reader the new one.",
        button="Renew it",
        keep="Keep the address",
    )
