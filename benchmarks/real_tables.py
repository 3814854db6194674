"""The real tables that benchmarks read; they stay outside the project."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from training.ml.schema import Mission

SHARED_DATA: Final = Path(
    os.environ.get("EXOPLANET_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
)
WIDEST: Final = {
    Mission.KEPLER: "all_columns/cumulative_2025.10.04_94_columns.csv.gz",
    Mission.TESS: "all_columns/TOI_2025.10.01_87_columns.csv",
    Mission.K2: "archive/k2pandc_2025.10.04.csv",
}


def widest_tables() -> dict[Mission, Path]:
    """The widest table of each mission; ends the program with a sentence where they are absent."""
    paths = {mission: SHARED_DATA / name for mission, name in WIDEST.items()}
    absent = [str(path) for path in paths.values() if not path.is_file()]
    if absent:
        sys.exit(
            f"This benchmark needs {', '.join(absent)}; set EXOPLANET_SHARED_DATA to the folder of"
            " the tables."
        )
    return paths
