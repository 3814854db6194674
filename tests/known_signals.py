"""One signal that everybody knows, and the real tables that every reader is tried on."""

from __future__ import annotations

from typing import Any, Final

KEPLER_10_B: Final[dict[str, Any]] = {
    # Batalha et al. 2011, ApJ 729, 27: the six numbers that people type
    "mission": "Kepler",
    "orbital_period": 0.837495,
    "transit_duration": 1.811,
    "transit_depth": 152,
    "planet_radius": 1.416,
    "stellar_teff": 5627,
    "stellar_radius": 1.056,
}

REAL_TABLES: Final = (
    # of ../shared/data
    "archive/cumulative_2025.10.04.csv",
    "archive/TOI_2025.10.04.csv",
    "archive/k2pandc_2025.10.04.csv",
    "archive/k2pandc_2025.10.04_default_columns.csv",
    "all_columns/cumulative_2025.10.04_94_columns.csv.gz",
    "all_columns/TOI_2025.10.01_87_columns.csv",
    "all_columns/cumulative_sample_141_columns.csv",
    "all_columns/k2pandc_sample_295_columns.csv",
    "time_travel/TOI_2021.12.12.csv",
    "time_travel/cumulative_2017.10.csv",
)
