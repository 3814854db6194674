"""Searches of light curves in every state, worked by hand instead of by a queue."""

from __future__ import annotations

import io
from functools import cache
from typing import Any
from unittest import mock

from django.contrib.auth.models import User

from predictions.curves import searching, work
from predictions.curves.asking import Asked
from predictions.curves.models import CurveSearch
from tests.training.ml.curves.simulated import Planet, csv, flux, tess_fits, times


@cache
def planet_file() -> bytes:
    """A sector of TESS with a transit every three days; long enough, and quick to search."""
    time = times(days=20.0, minutes=15.0)
    return tess_fits(time, flux(time, Planet(3.0)))


@cache
def bare_table() -> bytes:
    """The same light as a table that says neither unit nor zero point nor star."""
    time = times(days=20.0, minutes=15.0)
    return csv(time, flux(time, Planet(3.0)), "when,brightness")


@cache
def quiet_file() -> bytes:
    time = times(days=20.0, minutes=15.0)
    return tess_fits(time, flux(time))


def make_draft(owner: User, content: bytes = b"", name: str = "tess.fits") -> CurveSearch:
    return searching.search_create(
        owner=owner, files=[(name, io.BytesIO(content or planet_file()))]
    )


def make_queued(owner: User, content: bytes = b"", **asked: Any) -> CurveSearch:
    search = make_draft(owner, content)
    with mock.patch.object(searching, "async_task"):
        searching.search_start(search, Asked(**asked))
    return search


def make_search(owner: User, content: bytes = b"", **asked: Any) -> CurveSearch:
    """A finished one."""
    search = make_queued(owner, content, **asked)
    assert work.search_execute(search.pk, is_child=False)
    search.refresh_from_db()
    assert search.is_done, search.reason
    return search
