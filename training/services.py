"""Steps of training that span rows, files or the queue."""

from __future__ import annotations


def bundled_version_register() -> None:
    """Placeholder until the bundled classifier is there."""
