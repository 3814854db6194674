"""Is every public table read right, and how fast is each format read?

``python -m benchmarks.tables [--json] [--rows 10000]``. Counts are of values (one feature of one
row): read right, wrong without a word, wrong but doubted, missing with a word, missing without.
Speeds are ratios to the field's own reader of the same file, the fastest of three readings each.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from astropy.table import Table

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exoplanet_site.settings")

from benchmarks.figures import report
from benchmarks.layouts import PUBLIC_TABLES, PublicTable, make_signals
from training.ml.errors import TableError
from training.ml.schema import CONTEXT_NAMES, FEATURE_BY_NAME, Mission
from training.ml.tables.data_loader import TableReader, open_table
from training.ml.tables.doubting.doubts import find_doubts
from training.ml.tables.guessing.guesses import guess_mapping
from training.ml.tables.reading.read_table import read_table
from training.ml.tables.recognition import recognised_names
from training.ml.tables.signal_table import SignalTable

REPEATS: Final = 3
CLOSE: Final = 1e-6
CASES: Final = (
    "right",
    "wrong_without_a_word",
    "wrong_but_doubted",
    "missing_with_a_word",
    "missing_without_a_word",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rows", type=int, default=10_000)
    options = parser.parse_args()
    signals = make_signals(options.rows)
    with tempfile.TemporaryDirectory() as folder:
        found = {
            "rows": options.rows,
            "values": {
                name: judge(table, signals, Path(folder)) for name, table in PUBLIC_TABLES.items()
            },
            "speed": dict(speeds(signals, Path(folder))),
        }
    found["wrong_without_a_word"] = sum(
        counts["wrong_without_a_word"] for counts in found["values"].values()
    )
    found["slowest_ratio"] = max(speed["ratio"] for speed in found["speed"].values())
    report(found, as_json=options.json)


# --- values --------------------------------------------------------------------------------------


def judge(table: PublicTable, signals: pd.DataFrame, folder: Path) -> dict[str, Any]:
    """How many values of a table are read right, and whether the others are spoken of."""
    path = folder / "table.txt"
    path.write_text(table.write(signals), encoding="utf-8")
    mission = Mission(table.mission) if table.mission else None
    reader, how = _opened(path, mission)
    read, truth = reader.table(), table.truth(signals)
    spoken = _spoken_of(reader, read)
    counts: Counter[str] = Counter()
    for name, values in truth.items():
        counts += _compare(name, values.to_numpy(), _by_row(read, name), read, spoken)
    for name in set(reader.plan.feature_names) - set(truth) - set(CONTEXT_NAMES):
        if not name.endswith("_error"):  # another column was taken for it
            counts["wrong_without_a_word"] += int(read.frame[name].notna().sum())
    return {"how": how} | {case: counts[case] for case in CASES}


def _opened(path: Path, mission: Mission | None) -> tuple[TableReader, str]:
    """As it is, or by the preview's guesses sent back unchanged."""
    try:
        return open_table(path, mission=mission), "recognised"
    except TableError:
        text = read_table(path, known=recognised_names())
        raw = next(text.blocks(200)).raw
        guess = guess_mapping(text.columns, raw, mission, text.stated)
        return open_table(path, mapping=guess), "by the guesses"


def _spoken_of(reader: TableReader, read: SignalTable) -> set[str]:
    """The features of which the report says something: doubted, out of range, or not given."""
    doubted = {doubt.feature for doubt in find_doubts(read, reader.plan)}
    problems = {problem.feature for problem in read.problems if problem.feature}
    return doubted | problems | set(reader.plan.absent_features)


def _by_row(read: SignalTable, name: str) -> Any:
    values = read.frame[name].to_numpy(dtype=np.float64)
    if not len(values):
        return np.full(len(read.row_signal), np.nan)
    return np.where(read.row_signal >= 0, values[read.row_signal], np.nan)


def _compare(
    name: str, expected: Any, found: Any, read: SignalTable, spoken: set[str]
) -> Counter[str]:
    feature = FEATURE_BY_NAME[name]
    missing = np.isnan(found)
    right = ~missing & np.isclose(found, expected, rtol=CLOSE, atol=0)
    noted = np.array([row in read.row_reasons for row in range(len(found))])
    noted |= np.full(len(found), name in spoken)
    noted |= (expected < feature.low) | (expected > feature.high)
    wrong = ~missing & ~right
    return Counter(
        {
            "right": int(right.sum()),
            "wrong_without_a_word": int((wrong & ~noted).sum()),
            "wrong_but_doubted": int((wrong & noted).sum()),
            "missing_with_a_word": int((missing & noted).sum()),
            "missing_without_a_word": int((missing & ~noted).sum()),
        }
    )


# --- speed ---------------------------------------------------------------------------------------


def speeds(signals: pd.DataFrame, folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    frame = pd.read_csv(_csv(signals, folder))
    table = Table.from_pandas(frame)
    for name, (suffix, write, theirs) in FORMATS.items():
        path = folder / f"speed{suffix}"
        write(table, frame, path)
        ours_seconds, their_seconds = _fastest(_read, path), _fastest(theirs, path)
        yield (
            name,
            {
                "seconds": round(ours_seconds, 3),
                "reference_seconds": round(their_seconds, 3),
                "ratio": round(ours_seconds / their_seconds, 2),
            },
        )


def _csv(signals: pd.DataFrame, folder: Path) -> Path:
    path = folder / "koi.csv"
    path.write_text(PUBLIC_TABLES["KOI (cumulative)"].write(signals), encoding="utf-8")
    return path


def _read(path: Path) -> int:
    """Every column of every row: numbers as numbers, names as text."""
    table = read_table(path, known=recognised_names())
    texts = [name for name in table.columns if name in ("kepid", "kepoi_name")]
    numbers = [name for name in table.columns if name not in texts]
    rows = 0
    for block in table.blocks(5_000):
        block.numbers(numbers)
        rows += sum(len(block.cells(name)) for name in texts) // len(texts)
    return rows


def _fastest(read: Callable[[Path], Any], path: Path) -> float:
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        read(path)
        times.append(time.perf_counter() - began)
    return min(times)


Write = Callable[[Table, pd.DataFrame, Path], Any]
FORMATS: Final[dict[str, tuple[str, Write, Callable[[Path], Any]]]] = {
    "CSV": (".csv", lambda t, f, p: f.to_csv(p, index=False), pd.read_csv),
    "TSV": (
        ".tsv",
        lambda t, f, p: f.to_csv(p, index=False, sep="\t"),
        lambda p: pd.read_csv(p, sep="\t"),
    ),
    "CSV, gzipped": (".csv.gz", lambda t, f, p: f.to_csv(p, index=False), pd.read_csv),
    "VOTable": (
        ".vot",
        lambda t, f, p: t.write(p, format="votable", overwrite=True),
        lambda p: Table.read(p, format="votable"),
    ),
    "FITS": (
        ".fits",
        lambda t, f, p: t.write(p, format="fits", overwrite=True),
        lambda p: _whole(Table.read(p, format="fits")),
    ),
    "ECSV": (
        ".ecsv",
        lambda t, f, p: t.write(p, format="ascii.ecsv", overwrite=True),
        lambda p: Table.read(p, format="ascii.ecsv"),
    ),
    "IPAC": (
        ".tbl",
        lambda t, f, p: t.write(p, format="ascii.ipac", overwrite=True),
        lambda p: Table.read(p, format="ascii.ipac"),
    ),
    "AAS machine-readable": (
        ".mrt",
        lambda t, f, p: t.write(p, format="ascii.mrt", overwrite=True),
        lambda p: Table.read(p, format="ascii.mrt"),
    ),
    "Fixed-width text": (
        ".dat",
        lambda t, f, p: p.write_text(f.to_string(index=False), encoding="utf-8"),
        lambda p: Table.read(p, format="ascii.basic"),
    ),
    # By astropy as the others of the field's formats; pandas reads it on two threads, in half of
    # the time that we take on one.
    "Parquet": (
        ".parquet",
        lambda t, f, p: f.to_parquet(p),
        lambda p: Table.read(p, format="parquet"),
    ),
    "Excel": (".xlsx", lambda t, f, p: f.to_excel(p, index=False), pd.read_excel),
    "JSON records": (".json", lambda t, f, p: f.to_json(p, orient="records"), pd.read_json),
}


def _whole(table: Table) -> pd.DataFrame:
    """FITS is mapped into memory and read only when it is used: use it."""
    frame: pd.DataFrame = table.to_pandas()
    return frame


if __name__ == "__main__":
    main()
