"""The light of a search measured once more: with another star, or at a period that a person gives.

What was found before stays as it was, on its own page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from predictions.curves.asking import GivenJson, StatedJson
from predictions.curves.models import CurveSearch
from predictions.curves.searching import search_again, search_delete
from training.ml.curves.errors import CurveError
from training.ml.schema import Mission

MOST_AT_ONCE: Final = 40_000
"""Points times signals that are measured while the page is waited for: one to two seconds."""


def search_measured(
    search: CurveSearch,
    stated: Sequence[StatedJson],
    *,
    star: Mapping[str, Any] | None = None,
    mission: Mission | None = None,
) -> CurveSearch:
    """A new search of the same light, at ``stated`` periods; done already, unless it takes longer
    than a page is waited for. ``CurveError`` where nothing can be measured, which leaves nothing
    behind."""
    if not stated or _cost(search, stated) > MOST_AT_ONCE:
        return search_again(search, star=star, mission=mission, stated=stated)
    from predictions.curves.work import search_execute  # of those who measure, not of each page

    again = search_again(search, star=star, mission=mission, stated=stated, queued=False)
    search_execute(again.pk, is_child=False)
    again.refresh_from_db()
    if again.status == CurveSearch.Status.FAILED:
        search_delete(again, by_person=False)
        raise CurveError(again.reason)
    return again


def _cost(search: CurveSearch, stated: Sequence[StatedJson]) -> int:
    points: int = (search.result or {}).get("curve", {}).get("points", MOST_AT_ONCE)
    return points * len(stated)


def stated_as_found(search: CurveSearch) -> list[StatedJson]:
    """The signals of a search as they were measured."""
    signals = (search.result or {}).get("signals", [])
    numbers = (search.plots or {}).get("signals", [])
    return [
        {
            "period": one["ephemeris"][0],
            "ephemeris": one["ephemeris"],
            "depth": one["depth"],
            "sde": one["sde"],
            "given": signal.get("stated"),
        }
        for one, signal in zip(numbers, signals, strict=False)
    ]


def stated_otherwise(
    search: CurveSearch, order: int, period: float, epoch: float | None = None
) -> list[StatedJson]:
    """The same with signal ``order`` at another period [d], and maybe another mid-transit, as the
    page of the search tells times; one that is not there is added."""
    stated = stated_as_found(search)
    by = search.owner.get_username()
    given: GivenJson = {"period": period, "epoch": epoch, "by": by}
    zero = (search.result or {}).get("curve", {}).get("time_zero") or 0.0
    new: StatedJson = {
        "period": period,
        "ephemeris": None,
        "depth": 0.0,
        "sde": None,
        "epoch": None if epoch is None else epoch - zero,
        "given": given,
    }
    at = min(order, len(stated) + 1) - 1
    return [*stated[:at], new, *stated[at + 1 :]]
