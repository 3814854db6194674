"""What the queue calls."""

from __future__ import annotations

import uuid

from predictions.curves import searching, work
from predictions.curves.folders import preparing
from predictions.curves.folders import services as folders
from predictions.curves.models import CurveSearch


def execute_search(key: str) -> None:
    try:
        work.search_supervise(uuid.UUID(key))
    finally:
        folder = CurveSearch.objects.filter(pk=key).values_list("in_folder", flat=True).first()
        folders.folder_go_on(folder)


def prepare_folder(key: str) -> None:
    preparing.folder_prepare(uuid.UUID(key))


def clean_up() -> None:
    searching.searches_clean_up()
    folders.folders_clean_up()
