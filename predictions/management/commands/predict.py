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
from django.db import OperationalError, ProgrammingError

from predictions.contributions import MAX_CONTRIBUTIONS
from predictions.management.commands._parquet import is_parquet, parquet_predict
from training.ml.errors import UserError, join_words
from training.ml.schema import DISPOSITIONS, Mission, parse_mission
from training.models import ModelVersion

if TYPE_CHECKING:
    import pandas as pd

    from training.ml.data_loader import TableReader
    from training.ml.model import ExoplanetClassifier

UNUSABLE_FILE = 2  # exit status


class Command(BaseCommand):
    help = (
        "Writes every row of INPUT to OUTPUT, in order and untouched, with the predicted disposition, probabilities, "
        "what is missing and what is unusual behind it. A file that cannot be used ends with status 2."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "input",
            type=Path,
            metavar="INPUT",
            help="a table of signals: CSV, TSV, also gzipped; or Parquet with the columns of the batch template, "
            "a file or a folder of files, for which OUTPUT becomes a folder of Parquet files",
        )
        parser.add_argument(
            "output", type=Path, nargs="?", metavar="OUTPUT", help="CSV to write; gzipped if it ends in .gz"
        )
        parser.add_argument("--to", type=Path, metavar="OUTPUT", help="the same as OUTPUT")
        parser.add_argument(
            "--dask",
            metavar="ADDRESS",
            help="share the row groups of a Parquet INPUT among the workers of this Dask scheduler (tcp://host:8786)",
        )
        parser.add_argument(
            "--mission",
            type=mission_named,
            help=f"{join_words(tuple(Mission), 'or')}; recognised from the columns unless given",
        )
        parser.add_argument("--model-version", metavar="NAME", help="another version than the one in service")
        parser.add_argument(
            "--explain",
            type=contribution_count,
            default=0,
            metavar="N",
            help="add the N strongest contributions to each answer; takes much longer",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        source, target = options["input"], options["output"] or options["to"]
        if target is None or (options["output"] and options["to"]):
            raise CommandError("Name one OUTPUT, behind INPUT or with --to.", returncode=UNUSABLE_FILE)
        try:
            if is_parquet(source):
                parquet_predict(self, source, target, options)
                return
            if options["dask"]:
                raise CommandError("--dask shares Parquet files; INPUT is none.", returncode=UNUSABLE_FILE)
            self._predict(source, target, options["mission"], options["model_version"], options["explain"])
        except UserError as error:
            raise CommandError(error.message, returncode=UNUSABLE_FILE) from error
        except OSError as error:
            what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
            raise CommandError(f"{what}.", returncode=UNUSABLE_FILE) from error

    def _predict(
        self, source: Path, target: Path, mission: Mission | None, version_name: str | None, explain: int
    ) -> None:
        from training.ml.data_loader import open_table

        check_paths(source, target)
        version = find_version(version_name)
        classifier = load_classifier(version)
        reader = open_table(source, mission=mission)
        with replaced_when_complete(target) as file:
            counts = self._classify(reader, classifier, version.name, explain, file)
        self.stderr.write(summary(reader.rows, counts, target))

    def _classify(
        self, reader: TableReader, classifier: ExoplanetClassifier, version_name: str, explain: int, file: IO[str]
    ) -> Counter[str]:
        from predictions.contributions import reason_columns, with_reasons
        from predictions.tables import ANSWER_COLUMNS, chunk_csv, classify_chunk, free_names, header_csv

        names = free_names([*ANSWER_COLUMNS, *reason_columns(explain)], reader.columns)
        for wanted, free in names.items():
            if wanted != free:
                self.stderr.write(f"The table already has a column {wanted}; the new one is called {free}.")
        file.write(header_csv(reader.columns, list(names.values())))
        progress, counts = Progress(reader.rows, self.stderr), Counter[str]()
        for chunk in reader.chunks():
            answers = classify_chunk(chunk, classifier, version_name)
            file.write(chunk_csv(chunk, with_reasons(answers, chunk.table, classifier, explain)))
            counts.update(tally(answers))
            progress.show(counts.total())
        progress.clear()
        return counts


class Progress:
    """One line that rewrites itself on a terminal, and nothing where a log would keep each of them."""

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
        raise ArgumentTypeError(f"“{text}” is not a mission; choose {join_words(tuple(Mission), 'or')}.")
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
        raise CommandError(f"There is no folder {target.parent} to write into.", returncode=UNUSABLE_FILE)
    if target.exists() and target.samefile(source):
        raise CommandError("INPUT and OUTPUT are the same file; name another OUTPUT.", returncode=UNUSABLE_FILE)


def find_version(name: str | None) -> ModelVersion:
    try:
        return ModelVersion.objects.get(name=name) if name else ModelVersion.objects.active()
    except (OperationalError, ProgrammingError) as error:
        raise CommandError(f"The database cannot be used ({error}); run manage.py migrate first.") from error
    except ModelVersion.DoesNotExist as error:
        if not name:
            raise CommandError(
                "No model version is in service; train one with manage.py train_model --activate."
            ) from error
        known = join_words(list(ModelVersion.objects.values_list("name", flat=True)[:10])) or "none"
        raise CommandError(f"There is no model version {name}. Known: {known}.", returncode=UNUSABLE_FILE) from error


def load_classifier(version: ModelVersion) -> ExoplanetClassifier:
    try:
        return version.classifier
    except UserError as error:  # the version's fault, not the file's
        raise CommandError(error.message) from error


@contextmanager
def replaced_when_complete(target: Path) -> Iterator[IO[str]]:
    """A text file that takes its name only once all of it is written: half a result is never left behind."""
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
        return io.TextIOWrapper(gzip.open(path, "wb", compresslevel=6), encoding="utf-8", newline="")
    return path.open("w", encoding="utf-8", newline="")


def tally(answers: pd.DataFrame) -> Counter[str]:
    counts = answers["predicted_disposition"].value_counts()
    return Counter({str(disposition): int(number) for disposition, number in counts.items()})


def summary(rows: int, counts: Counter[str], target: Path) -> str:
    classified = join_words([f"{counts[disposition]:,} {disposition}" for disposition in DISPOSITIONS])
    unusable = f"; {counts['']:,} could not be used, each with its reason in the column warnings" if counts[""] else ""
    return f"{rows:,} rows written to {target}: {classified}{unusable}."
