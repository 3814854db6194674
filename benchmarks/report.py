"""Writes the tables of docs/performance.md and docs/curves.md, and the ratios of README.md:
``python -m benchmarks.report [--check]``.

A result is made by ``python -m benchmarks.NAME --json > benchmarks/results/NAME.json`` on a quiet
machine.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

PROJECT: Final = Path(__file__).resolve().parent.parent
RESULTS: Final = PROJECT / "benchmarks" / "results"
DOCUMENTS: Final = (
    PROJECT / "docs" / "performance.md",
    PROJECT / "README.md",
    PROJECT / "docs" / "curves.md",
)
BLOCK: Final = re.compile(r"(<!-- figures of (?P<name>[a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)
RATIO_BLOCK: Final = re.compile(r"(<!-- ratios -->\n).*?(<!-- end -->)", re.DOTALL)
HEAD: Final = ("| | | at most |", "|---|---|---|")
HEADS: Final = {"curves": ("| | measured (95 % interval) | asked for |", HEAD[1])}


@dataclass(frozen=True)
class Figure:
    """A row of a table: where the number stands in the result, and the place of what it may be at
    most."""

    words: str
    path: tuple[str, ...]
    unit: str = ""
    limit: str = ""


WHERE: Final = "where_it_goes_milliseconds"
ONE, TWO, FIVE = "1 one request at a time", "2 one and two web processes", "5 beside FastAPI"
SPEEDS: Final = (
    "CSV",
    "TSV",
    "CSV, gzipped",
    "VOTable",
    "FITS",
    "ECSV",
    "IPAC",
    "AAS machine-readable",
    "Fixed-width text",
    "Parquet",
    "Excel",
    "JSON records",
)
SIDES: Final = (("all", "Planets put in"), ("judged", "… half that judges"))
FIRST, NEXT, PREDICT, BARE = "first start", "next start", "predict", "bare"
FIGURES: Final[Mapping[str, tuple[Figure, ...]]] = {
    "start": (
        Figure("Load of the machine before", ("load_before",)),
        Figure("Processes at rest", (FIRST, "at_rest", "processes"), "", "6"),
        Figure("Memory at rest, shared parts divided", (FIRST, "at_rest", "megabytes"), "MB",
            "350"),
        Figure("… after a prediction", (FIRST, "after_a_prediction", "megabytes"), "MB"),
        Figure("First start: the first page after", (FIRST, "first_page_seconds"), "s", "5"),
        Figure("First start: CPU of all processes", (FIRST, "cpu_seconds"), "s", "6"),
        Figure("Next start: the first page after", (NEXT, "first_page_seconds"), "s"),
        Figure("Next start: CPU of all processes", (NEXT, "cpu_seconds"), "s"),
        Figure("`manage.py predict` of ten rows, CPU", (PREDICT, "cpu_seconds"), "s", "2"),
        Figure("Bare: Django with its own apps, CPU", (BARE, "Django", "cpu_seconds"), "s"),
        Figure("Bare: Django with its own apps", (BARE, "Django", "megabytes"), "MB"),
        Figure("Bare: `import lightgbm, pandas`, CPU",
            (BARE, "import lightgbm, pandas", "cpu_seconds"), "s"),
        Figure("Bare: `import lightgbm, pandas`", (BARE, "import lightgbm, pandas", "megabytes"),
            "MB"),
    ),
    "catalogue": tuple(
        figure
        for name, words in (("sqlite", "SQLite"), ("postgresql", "PostgreSQL"))
        for figure in (
            Figure(f"{words}: load of the machine before", (name, "load_before")),
            Figure("Signals", (name, "signals")),
            Figure("Pages and lists asked for", (name, "asked")),
            Figure("Slowest, median", (name, "slowest_ms"), "ms", "100"),
            Figure("Slowest by the site's processor time", (name, "slowest_processor_ms"), "ms"),
            Figure("Slowest by the database's time", (name, "slowest_database_ms"), "ms"),
            Figure("Slower than 100 ms", (name, "slower_than_100_ms"), "", "none"),
            Figure("Most database queries", (name, "most_queries")),
            Figure("Spellings of names asked for", (name, "box", "spellings")),
            Figure("… found", (name, "box", "found"), "", "all"),
            Figure("… median", (name, "box", "median_ms"), "ms", "50"),
        )
    ),
    "curves": (
        *(
            Figure(f"{words}: recovered at S/N {low}–{high}", ("quiet", side, "recovered",
                f"{low}-{high}"), "", limit)
            for side, words in SIDES
            for low, high, limit in ((7, 10, "≥ 75 %"), (10, 15, "≥ 95 %"), (15, 60, "≥ 99 %"))
        ),
        *(
            Figure(f"{words}: period, depth and duration within 0.1, 10 and 10 %, S/N over 15",
                ("quiet", side, "within_0.1_10_10_percent"), "", "≥ 84 %")
            for side, words in SIDES
        ),
        *(
            Figure(f"{words}: planets with a veto", ("quiet", side, "vetoed"), "", "≤ 2 %")
            for side, words in SIDES
        ),
        Figure("Planets put into variable stars: recovered, S/N 15–60",
            ("variable", "recovered", "15-60")),
        Figure("Quiet curves with an alarm", ("alarms", "quiet", "alarms"), "", "≤ 2 %"),
        Figure("Variable ones", ("alarms", "variable", "alarms")),
        Figure("Known planets of the shared curves with a veto",
            ("shared_curves", "planets_vetoed"), "", "≤ 2 %"),
        Figure("Known eclipsing binaries flagged", ("shared_curves", "binaries_flagged"), "",
            "≥ 85 %"),
        Figure("Binaries put into quiet light: found ones flagged",
            ("simulated_binaries", "flagged_of_found"), "", "≥ 85 %"),
        *(
            Figure(f"{words}: {rest}", ("verdicts", side, *path), "", limit)
            for side, words in (("all", "Rows of TOI played"), ("judged", "… half that judges"))
            for rest, path, limit in (
                ("the catalogue row's verdict", ("same_verdict",), "≥ 95 %"),
                ("false positive becomes CONFIRMED", ("false_positive_becomes_confirmed",),
                    "≤ 1 %"),
            )
        ),
        *(
            Figure(f"Half that judges: {quantity} within one sigma", ("uncertainties", "all",
                "within_one_sigma", "judged", quantity), "", "62–74 %")
            for quantity in ("period", "epoch", "duration", "depth")
        ),
        Figure("CPU, one TESS sector with three planets", ("cpu_seconds_one_tess_sector",), "s",
            "≤ 5"),
        Figure("CPU, four years of Kepler with three planets",
            ("four_years_of_kepler", "cpu_seconds"), "s", "≤ 300"),
        Figure("… memory at its highest", ("four_years_of_kepler", "peak_megabytes"), "MB",
            "≤ 500"),
        Figure("… planets found", ("four_years_of_kepler", "planets_found"), "", "3"),
    ),
    "tables": (
        Figure("Values of public tables wrong without a word", ("wrong_without_a_word",), "", "0"),
        *(
            Figure(f"{name}, over the field's own reader", ("speed", name, "ratio"), "×", "2")
            for name in SPEEDS
        ),
    ),
    "serve": (
        Figure("Bare: features, booster and contributions, in process",
               (ONE, "bare_milliseconds", "features_booster_contributions"), "ms"),
        Figure("Bare: the site's own answer and explanation, in process",
               (ONE, "bare_milliseconds", "own_answer_and_explanation"), "ms"),
        Figure("`POST /predict` with explanation", (ONE, "served_milliseconds", "explained"), "ms"),
        Figure("… over bare", (ONE, "explained_over_bare"), "×", "1.6"),
        Figure("… over bare with the boosters of open signals",
               (ONE, "explained_over_bare_with_open_boosters"), "×"),
        Figure("… over the site's own bare", (ONE, "explained_over_own_bare"), "×"),
        Figure("`POST /predict?explain=false`", (ONE, "served_milliseconds", "unexplained"), "ms"),
        Figure("… more than its bare answer", (ONE, "unexplained_minus_bare_milliseconds"), "ms",
            "3"),
        Figure("`POST /predict?save=true`", (ONE, "served_milliseconds", "explained_and_saved"),
            "ms"),
        Figure("CPU per request, one web process", (TWO, "one", "cpu_milliseconds"), "ms"),
        Figure("CPU per request, two over one", (TWO, "cpu_two_over_one"), "×", "1.1"),
        Figure("Requests per second, one web process", (TWO, "one", "requests_per_second"), "/s"),
        Figure("Requests per second, two over one", (TWO, "throughput_two_over_one"), "×"),
        Figure("Site, whole answer with explanation",
            (FIVE, "milliseconds", "site_whole_answer_explained"), "ms"),
        Figure("FastAPI and `shap.TreeExplainer`", (FIVE, "milliseconds", "fastapi_explained"),
            "ms"),
        Figure("Site over FastAPI, with explanation", (FIVE, "site_over_fastapi_explained"), "×",
            "1"),
        Figure("Site over FastAPI, without", (FIVE, "site_over_fastapi_unexplained"), "×", "1"),
        Figure("Of FastAPI's time: the frame", (WHERE, "fastapi", "frame"), "ms"),
        Figure("Of FastAPI's time: the pipeline", (WHERE, "fastapi", "pipeline"), "ms"),
        Figure("Of FastAPI's time: the booster", (WHERE, "fastapi", "booster"), "ms"),
        Figure("Of FastAPI's time: `shap.TreeExplainer`", (WHERE, "fastapi", "tree_explainer"),
            "ms"),
        Figure("Of the site's time: its answer and explanation",
            (WHERE, "site", "own_answer_and_explanation"), "ms"),
    ),
    "load": (
        Figure("Errors", ("3*", "errors"), "", "0"),
        Figure("Processes whose memory grew", ("3*", "growing_processes"), "", "none"),
        Figure("Pages, median", ("3*", "median_milliseconds", "page"), "ms"),
        Figure("Single predictions, median", ("3*", "median_milliseconds", "predict"), "ms"),
        Figure("Single predictions answered", ("3*", "asked", "predict"), ""),
        Figure("Batches sent", ("3*", "asked", "batch sent"), ""),
        Figure("Rows per second, one worker", ("4 workers of a batch", "one_rows_per_second"),
            "/s"),
        Figure("Rows per second, two workers", ("4 workers of a batch", "two_rows_per_second"),
            "/s"),
        Figure("… two over one", ("4 workers of a batch", "two_over_one"), "×"),
    ),
    "pages": (
        Figure("Database", ("database",)),
        Figure("Predictions", ("predictions",)),
        Figure("Batches", ("batches",)),
        Figure("Addresses and views of them asked for", ("pages",)),
        Figure("Slowest", ("slowest_milliseconds",), "ms", "200"),
        Figure("Most database queries", ("most_queries",)),
        Figure("Slower than the limit", ("too_slow",), "", "none"),
    ),
    "batch": (
        Figure("CSV to result CSV, 100,000 rows", ("1*", "site", "seconds"), "s"),
        Figure("`read_csv`, the bare pipeline and `to_csv`", ("1*", "bare", "seconds"), "s"),
        Figure("… site over bare", ("1*", "site_over_bare"), "×", "1.5"),
        Figure("Peak memory, 1,000,000 rows", ("2*", "peak_megabytes_by_rows", "1000000"), "MB",
            "600"),
        Figure("… over that of 100,000 rows", ("2*", "flat", "largest_peak_over_tenth"), "×",
            "1.1"),
        Figure("Time per row, 1,000 rows", ("3*", "microseconds_per_row", "1000"), "µs"),
        Figure("Time per row, 10,000 rows", ("3*", "microseconds_per_row", "10000"), "µs"),
        Figure("Time per row, 100,000 rows", ("3*", "microseconds_per_row", "100000"), "µs"),
        Figure("Time per row, 1,000,000 rows", ("3*", "microseconds_per_row", "1000000"), "µs"),
        Figure("… over the fastest", ("3*", "largest_over_fastest"), "×", "1.25"),
        Figure("Two workers' time over one's, 200,000 rows", ("4*", "two_workers_over_one"), "×",
            "0.6"),
    ),
    "retraining": (
        Figure("Three full tables, the bare function", ("bare_training_seconds",), "s"),
        Figure("The same through the site", ("site_training_seconds",), "s"),
        Figure("… site over bare", ("training_ratio",), "×", "1.15"),
        Figure("`/predict` at rest, median", ("predict_at_rest_milliseconds",), "ms"),
        Figure("`/predict` during a training, median", ("predict_during_training_milliseconds",),
            "ms"),
        Figure("… during over at rest", ("predict_ratio",), "×", "2"),
        Figure("50,000 rows validated in", ("validation_seconds",), "s", "20"),
        Figure("… with at most", ("validation_megabytes",), "MB", "700"),
    ),
}  # fmt: skip


# What README.md says of each result, with its limit.
RATIOS: Final[Mapping[str, tuple[Figure, ...]]] = {
    "serve": (
        Figure(
            "`POST /predict` with explanation over the bare computation",
            (ONE, "explained_over_bare"),
            "×",
            "1.6",
        ),
        Figure(
            "Without explanation, more than the bare one",
            (ONE, "unexplained_minus_bare_milliseconds"),
            "ms",
            "3",
        ),
        Figure(
            "CPU per request, two web processes over one", (TWO, "cpu_two_over_one"), "×", "1.1"
        ),
        Figure(
            "Requests per second, two web processes over one", (TWO, "throughput_two_over_one"), "×"
        ),
        Figure(
            "Whole answer over FastAPI with `shap.TreeExplainer`",
            (FIVE, "site_over_fastapi_explained"),
            "×",
            "1",
        ),
    ),
    "load": (
        Figure("Errors in 15 minutes of mixed load", ("3*", "errors"), "", "0"),
        Figure(
            "Batch rows per second, two workers over one",
            ("4 workers of a batch", "two_over_one"),
            "×",
        ),
    ),
    "batch": (
        Figure(
            "A batch over the bare pipeline, 100,000 rows", ("1*", "site_over_bare"), "×", "1.5"
        ),
        Figure(
            "Peak memory of a batch of 1,000,000 rows",
            ("2*", "peak_megabytes_by_rows", "1000000"),
            "MB",
            "600",
        ),
        Figure("Two workers' time over one's", ("4*", "two_workers_over_one"), "×", "0.6"),
    ),
    "retraining": (
        Figure(
            "A training through the site over the bare function", ("training_ratio",), "×", "1.15"
        ),
        Figure("`/predict` during a training over at rest", ("predict_ratio",), "×", "2"),
    ),
    "pages": (
        Figure(
            "Slowest page with 1,000,000 predictions and 10,000 batches",
            ("slowest_milliseconds",),
            "ms",
            "200",
        ),
    ),
}


def table(name: str, found: Mapping[str, Any]) -> str:
    """The Markdown table of one result; rows that it has no number for are left out."""
    return "\n".join([*HEADS.get(name, HEAD), *rows_of(FIGURES[name], found)])


def rows_of(figures: tuple[Figure, ...], found: Mapping[str, Any]) -> list[str]:
    values = ((figure, _at(found, figure.path)) for figure in figures)
    return [
        f"| {f.words} | {_text(value, f.unit)} | {f.limit} |"
        for f, value in values
        if value is not None
    ]


def ratios() -> str:
    """One table of what all results have to say to who reads README.md."""
    rows = [
        row
        for name, figures in RATIOS.items()
        if (found := _result(name))
        for row in rows_of(figures, found)
    ]
    return (
        "\n".join([*HEAD, *rows])
        if rows
        else "No result is kept; docs/performance.md says which command makes one."
    )


def _result(name: str) -> dict[str, Any]:
    path = RESULTS / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found


def _at(found: Any, path: tuple[str, ...]) -> Any:
    """The value at ``path``; a part that ends in *
    stands for the first name that begins like it."""
    for part in path:
        if part.endswith("*") and isinstance(found, dict):
            part = next((name for name in found if name.startswith(part[:-1])), part)
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _text(value: Any, unit: str) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, dict):
        return _share(value)
    return f"{value:,} {unit}".rstrip() if isinstance(value, int | float) else str(value)


def _share(value: Mapping[str, Any]) -> str:
    """A share with its interval, of how many."""
    if not value["of"]:
        return "none"
    low, high = value["interval_95"]
    return f"{value['share']:.1%} of {value['of']} ({low:.0%}–{high:.0%})".replace("%", " %")


def section(name: str) -> str:
    command = f"`python -m benchmarks.{name} --json > benchmarks/results/{name}.json`"
    if not (found := _result(name)):
        return f"No result is kept; {command} makes one."
    return f"{table(name, found)}\n\nPrinted by {command}."


def filled(text: str) -> str:
    """``text`` with every block of figures written anew."""
    text = BLOCK.sub(lambda block: f"{block[1]}\n{section(block['name'])}\n\n{block[3]}", text)
    return RATIO_BLOCK.sub(lambda block: f"{block[1]}\n{ratios()}\n\n{block[2]}", text)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="change nothing; status 1 where a table is not up to date",
    )
    options = parser.parse_args()
    for document in DOCUMENTS:
        before = document.read_text(encoding="utf-8")
        if filled(before) != before and options.check:
            sys.exit(f"{document.name} is not what the results say: python -m benchmarks.report")
        document.write_text(filled(before), encoding="utf-8")


if __name__ == "__main__":
    main()
