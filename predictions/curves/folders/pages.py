"""What the pages of folders show: templates only lay it out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Paginator

from predictions.curves.folders.models import CurveFolder
from predictions.curves.folders.services import searches_of
from predictions.curves.folders.unpacking import MOST_FILES
from predictions.curves.known_stars import NEEDED
from predictions.curves.models import CurveSearch
from predictions.curves.pages import SignalPage, limits, signals_of
from training.confirmations import Confirmation

STARS_PER_PAGE: Final = 50
ENDED: Final = (
    CurveSearch.Status.SUCCEEDED,
    CurveSearch.Status.FAILED,
    CurveSearch.Status.CANCELLED,
)


def folder_limits() -> dict[str, Any]:
    return limits() | {
        "files": MOST_FILES,
        "too_many": f"These are more than {MOST_FILES} files. Put them into a ZIP archive, or give"
        " fewer at once.",
    }


def counts_of(folder: CurveFolder) -> dict[str, int]:
    """Stars: all, done, and how many ended as failed or cancelled."""
    counted = Counter(searches_of(folder).order_by().values_list("status", flat=True))
    return {
        "stars": sum(counted.values()),
        "ended": sum(counted[status] for status in ENDED),
        "searched": counted[CurveSearch.Status.SUCCEEDED],
        "failed": counted[CurveSearch.Status.FAILED],
        "cancelled": counted[CurveSearch.Status.CANCELLED],
    }


@dataclass(frozen=True)
class StarRow:
    """One star of a folder."""

    search: CurveSearch

    @property
    def signals(self) -> list[SignalPage]:
        return signals_of(self.search)

    @property
    def says(self) -> str:
        """Why it has no row in the table, or is not done; "" where its signals tell."""
        if self.search.reason:
            return self.search.reason
        if not self.search.is_done:
            return self.search.get_status_display() if self.search.enqueued_at else "waiting"
        if not self.signals:
            return "No significant transit signal."
        star = (self.search.result or {}).get("star", {})
        if any(star.get(name) is None for name in NEEDED):
            return "No verdict: temperature and radius of the star are not known."
        return ""


def folder_context(folder: CurveFolder, page: str | None) -> dict[str, Any]:
    searches = searches_of(folder).select_related("model_version").defer("plots", "glanced")
    page_obj = Paginator(searches.defer("model_version__metadata"), STARS_PER_PAGE).get_page(page)
    return progress_context(folder) | {
        "page_obj": page_obj,
        "stars": [StarRow(search) for search in page_obj],
    }


def progress_context(folder: CurveFolder) -> dict[str, Any]:
    counts = counts_of(folder)
    running = searches_of(folder).filter(status=CurveSearch.Status.RUNNING).light().first()
    return {
        "folder": folder,
        "counts": counts,
        "percent": min(99, round(100 * counts["ended"] / max(counts["stars"], 1))),
        "running": running,
        "with_signal": len({search for search, _, _ in folder.rows}),
    }


def cancel_asked(folder: CurveFolder) -> Confirmation:
    return Confirmation(
        question="Cancel this folder?",
        about=folder.name,
        address=folder.get_absolute_url(),
        changes=["The star that is being searched is stopped, those that wait are not searched."],
        stays=["Stars that are done, with their pages."],
        undo="Go on with the rest on its page.",
        button="Cancel the searches",
        keep="Let them go on",
    )


def deletion_asked(folder: CurveFolder) -> Confirmation:
    return Confirmation(
        question="Delete this folder?",
        about=folder.name,
        address=folder.get_absolute_url(),
        changes=["The light curves of all its stars, their plots and their pages will be gone."],
        stays=[
            "The table of answers in your batches, whose rows will no longer lead to their light.",
            "The predictions in your history that came of it.",
        ],
        undo="It cannot be brought back. The same files can be uploaded again.",
        button="Delete it",
        keep="Keep it",
    )
