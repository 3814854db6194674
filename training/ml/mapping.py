"""Tables with other column names: which of their columns feed which feature, in which unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from training.ml.columns import Plan
from training.ml.schema import Mission


@dataclass(frozen=True)
class ColumnMapping:
    """How a table names our features: ``features`` maps a feature to (column, unit)."""

    mission: Mission | None = None
    features: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    signal: str | None = None
    star: str | None = None
    ra: str | None = None
    dec: str | None = None
    disposition: str | None = None

    def plan(self, columns: Sequence[str]) -> Plan:
        raise NotImplementedError
