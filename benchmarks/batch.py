"""What a batch costs: ``python -m benchmarks.batch
[--json] [--only 1,2,3,4] [--best-of 3] [--rows 100000]``.

1. 100,000 rows from CSV to result CSV against read_csv + the bare pipeline + to_csv. 2. Peak memory
up to a million rows. 3. Time per row from 1,000 to 1,000,000 rows. 4. Two workers against one on
200,000 rows. Rows are those of the Kepler table, repeated under new names with slightly other
periods. Every measurement is a process of its own, with one thread for the classifier on both sides
of every comparison.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import pandas as pd

from benchmarks.real_tables import SHARED_DATA

KOI: Final = SHARED_DATA / "archive" / "cumulative_2025.10.04.csv"
AT_MOST: Final = {
    "site_over_bare": 1.5,
    "peak_megabytes": 600,
    "largest_peak_over_tenth": 1.1,
    "largest_over_fastest": 1.25,
    "two_workers_over_one": 0.6,
}
LONGEST: Final = 900.0  # seconds; a measurement that takes longer hangs
SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)


# --- a table --------------------------------------------------------------------------------------


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


# --- one measurement, in a process of its own -----------------------------------------------------


def site(path: Path) -> float:
    """The whole way through the site, without the queue's waiting: seconds from the upload to the
    result CSV."""
    from predictions.batches.downloads import csv_bytes
    from predictions.batches.models import Batch
    from predictions.batches.work import batch_execute

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
    from training.ml.schema import DISPOSITIONS
    from training.ml.signal_rows import FRAME_COLUMNS
    from training.ml.tables.data_loader import open_table

    pipeline = _classifier().pipeline
    pipeline.named_steps["classify"].set_params(threads=1)
    sources = {f.feature: f.columns[0] for f in open_table(KOI).plan.features}
    started = time.perf_counter()
    table = pd.read_csv(path)
    frame = pd.DataFrame(
        {name: table[sources[name]] if name in sources else np.nan for name in FRAME_COLUMNS}
    )
    frame["mission"], frame["magnitude_band"] = "Kepler", "Kp"
    probabilities = pipeline.predict_proba(frame)
    for place, disposition in enumerate(DISPOSITIONS):
        table[f"p_{disposition.lower().replace(' ', '_')}"] = probabilities[:, place]
    table.to_csv(path.with_suffix(".bare.csv"), index=False)
    return time.perf_counter() - started


def worker(path: Path) -> float:
    """Work at the batch named in the file until it is done."""
    from predictions.batches.models import Batch
    from predictions.batches.work import batch_execute

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


MODES: Final[dict[str, Callable[[Path], float]]] = {
    "site": site,
    "bare": bare,
    "worker": worker,
    "start": start,
}


def _classifier() -> Any:
    from training.models import ModelVersion

    return ModelVersion.objects.active().classifier


def _start(path: Path) -> Any:
    from django.contrib.auth.models import User

    from predictions.batches import services as batch_services

    setattr(batch_services, "async_task", lambda *_, **__: None)  # noqa: B010 - nobody waits in a queue here
    owner, _ = User.objects.get_or_create(username="benchmark")
    with path.open("rb") as file:
        batch = batch_services.batch_create(owner=owner, file=file, name=path.name)
    batch_services.batch_start(batch=batch)
    return batch


Result = dict[str, float]
MAX_TELLING: Final[dict[str, Callable[[Iterable[float]], float]]] = {
    "seconds": min,
    "peak_megabytes": max,
}


def measure(mode: str, path: Path) -> Result:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exoplanet_site.settings")
    django.setup()
    seconds = MODES[mode](path)
    return {"seconds": round(seconds, 3), "peak_megabytes": round(peak_kilobytes() / 1024)}


def peak_kilobytes() -> int:
    """Of this program alone: getrusage would begin
    with what the process that started it had held."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0])


# --- the four figures -----------------------------------------------------------------------------


class Bench:
    """``rows`` stands for 100,000: fewer make a smoke test, whose figures mean nothing."""

    def __init__(self, folder: Path, best_of: int, rows: int) -> None:
        self.folder, self.best_of, self.unit = folder, best_of, rows
        one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        self.environment = {
            **os.environ,
            **one_thread,
            "DATA_DIR": str(folder / "data"),
            "LOG_LEVEL": "ERROR",
        }
        self._known: dict[tuple[str, int], Result] = {}
        (folder / "data").mkdir()
        migrate = [sys.executable, "manage.py", "migrate", "-v0", "--skip-checks"]
        subprocess.run(migrate, check=True, env=self.environment)

    def table(self, rows: int) -> Path:
        path = self.folder / f"{rows}.csv"
        return path if path.exists() else write_rows(path, rows)

    def process(self, mode: str, path: Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "benchmarks.batch", "--measure", mode, str(path)]
        return subprocess.Popen(
            command, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def best(self, mode: str, rows: int) -> Result:
        """The least seconds and the highest peak of ``best_of`` processes."""
        return self.in_turns([mode], rows)[0]

    def in_turns(self, modes: list[str], rows: int) -> list[Result]:
        """``best`` of each mode, one after the other in each turn; measured once, however many
        figures use it."""
        wanted = [mode for mode in modes if (mode, rows) not in self._known]
        turns = [
            [_result(self.process(mode, self.table(rows))) for mode in wanted]
            for _ in range(self.best_of)
        ]
        for mode, results in zip(wanted, zip(*turns, strict=True), strict=True):
            seconds, peak = (pick(r[name] for r in results) for name, pick in MAX_TELLING.items())
            self._known[mode, rows] = {"seconds": seconds, "peak_megabytes": peak}
            print(f"{mode}, {rows:,} rows: {seconds} s, {peak} MB", file=sys.stderr, flush=True)
        return [self._known[mode, rows] for mode in modes]

    def against_bare(self) -> dict[str, Any]:
        ours, theirs = self.in_turns(["site", "bare"], self.unit)
        ratio = round(ours["seconds"] / theirs["seconds"], 2)
        return {"rows": self.unit, "site": ours, "bare": theirs, **judged("site_over_bare", ratio)}

    def memory(self) -> dict[str, Any]:
        peaks = {rows: result["peak_megabytes"] for rows, result in self._by_size().items()}
        growth = round(peaks[max(peaks)] / peaks[max(peaks) // 10], 2)
        return {
            "peak_megabytes_by_rows": {str(rows): peak for rows, peak in peaks.items()},
            **judged("peak_megabytes", max(peaks.values())),
            "flat": judged("largest_peak_over_tenth", growth),
        }

    def per_row(self) -> dict[str, Any]:
        """Below 10,000 rows what every batch costs once shows; beyond, nothing may grow with the
        table."""
        seconds = {rows: result["seconds"] for rows, result in self._by_size().items()}
        micros = {rows: round(1e6 * spent / rows) for rows, spent in seconds.items()}
        fastest = min(micros.values())
        growth = round(micros[max(micros)] / fastest, 2)
        spread = round(max(micros.values()) / fastest, 2)
        return {
            "seconds_by_rows": seconds,
            "microseconds_per_row": micros,
            "slowest_over_fastest": spread,
            **judged("largest_over_fastest", growth),
        }

    def _by_size(self) -> dict[int, Result]:
        return {
            rows: self.best("site", rows)
            for rows in (size * self.unit // 100_000 for size in SIZES)
        }

    def two_workers(self) -> dict[str, Any]:
        one, two = (min(self._shared(count) for _ in range(self.best_of)) for count in (1, 2))
        found = {"rows": 2 * self.unit, "one_seconds": one, "two_seconds": two}
        return found | judged("two_workers_over_one", round(two / one, 2))

    def _shared(self, count: int) -> float:
        path = self.table(2 * self.unit)
        _result(self.process("start", path))
        workers = [self.process("worker", path.with_suffix(".batch")) for _ in range(count)]
        try:
            for process in workers:
                assert _stream(process.stdout).readline() == "ready\n"
            for process in workers:
                _stream(process.stdin).write("go\n")
                _stream(process.stdin).flush()
            return max(_result(process)["seconds"] for process in workers)
        finally:
            for process in workers:
                process.kill()


def judged(name: str, value: float) -> dict[str, Any]:
    return {name: value, "at_most": AT_MOST[name], "met": value <= AT_MOST[name]}


def _stream(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def _result(process: subprocess.Popen[str]) -> Result:
    try:
        output, _ = process.communicate(timeout=LONGEST)
    finally:
        process.kill()
    assert process.returncode == 0, output
    result: Result = json.loads(output.splitlines()[-1])
    return result


FIGURES: Final[dict[str, tuple[str, Callable[[Bench], dict[str, Any]]]]] = {
    "1": ("1 against the bare pipeline", Bench.against_bare),
    "2": ("2 peak memory", Bench.memory),
    "3": ("3 time per row", Bench.per_row),
    "4": ("4 two workers against one", Bench.two_workers),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", default="1,2,3,4", help="which figures")
    parser.add_argument("--best-of", type=int, default=3)
    parser.add_argument(
        "--rows", type=int, default=100_000, help="fewer: a smoke test, all sizes in proportion"
    )
    parser.add_argument("--measure", nargs=2, metavar=("MODE", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure[0], Path(options.measure[1]))))
        return
    if not KOI.is_file():
        sys.exit(
            f"This benchmark needs {KOI}; set EXOPLANET_SHARED_DATA to the folder of the tables."
        )
    report(figures(options.only.split(","), options.best_of, options.rows), as_json=options.json)


def figures(wanted: list[str], best_of: int, rows: int) -> dict[str, Any]:
    load = round(os.getloadavg()[0], 1)
    found: dict[str, Any] = {
        "cores": os.cpu_count(),
        "threads_each": 1,
        "load_before": load,
        "best_of": best_of,
    }
    with tempfile.TemporaryDirectory(prefix="benchmark-batch-") as folder:
        bench = Bench(Path(folder), best_of, rows)
        for number in wanted:
            title, figure = FIGURES[number]
            found[title] = figure(bench)
    return found


def report(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(found, indent=1))
        return
    for name, value in found.items():
        print(f"{name}: {json.dumps(value, indent=1) if isinstance(value, dict) else value}")


if __name__ == "__main__":
    main()
