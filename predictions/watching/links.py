"""Addresses that leave the site, in mail, feeds and requests: whole ones."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from predictions.watching.models import Watcher
from predictions.watching.signing import feed_key, unsubscribe_key


def absolute(watcher: Watcher, path: str) -> str:
    """Where no setting says how the site is reached, as its person reached it last."""
    return f"{settings.SITE_ADDRESS.rstrip('/') or watcher.site or 'http://localhost'}{path}"


def feed_address(watcher: Watcher) -> str:
    # In the query: paths stand in logs.
    query = urlencode({"key": feed_key(watcher)})
    return absolute(watcher, f"{reverse('watching_feed')}?{query}")


def unsubscribe_address(watcher: Watcher) -> str:
    query = urlencode({"key": unsubscribe_key(watcher)})
    return absolute(watcher, f"{reverse('watching_unsubscribe')}?{query}")
