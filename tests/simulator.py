"""The made-up tables of the site's own simulator, as files."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd

from training.ml.simulation.tables import simulate

__all__ = ["simulate", "write_csv"]


def write_csv(table: pd.DataFrame, path: Path, *, header_lines: int = 0) -> Path:
    """``table`` as the archive would send it: empty = null; ``header_lines`` lines of "#" first;
    .gz compressed."""
    text = "".join(f"# COLUMN line, number {i}\n" for i in range(header_lines)) + table.to_csv(
        index=False
    )
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path
