"""Every kind of table that is read without help, besides those that the schema declares."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from training.ml.schema import LAYOUTS, Layout
from training.ml.tables.layouts.archive import PLANETS, PLANETS_LAYOUT
from training.ml.tables.layouts.community import CTOIS, EXOPLANET_EU, K2_LIST, PLANET_HUNTERS
from training.ml.tables.layouts.events import TCES, TESS_REPORTS, TESS_STATISTICS
from training.ml.tables.layouts.known import KnownTable
from training.ml.tables.layouts.searches import BLS, TLS

KNOWN_TABLES: Final[tuple[KnownTable, ...]] = (
    PLANETS,
    TCES,
    TESS_STATISTICS,
    TESS_REPORTS,
    CTOIS,
    K2_LIST,
    PLANET_HUNTERS,
    EXOPLANET_EU,
    TLS,
    BLS,
)

ALL_LAYOUTS: Final[Mapping[str, Layout]] = MappingProxyType(
    {**LAYOUTS, **{known.layout.key: known.layout for known in KNOWN_TABLES}}
)
"""Every layout by its key, the schema's first."""

__all__ = ["ALL_LAYOUTS", "KNOWN_TABLES", "PLANETS_LAYOUT"]
