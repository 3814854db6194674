"""How long a training takes and how much memory: ``python -m benchmarks.train [--json]``.

Three full tables, the default recipe (SMOTE, no search): five folds, the judging fit and the final
fit, two threads.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from typing import Any

from benchmarks.real_tables import widest_tables
from training.ml.fitting.lineage import read_tables
from training.ml.train import train

MAX_SECONDS = 120
MAX_MEGABYTES = 1500


def measure(threads: int) -> dict[str, Any]:
    """Seconds, CPU seconds and peak memory of this process for reading and training."""
    wall, cpu = time.perf_counter(), time.process_time()
    tables, facts = read_tables(widest_tables())
    classifier = train(tables, facts=facts, seed=0, threads=threads)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    files = classifier.unsigned_files()
    return {
        "signals": classifier.metadata["signals"],
        "threads": threads,
        "seconds": round(time.perf_counter() - wall, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
        "peak_megabytes": round(peak),
        "artifact_megabytes": round(sum(map(len, files.values())) / 1e6, 2),
        "at_most_seconds": MAX_SECONDS,
        "at_most_megabytes": MAX_MEGABYTES,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = measure(options.threads)
    if options.json:
        json.dump(figures, sys.stdout, indent=1)
        print()
    else:
        for name, value in figures.items():
            print(f"{name.replace('_', ' '):22}{value:>12,}")


if __name__ == "__main__":
    main()
