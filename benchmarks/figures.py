"""Figures as people and programs read them."""

from __future__ import annotations

import json
from typing import Any


def report(found: dict[str, Any], *, as_json: bool) -> None:
    print(json.dumps(found, indent=1) if as_json else "\n".join(lines(found)))


def lines(found: dict[str, Any], depth: int = 0) -> list[str]:
    """One figure a line, those that belong together indented below their title."""
    written = []
    for name, value in found.items():
        label = f"{'  ' * depth}{str(name).replace('_', ' ')}"
        if isinstance(value, dict):
            written += [label, *lines(value, depth + 1)]
        else:
            written.append(
                f"{label:56}{value:>14,}" if isinstance(value, int | float) else f"{label}: {value}"
            )
    return written
