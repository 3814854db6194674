"""What proves who sends and who may read: signatures of webhooks, addresses of feeds, and links
that end e-mail.

Requests are signed as https://www.standardwebhooks.com has it, so that receivers find libraries.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from typing import Final

from django.core import signing
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from predictions.watching.models import Watcher, Webhook
from training.ml.errors import UserError

_SECRET: Final = "predictions.watching.webhook"  # noqa: S105 - a salt, no secret
_FEED: Final = "predictions.watching.feed"
_UNSUBSCRIBE: Final = "predictions.watching.unsubscribe"
PREFIX: Final = "whsec_"


class SecretLost(UserError):
    code = "secret_lost"

    def __init__(self) -> None:
        super().__init__(
            "The site's own key was changed, and the webhook's secret went with it. Delete the"
            " webhook, make it anew, and give its receiver the new secret."
        )


# --- webhooks -------------------------------------------------------------------------------------


def secret_of(webhook: Webhook) -> str:
    """Made of the site's key and the webhook's nonce: a copy of the database gives nobody a
    secret. Raises ``SecretLost``."""
    secret = secret_made(webhook.nonce)
    if not hmac.compare_digest(secret_check(secret), webhook.secret_check):
        raise SecretLost
    return secret


def secret_made(nonce: str) -> str:
    digest = salted_hmac(_SECRET, nonce, algorithm="sha256").digest()
    return f"{PREFIX}{b64encode(digest).decode()}"


def secret_check(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:16]


def signed_headers(secret: str, message: str, timestamp: int, body: bytes) -> dict[str, str]:
    """``timestamp``: seconds since 1970. It is signed, so that an old request cannot be sent
    again as a new one."""
    key = b64decode(secret.removeprefix(PREFIX))
    signed = f"{message}.{timestamp}.".encode() + body
    signature = b64encode(hmac.digest(key, signed, "sha256")).decode()
    return {
        "Content-Type": "application/json",
        "User-Agent": "exoplanet-site",
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }


# --- addresses that are keys ----------------------------------------------------------------------


def feed_key(watcher: Watcher) -> str:
    return signing.Signer(salt=_FEED).sign(f"{watcher.user_id}.{watcher.feed_key}")


def watcher_of_feed(key: str) -> Watcher | None:
    try:
        user, nonce = signing.Signer(salt=_FEED).unsign(key).split(".")
        return _active().filter(user=int(user), feed_key=nonce).first()
    except (signing.BadSignature, ValueError):
        return None


def unsubscribe_key(watcher: Watcher) -> str:
    return signing.Signer(salt=_UNSUBSCRIBE).sign(str(watcher.user_id))


def watcher_of_link(key: str) -> Watcher | None:
    """Links of mail never end: who wants no more of it has a year-old letter at hand."""
    try:
        user = int(signing.Signer(salt=_UNSUBSCRIBE).unsign(key))
    except signing.BadSignature:
        return None
    return Watcher.objects.select_related("user").filter(user=user).first()


def _active() -> QuerySet[Watcher]:
    return Watcher.objects.select_related("user").filter(user__is_active=True)
