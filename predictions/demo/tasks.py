"""What the queue calls."""

from __future__ import annotations

from predictions.demo import catalogue


def fill_catalogue() -> None:
    catalogue.catalogue_execute()
