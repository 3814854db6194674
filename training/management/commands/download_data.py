"""Fetch the tables that a classifier learns from, straight from the NASA Exoplanet Archive."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from shlex import quote
from typing import Any

import requests
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, OutputWrapper

from training.ml.archive.client import Archive, RetryPolicy
from training.ml.archive.download import TABLES, Progress, Stage, fetch_table, table_of
from training.ml.archive.errors import ArchiveError
from training.ml.archive.snapshots import Snapshot
from training.ml.errors import UnknownMission, UserError
from training.ml.schema import Mission, parse_mission


def downloadable_mission(text: str) -> Mission:
    try:
        mission = parse_mission(text)
        if mission is None:
            raise UnknownMission(text, TABLES)
        return table_of(mission).mission
    except UnknownMission as error:
        raise ArgumentTypeError(str(error)) from error


def positive_seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= 86_400:
        raise ArgumentTypeError(f"“{text}” is not a number of seconds between 0 and 86,400.")
    return seconds


def retries(text: str) -> int:
    if not text.isdecimal() or int(text) > 100:
        raise ArgumentTypeError(f"“{text}” is not a whole number from 0 to 100.")
    return int(text)


class TerminalProgress:
    """One line that is written over on a terminal; in a file or a pipe, a line per stage."""

    def __init__(self, out: OutputWrapper) -> None:
        self.out = out
        self.is_terminal = out.isatty()
        self.stage: tuple[Mission, Stage] | None = None

    def __call__(self, progress: Progress) -> None:
        entered = (progress.mission, progress.stage) != self.stage
        self.stage = (progress.mission, progress.stage)
        if progress.stage is Stage.WAITING:
            self._line(f"{progress.mission}: {progress.sentence}")
        elif self.is_terminal:
            ending = "\n" if progress.stage is Stage.FINISHED else ""
            self.out.write(f"\r\x1b[K{progress_words(progress)}", ending=ending)
            self.out.flush()
        elif entered:
            self._line(progress_words(progress))

    def _line(self, words: str) -> None:
        self.out.write(f"\r\x1b[K{words}" if self.is_terminal else words)
        self.out.flush()


def progress_words(progress: Progress) -> str:
    beginning = f"{progress.mission}: {progress.stage}"
    if progress.expected is None:
        return f"{beginning} rows"
    if progress.stage is not Stage.DOWNLOADING:
        return f"{beginning}, {progress.expected:,} rows"
    share = min(progress.rows / progress.expected, 1)
    return (
        f"{beginning} {progress.rows:,} of {progress.expected:,} rows ({share:.0%},"
        f" {progress.size / 1e6:.1f} MB)"
    )


class Command(BaseCommand):
    help = (
        "Downloads the tables of the NASA Exoplanet Archive: the Kepler, TESS and K2 signals, with"
        " the columns that the classifier reads. Each is checked and gets a dated name; earlier"
        " downloads stay. If the archive turns scripts away, the command says how to get the table"
        " with a browser."
    )

    requires_system_checks = ()  # neither pages nor database are needed to fetch a table

    def add_arguments(self, parser: ArgumentParser) -> None:
        patience = RetryPolicy()
        parser.add_argument(
            "--mission",
            action="append",
            type=downloadable_mission,
            metavar="MISSION",
            help="Kepler, TESS or K2; may be repeated. Without it: all three.",
        )
        parser.add_argument(
            "--to",
            type=Path,
            metavar="DIR",
            help="Folder for the tables. Without it: raw/ in DATA_DIR.",
        )
        parser.add_argument(
            "--timeout",
            type=positive_seconds,
            default=patience.timeout,
            metavar="SECONDS",
            help="Longest silence of the archive before trying again (default: %(default)g).",
        )
        parser.add_argument(
            "--retries",
            type=retries,
            default=patience.retries,
            metavar="N",
            help="How often to try again, with growing pauses (default: %(default)s).",
        )
        parser.add_argument(
            "--all-columns",
            action="store_true",
            help="Every column of the table, not only those the classifier reads.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        missions = list(dict.fromkeys(options["mission"] or TABLES))
        folder = (options["to"] or settings.DATA_DIR / "raw").expanduser().absolute()
        patience = RetryPolicy(timeout=options["timeout"], retries=options["retries"])
        archive = Archive(requests.Session(), settings.EXOPLANET_ARCHIVE_URL, patience)
        kept = [
            self.fetch(mission, folder, archive, all_columns=options["all_columns"])
            for mission in missions
        ]
        self.finish([snapshot for snapshot in kept if snapshot is not None], len(missions))

    def fetch(
        self, mission: Mission, folder: Path, archive: Archive, *, all_columns: bool
    ) -> Snapshot | None:
        """The mission's table, or None after saying why not: one table's trouble must not cost the
        others."""
        progress = TerminalProgress(self.stdout)
        try:
            snapshot = fetch_table(
                mission, folder, archive=archive, progress=progress, all_columns=all_columns
            )
        except UserError as error:
            lines = (error.what, *error.steps) if isinstance(error, ArchiveError) else (str(error),)
            self.stderr.write("\n  ".join(lines))
            return None
        self.stdout.write(
            f"{mission}: {snapshot.rows:,} rows and {len(snapshot.columns)} columns are in"
            f" {snapshot.path} (SHA-256 {snapshot.sha256})."
        )
        return snapshot

    def finish(self, kept: list[Snapshot], asked: int) -> None:
        if kept:
            tables = " ".join(
                f"--{snapshot.mission.lower()} {quote(str(snapshot.path))}" for snapshot in kept
            )
            self.stdout.write(
                f"To train with what was downloaded: python manage.py train_model {tables}"
            )
        failed = asked - len(kept)
        if failed:
            raise CommandError(
                f"{failed} of {asked} tables could not be downloaded; the reasons stand above."
            )
