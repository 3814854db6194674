"""The keys of a list, which an index alone gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet


@dataclass(frozen=True)
class Keys:
    """Of the signals of a list, in order; read from an index alone, without rows and stars.

    ``unknown``: those that lack what is sorted by and come last; ``total``: where it is known.
    """

    known: QuerySet[Any, int]
    unknown: QuerySet[Any, int] | None = None
    total: int | None = None

    def count(self) -> int:
        if self.total is not None:
            return self.total
        return self.known.count() + (self.unknown.count() if self.unknown is not None else 0)

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, part: slice) -> list[int]:
        found = list(self.known[part])
        missing = part.stop - part.start - len(found)
        if self.unknown is None or not missing:
            return found
        skipped = max(0, part.start - self.known.count())
        return found + list(self.unknown[skipped : skipped + missing])
