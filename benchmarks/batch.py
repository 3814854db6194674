"""What a batch costs: ``python -m benchmarks.batch [--json] [--figures 1,2,3,4] [--best-of 3]``.

1. 100,000 rows from CSV to result CSV against read_csv + the bare pipeline + to_csv. 2. Peak memory up to a million
rows. 3. Time per row from 1,000 to 1,000,000 rows. 4. Two workers against one on 200,000 rows. Rows are those of the
Kepler table, repeated under new names with slightly other periods. Every measurement is a process of its own, with one
thread for the classifier on both sides of every comparison.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import pandas as pd

from benchmarks.tables import SHARED_DATA

KOI: Final = SHARED_DATA / "archive" / "cumulative_2025.10.04.csv"
AT_MOST: Final = {"site_over_bare": 1.5, "peak_megabytes": 600, "two_workers_over_one": 0.6}
SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)


# --- a table ---------------------------------------------------------------------------------------------------------


def write_rows(path: Path, rows: int) -> Path:
    """A table of ``rows`` KOI-like rows, written piece by piece."""
    koi = pd.read_csv(KOI, comment="#", dtype=str, keep_default_na=False)
    rng = np.random.default_rng(0)
    with path.open("w") as file:
        for copy in range(-(-rows // len(koi))):
            part = koi.iloc[: rows - copy * len(koi)].copy()
            part["kepid"] = (part["kepid"].astype(int) + copy * 20_000_000).astype(str)
            part["kepoi_name"] = part["kepoi_name"] + f"-{copy}"
            periods = part["koi_period"].astype(float) * rng.uniform(0.98, 1.02, len(part))
            part["koi_period"] = periods.map("{:.9f}".format)
            part.to_csv(file, index=False, header=copy == 0)
    return path


# --- one measurement, in a process of its own ------------------------------------------------------------------------


def site(path: Path) -> float:
    """The whole way through the site, without the queue's waiting: seconds from the upload to the result CSV."""
    from predictions.batch_downloads import csv_bytes
    from predictions.batch_models import Batch
    from predictions.batch_work import batch_execute

    _classifier()
    started = time.perf_counter()
    batch = _start(path)
    batch_execute(batch_id=str(batch.pk))
    batch = Batch.objects.get(pk=batch.pk)
    assert batch.is_done, batch.reason
    with path.with_suffix(".site.csv").open("wb") as file:
        file.writelines(csv_bytes(batch))
    return time.perf_counter() - started


def bare(path: Path) -> float:
    """What anybody would write who has the pipeline: the whole frame at once."""
    from training.ml.data_loader import open_table
    from training.ml.harmonise import FRAME_COLUMNS
    from training.ml.schema import DISPOSITIONS

    pipeline = _classifier().pipeline
    pipeline.named_steps["classify"].set_params(n_jobs=1)
    sources = {f.feature: f.columns[0] for f in open_table(KOI).plan.features}
    started = time.perf_counter()
    table = pd.read_csv(path)
    frame = pd.DataFrame({name: table[sources[name]] if name in sources else np.nan for name in FRAME_COLUMNS})
    frame["mission"], frame["magnitude_band"] = "Kepler", "Kp"
    probabilities = pipeline.predict_proba(frame)
    for place, disposition in enumerate(DISPOSITIONS):
        table[f"p_{disposition.lower().replace(' ', '_')}"] = probabilities[:, place]
    table.to_csv(path.with_suffix(".bare.csv"), index=False)
    return time.perf_counter() - started


def worker(path: Path) -> float:
    """Work at the batch named in the file until it is done."""
    from predictions.batch_models import Batch
    from predictions.batch_work import batch_execute

    _classifier()
    print("ready", flush=True)
    sys.stdin.readline()
    started, key = time.perf_counter(), path.read_text()
    while not Batch.objects.filter(pk=key, status__in=Batch.ENDED).exists():
        batch_execute(batch_id=key)
        time.sleep(0.05)
    assert Batch.objects.get(pk=key).is_done
    return time.perf_counter() - started


def start(path: Path) -> float:
    path.with_suffix(".batch").write_text(str(_start(path).pk))
    return 0.0


MODES: Final[dict[str, Callable[[Path], float]]] = {"site": site, "bare": bare, "worker": worker, "start": start}


def _classifier() -> Any:
    from training.models import ModelVersion

    return ModelVersion.objects.active().classifier


def _start(path: Path) -> Any:
    from django.contrib.auth.models import User

    from predictions import batch_services

    setattr(batch_services, "async_task", lambda *_, **__: None)  # noqa: B010 - nobody waits in a queue here
    owner, _ = User.objects.get_or_create(username="benchmark")
    with path.open("rb") as file:
        batch = batch_services.batch_create(owner=owner, file=file, name=path.name)
    batch_services.batch_start(batch=batch)
    return batch


def measure(mode: str, path: Path) -> dict[str, float]:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exoplanet_site.settings")
    django.setup()
    seconds = MODES[mode](path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": round(seconds, 3), "peak_megabytes": round(peak)}


# --- the four figures ------------------------------------------------------------------------------------------------


class Bench:
    def __init__(self, folder: Path, best_of: int) -> None:
        self.folder, self.best_of = folder, best_of
        self.environment = {
            **os.environ,
            "DATA_DIR": str(folder / "data"),
            "OMP_NUM_THREADS": "1",
            "LOG_LEVEL": "ERROR",
        }
        (folder / "data").mkdir()
        migrate = [sys.executable, "manage.py", "migrate", "-v0", "--skip-checks"]
        subprocess.run(migrate, check=True, env=self.environment)

    def table(self, rows: int) -> Path:
        path = self.folder / f"{rows}.csv"
        return path if path.exists() else write_rows(path, rows)

    def process(self, mode: str, path: Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "benchmarks.batch", "--measure", mode, str(path)]
        return subprocess.Popen(command, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def best(self, mode: str, rows: int, times: int | None = None) -> dict[str, float]:
        results = [_result(self.process(mode, self.table(rows))) for _ in range(times or self.best_of)]
        return min(results, key=lambda result: result["seconds"])

    def against_bare(self) -> dict[str, Any]:
        ours, theirs = self.best("site", 100_000), self.best("bare", 100_000)
        ratio = round(ours["seconds"] / theirs["seconds"], 2)
        return {"site": ours, "bare": theirs, "site_over_bare": ratio, "at_most": AT_MOST["site_over_bare"]}

    def by_size(self) -> dict[str, Any]:
        """Figures 2 and 3. The largest is measured once: it alone takes minutes."""
        found = {rows: self.best("site", rows, 1 if rows > 100_000 else None) for rows in SIZES}
        return {
            "sizes": {
                str(rows): {**result, "microseconds_per_row": round(1e6 * result["seconds"] / rows)}
                for rows, result in found.items()
            },
            "peak_megabytes": max(result["peak_megabytes"] for result in found.values()),
            "at_most": AT_MOST["peak_megabytes"],
        }

    def two_workers(self) -> dict[str, Any]:
        one, two = (min(self._shared(count) for _ in range(self.best_of)) for count in (1, 2))
        ratio = round(two / one, 2)
        limit = AT_MOST["two_workers_over_one"]
        return {"one_seconds": one, "two_seconds": two, "two_workers_over_one": ratio, "at_most": limit}

    def _shared(self, count: int) -> float:
        path = self.table(200_000)
        _result(self.process("start", path))
        workers = [self.process("worker", path.with_suffix(".batch")) for _ in range(count)]
        for process in workers:
            assert _stream(process.stdout).readline() == "ready\n"
        for process in workers:
            _stream(process.stdin).write("go\n")
            _stream(process.stdin).flush()
        return max(_result(process)["seconds"] for process in workers)


def _stream(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def _result(process: subprocess.Popen[str]) -> dict[str, float]:
    output, _ = process.communicate()
    assert process.returncode == 0, output
    result: dict[str, float] = json.loads(output.splitlines()[-1])
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--figures", default="1,2,3,4")
    parser.add_argument("--best-of", type=int, default=3)
    parser.add_argument("--measure", nargs=2, metavar=("MODE", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure[0], Path(options.measure[1]))))
        return
    if not KOI.is_file():
        sys.exit(f"This benchmark needs {KOI}; set EXOPLANET_SHARED_DATA to the folder of the tables.")
    report(figures(set(options.figures.split(",")), options.best_of), as_json=options.json)


def figures(wanted: set[str], best_of: int) -> dict[str, Any]:
    found: dict[str, Any] = {"cores": os.cpu_count(), "load_before": round(os.getloadavg()[0], 1), "best_of": best_of}
    with tempfile.TemporaryDirectory(prefix="benchmark-batch-") as folder:
        bench = Bench(Path(folder), best_of)
        if "1" in wanted:
            found["1 against the bare pipeline, 100,000 rows"] = bench.against_bare()
        if wanted & {"2", "3"}:
            found["2, 3 by number of rows"] = bench.by_size()
        if "4" in wanted:
            found["4 two workers, 200,000 rows"] = bench.two_workers()
    return found


def report(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(found, indent=1))
        return
    for name, value in found.items():
        print(f"{name}: {json.dumps(value, indent=1) if isinstance(value, dict) else value}")


if __name__ == "__main__":
    main()
