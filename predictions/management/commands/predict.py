"""Classify every signal of a table: `manage.py predict INPUT OUTPUT`."""

from __future__ import annotations

import gzip
import io
import time
from argparse import ArgumentTypeError
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import IO, TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from predictions.management.commands._answering import (
    UNUSABLE_FILE,
    find_version,
    load_classifier,
    print_doubts,
    summary,
)
from predictions.management.commands._mappings import mapping_named
from predictions.management.commands._parquet import is_harmonised, parquet_predict
from predictions.signals.contributions import MAX_CONTRIBUTIONS
from training.ml.errors import UserError, join_words
from training.ml.schema import Mission, parse_mission
from training.ml.tables.reading.content import FORMATS_READ

if TYPE_CHECKING:
    import pandas as pd

    from training.ml.model import ExoplanetClassifier
    from training.ml.tables.data_loader import TableReader
    from training.ml.tables.doubting.doubts import Doubts


def _add_files(parser: CommandParser) -> None:
    parser.add_argument(
        "input",
        type=Path,
        metavar="INPUT",
        help=(
            f"a table of signals: {FORMATS_READ}; Parquet with the columns of the batch"
            " template, a file or a folder of files, makes OUTPUT a folder of Parquet files"
        ),
    )
    parser.add_argument(
        "output",
        type=Path,
        nargs="?",
        metavar="OUTPUT",
        help="CSV to write; gzipped if it ends in .gz",
    )
    parser.add_argument("--to", type=Path, metavar="OUTPUT", help="the same as OUTPUT")
    parser.add_argument(
        "--dask",
        metavar="ADDRESS",
        help=(
            "share the row groups of a Parquet INPUT among the workers of this Dask scheduler"
            " (tcp://host:8786)"
        ),
    )


def _add_reading(parser: CommandParser) -> None:
    parser.add_argument(
        "--mission",
        type=mission_named,
        help=f"{join_words(tuple(Mission), 'or')}; recognised from the columns unless given",
    )
    parser.add_argument(
        "--mapping",
        metavar="FILE|NAME",
        help=(
            "how the columns are read: a JSON file as the preview suggests one, or the name of"
            " a mapping that somebody keeps on the site"
        ),
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="write nothing and end with status 3 where units look mistaken",
    )


def _add_answering(parser: CommandParser) -> None:
    parser.add_argument(
        "--model-version", metavar="NAME", help="another version than the one in service"
    )
    parser.add_argument(
        "--explain",
        type=contribution_count,
        default=0,
        metavar="N",
        help="add the N strongest contributions to each answer; takes much longer",
    )


class Command(BaseCommand):
    help = (
        "Writes every row of INPUT to OUTPUT, in order and untouched, with the predicted"
        " disposition, probabilities, what is missing and what is unusual behind it. A file that"
        " cannot be used ends with status 2; units that look mistaken are named, and with --strict"
        " end with status 3."
    )

    requires_system_checks = ()  # they would load every page of the site

    def add_arguments(self, parser: CommandParser) -> None:
        _add_files(parser)
        _add_reading(parser)
        _add_answering(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        source, target = options["input"], options["output"] or options["to"]
        if target is None or (options["output"] and options["to"]):
            raise CommandError(
                "Name one OUTPUT, behind INPUT or with --to.", returncode=UNUSABLE_FILE
            )
        try:
            if is_harmonised(source) and not options["mapping"]:
                parquet_predict(self, source, target, options)
                return
            if options["dask"]:
                raise CommandError(
                    "--dask shares Parquet files; INPUT is none.", returncode=UNUSABLE_FILE
                )
            self._predict(source, target, options)
        except UserError as error:
            raise CommandError(error.message, returncode=UNUSABLE_FILE) from error
        except OSError as error:
            what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
            raise CommandError(f"{what}.", returncode=UNUSABLE_FILE) from error

    def _predict(self, source: Path, target: Path, options: dict[str, Any]) -> None:
        from training.ml.tables.data_loader import open_table

        check_paths(source, target)
        version = find_version(options["model_version"])
        classifier = load_classifier(version)
        reader = open_table(
            source, mission=options["mission"], mapping=mapping_named(options["mapping"])
        )
        for problem in reader.problems:
            self.stderr.write(problem.sentence)
        with replaced_when_complete(target) as file:
            counts, doubts = self._classify(
                reader, classifier, version.name, options["explain"], file
            )
            print_doubts(self, doubts, strict=options["strict"])
        self.stderr.write(summary(reader.rows, counts, target))

    def _classify(
        self,
        reader: TableReader,
        classifier: ExoplanetClassifier,
        version_name: str,
        explain: int,
        file: IO[str],
    ) -> tuple[Counter[str], Doubts]:
        from predictions.answers import (
            ANSWER_COLUMNS,
            chunk_csv,
            classify_chunk,
            free_names,
            header_csv,
            with_known_neighbours,
        )
        from predictions.signals.contributions import reason_columns, with_reasons
        from training.ml.tables.doubting.doubts import Doubts

        names = free_names([*ANSWER_COLUMNS, *reason_columns(explain)], reader.columns)
        for wanted, free in names.items():
            if wanted != free:
                self.stderr.write(
                    f"The table already has a column {wanted}; the new one is called {free}."
                )
        file.write(header_csv(reader.columns, list(names.values())))
        progress, counts, doubts = Progress(reader.rows, self.stderr), Counter[str](), Doubts()
        for chunk in reader.chunks():
            doubts.look(chunk.table, chunk.first_row, chunk.plan)
            chunk = with_known_neighbours(chunk, classifier)
            answers = classify_chunk(chunk, classifier, version_name)
            file.write(chunk_csv(chunk, with_reasons(answers, chunk.table, classifier, explain)))
            counts.update(tally(answers))
            progress.show(counts.total())
        progress.clear()
        return counts, doubts


class Progress:
    """One line that rewrites itself on a terminal,
    and nothing where a log would keep each of them."""

    def __init__(self, rows: int, stream: Any) -> None:
        self.rows, self.stream, self.started, self.shown = rows, stream, time.monotonic(), 0.0

    def show(self, done: int) -> None:
        now = time.monotonic()
        if not self.stream.isatty() or now - self.shown < 0.2:
            return
        self.shown = now
        left = (now - self.started) / done * (self.rows - done)
        line = f"{done:,} of {self.rows:,} rows classified, about {left:,.0f} s left"
        self.stream.write(f"\r\x1b[K{line}", ending="")
        self.stream.flush()

    def clear(self) -> None:
        if self.shown:
            self.stream.write("\r\x1b[K", ending="")


def mission_named(text: str) -> Mission:
    mission = parse_mission(text)
    if mission is None:
        raise ArgumentTypeError(
            f"“{text}” is not a mission; choose {join_words(tuple(Mission), 'or')}."
        )
    return mission


def contribution_count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MAX_CONTRIBUTIONS:
        raise ArgumentTypeError(f"“{text}” is not a number from 1 to {MAX_CONTRIBUTIONS}.")
    return int(text)


def check_paths(source: Path, target: Path) -> None:
    if not source.is_file():
        raise CommandError(f"There is no file {source}.", returncode=UNUSABLE_FILE)
    if target.is_dir():
        raise CommandError(f"{target} is a folder; name a file to write.", returncode=UNUSABLE_FILE)
    if not target.parent.is_dir():
        raise CommandError(
            f"There is no folder {target.parent} to write into.", returncode=UNUSABLE_FILE
        )
    if target.exists() and target.samefile(source):
        raise CommandError(
            "INPUT and OUTPUT are the same file; name another OUTPUT.", returncode=UNUSABLE_FILE
        )


@contextmanager
def replaced_when_complete(target: Path) -> Iterator[IO[str]]:
    """A text file that takes its name only once all of it is written: half a result is never left
    behind."""
    draft = target.with_name(f".{target.name}.{token_hex(4)}.part")
    try:
        with open_text(draft, compressed=target.suffix == ".gz") as file:
            yield file
        draft.replace(target)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


def open_text(path: Path, *, compressed: bool) -> IO[str]:
    if compressed:
        return io.TextIOWrapper(
            gzip.open(path, "wb", compresslevel=6), encoding="utf-8", newline=""
        )
    return path.open("w", encoding="utf-8", newline="")


def tally(answers: pd.DataFrame) -> Counter[str]:
    counts = answers["predicted_disposition"].value_counts()
    return Counter({str(disposition): int(number) for disposition, number in counts.items()})
