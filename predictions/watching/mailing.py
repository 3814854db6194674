"""News by e-mail: one letter for all that a delivery tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from email.utils import parseaddr
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.urls import reverse

from predictions.watching.links import absolute, unsubscribe_address
from predictions.watching.models import Delivery, News, Watcher
from predictions.watching.webhooks.posting import Outcome
from training.figures import counted

TIMEOUT: Final = 10
SHOWN: Final = 100
"""Changes that a letter names; the others are counted, and stand on the page."""
_PERMANENT: Final = 500

Sent = Iterator[tuple[Delivery, Outcome]]


def mails_send(deliveries: Sequence[Delivery]) -> Sent:
    """One after the other through one connection; where the server is away, nobody waits for it a
    second time."""
    if not deliveries:
        return
    connection = get_connection(timeout=TIMEOUT)
    away = ""
    for delivery in deliveries:
        outcome = Outcome(reason=away) if away else _sent(delivery, connection)
        if not outcome.is_delivered and not outcome.is_final:
            away = outcome.reason
        yield delivery, outcome
    connection.close()


def _sent(delivery: Delivery, connection: Any) -> Outcome:
    watcher = Watcher.objects.select_related("user").get(user=delivery.owner)
    if why := _unwanted(watcher):
        return Outcome(reason=why, is_final=True)
    letter = letter_of(delivery, watcher)
    letter.connection = connection
    try:
        connection.open()
        letter.send()
    except SMTPRecipientsRefused as error:
        return _refused(error)
    except (SMTPException, OSError) as error:
        connection.close()
        return Outcome(reason=_reason(error))
    return Outcome(reason="", is_delivered=True)


def _unwanted(watcher: Watcher) -> str:
    if watcher.mail == Watcher.Mail.NONE:
        return "E-mail was turned off before it was sent."
    return "" if watcher.user.email else "There is no e-mail address in the profile."


def _refused(error: SMTPRecipientsRefused) -> Outcome:
    """By a code from 500 on it is refused for good, below for now."""
    codes = [code for code, _ in error.recipients.values()]
    is_final = bool(codes) and min(codes) >= _PERMANENT
    return Outcome(reason="The mail server does not take this e-mail address.", is_final=is_final)


def _reason(error: Exception) -> str:
    if isinstance(error, SMTPResponseException):
        return f"The mail server answered {error.smtp_code}."
    return "The mail server could not be reached."


# --- the letter -----------------------------------------------------------------------------------


def letter_of(delivery: Delivery, watcher: Watcher) -> EmailMultiAlternatives:
    news = list(delivery.news.order_by("pk"))
    context = {
        "news": [(one, absolute(watcher, one.path)) for one in news[:SHOWN]],
        "more": len(news[SHOWN:]),
        "watching": absolute(watcher, reverse("watching")),
        "unsubscribe": unsubscribe_address(watcher),
        "title": _subject(news),
    }
    letter = EmailMultiAlternatives(
        subject=" ".join(_subject(news).split()),
        body=render_to_string("predictions/watching/mail.txt", context),
        to=[watcher.user.email],
        headers=_headers(delivery, watcher),
    )
    letter.attach_alternative(
        render_to_string("predictions/watching/mail.html", context), "text/html"
    )
    return letter


def _subject(news: Sequence[News]) -> str:
    if len(news) == 1:
        return news[0].title
    return f"{counted(len(news), 'change')}: {news[0].title} and more"


def _headers(delivery: Delivery, watcher: Watcher) -> dict[str, str]:
    """A second attempt is the same letter; and mail programs show a button to end it (RFC 8058)."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return {
        "Message-ID": f"<watching.{delivery.uid.hex}@{domain}>",
        "List-Unsubscribe": f"<{unsubscribe_address(watcher)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }
