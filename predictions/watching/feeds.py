"""News as an Atom feed."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Final

from django.db.models import Count, Max
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape

from predictions.watching.links import absolute, feed_address
from predictions.watching.models import News, Watcher

ENTRIES: Final = 100
_WORDS: Final = "What has changed of the signals, stars and lists that you watch."


class _Feed(Atom1Feed):
    """Without news it is as old as its person's account: Django's own would be new each time."""

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else self.feed["began"]


def news_of_feed(watcher: Watcher) -> list[News]:
    return list(News.objects.filter(owner=watcher.user_id)[:ENTRIES])


def feed_text(watcher: Watcher) -> str:
    feed = _Feed(
        title=f"Watched by {watcher.user}",
        link=absolute(watcher, reverse("watching")),
        description=_WORDS,
        subtitle=_WORDS,
        language="en",
        author_name="Exoplanet Site",
        feed_url=feed_address(watcher),
        feed_guid=uuid.uuid5(uuid.NAMESPACE_URL, absolute(watcher, f"/{watcher.user_id}")).urn,
        began=watcher.user.date_joined,
    )
    for one in news_of_feed(watcher):
        feed.add_item(
            title=one.title,
            link=absolute(watcher, one.path),
            description=escape(one.detail),
            unique_id=one.uid.urn,
            pubdate=one.at,
            updateddate=one.at,
            categories=(one.kind,),
        )
    return str(feed.writeString("utf-8"))


def feed_tag(watcher: Watcher) -> str:
    """Another one whenever the feed says anything else."""
    told = News.objects.filter(owner=watcher.user_id).aggregate(last=Max("pk"), count=Count("pk"))
    return f'"{told["last"]}-{told["count"]}-{absolute(watcher, "")}"'
