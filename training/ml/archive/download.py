"""The NASA Exoplanet Archive's Table Access Protocol service: ask for a table, be patient, check
the answer, keep it.

https://exoplanetarchive.ipac.caltech.edu/docs/TAP/usingTAP.html. Answers are streamed with neither
a length nor ranges, so a broken transfer starts anew, and only the archive's own row count tells a
whole table from the beginning of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Final

from training.ml.archive.answers import (
    HEAD,
    check_header,
    check_is_table,
    check_last_line,
    count_rows,
    cut_off,
    read_count,
    read_header,
)
from training.ml.archive.client import Archive, query_address
from training.ml.archive.errors import AttemptFailed
from training.ml.archive.snapshots import (
    Snapshot,
    disk_errors,
    download_folder,
    latest_snapshot,
    part_file,
    snapshot_keep,
)
from training.ml.errors import UnknownMission, join_words
from training.ml.files import file_sha256
from training.ml.schema import LAYOUTS, Mission, source_columns

TABLE_PAGE: Final = (
    "https://exoplanetarchive.ipac.caltech.edu/cgi-bin/TblView/nph-tblView?app=ExoTbls&config="
)


@dataclass(frozen=True)
class ArchiveTable:
    mission: Mission
    layout: str
    name: str  # in TAP queries
    page: str  # the interactive table of the same content
    doi: str
    extra_columns: tuple[str, ...] = ()  # read to choose rows, never a feature

    @property
    def columns(self) -> tuple[str, ...]:
        """Who the signal is, what it is held for, where it stands, what feeds its features; each
        once."""
        layout = LAYOUTS[self.layout]
        identity = (layout.signal_column, layout.star_column, layout.disposition_column)
        when = (layout.epoch_column,) if layout.epoch_column else ()
        position = (layout.ra_column, layout.dec_column, *when)
        sources = source_columns(self.layout)
        return tuple(
            dict.fromkeys(
                (*identity, *self.extra_columns, *position, *sources, *_limit_columns(sources))
            )
        )

    def beside(self, more: Sequence[str]) -> ArchiveTable:
        """The table asked for with further columns, for those who keep names and dates."""
        return replace(self, extra_columns=(*self.extra_columns, *more))

    def query(self, columns: Sequence[str]) -> str:
        return " ".join(("select", ",".join(columns) or "*", "from", self.name))

    @property
    def count_query(self) -> str:
        return self.query(["count(*)"])


def _limit_columns(sources: Sequence[str]) -> Iterator[str]:
    """The flags that tell an upper or lower limit from a measurement.

    The TOI and K2 tables keep one beside each value of a planet (pl_) or star (st_), none beside a
    system’s (sy_).
    """
    for column in sources:
        if column.startswith(("pl_", "st_")) and not column.endswith(("err1", "err2")):
            yield f"{column}lim"


TABLES: Final[Mapping[Mission, ArchiveTable]] = MappingProxyType(
    {
        table.mission: table
        for table in (
            ArchiveTable(
                Mission.KEPLER, "koi", "cumulative", f"{TABLE_PAGE}cumulative", "10.26133/NEA4"
            ),
            # The archive mirrors this table from ExoFOP, whose identifier it is cited by.
            ArchiveTable(Mission.TESS, "toi", "toi", f"{TABLE_PAGE}TOI", "10.26134/ExoFOP5"),
            ArchiveTable(
                Mission.K2,
                "k2",
                "k2pandc",
                f"{TABLE_PAGE}k2pandc",
                "10.26133/NEA19",
                # One object has a row per publication, the newest counts more, and some rows are no
                # transits.
                ("default_flag", "discoverymethod", "pl_pubdate"),
            ),
        )
    }
)


def table_of(mission: Mission) -> ArchiveTable:
    if mission not in TABLES:
        raise UnknownMission(mission, TABLES)
    return TABLES[mission]


def steps_by_hand(table: ArchiveTable, url: str, *, all_columns: bool = False) -> tuple[str, ...]:
    """How to get the table with a browser, which the archive answers even where it turns scripts
    away."""
    columns = () if all_columns else table.columns
    option = f"--{table.mission.lower()}"
    return (
        (
            f"By hand: open {table.page} in a browser, tick {join_words(columns) or 'all columns'}"
            " under “Select Columns”, and download the table as CSV."
        ),
        (
            "The same table without ticking, saved from the browser as a .csv file: "
            f"{query_address(url, table.query(columns))}"
        ),
        (
            "Then upload the file on the page “Datasets” of the site, or train with it on the"
            f" command line: python manage.py train_model {option} FILE"
        ),
    )


class Stage(StrEnum):
    COUNTING = "counting"
    DOWNLOADING = "downloading"
    CHECKING = "checking"
    WAITING = "waiting"
    FINISHED = "finished"


@dataclass(frozen=True)
class Progress:
    """Where a download is. ``expected`` is the archive's own row count, once we know it."""

    mission: Mission
    stage: Stage
    rows: int = 0
    expected: int | None = None
    size: int = 0  # bytes
    sentence: str = ""


def _silent(_: Progress) -> None:
    pass


def fetch_table(
    mission: Mission,
    folder: Path,
    *,
    archive: Archive | None = None,
    progress: Callable[[Progress], None] = _silent,
    all_columns: bool = False,
    more: Sequence[str] = (),
) -> Snapshot:
    """Download the mission's table into ``folder``, checked, under a dated name; earlier snapshots
    stay. ``more``: columns beside those that feed features.

    ``progress`` is called in this thread; whatever it raises stops the download and leaves nothing
    behind. Raises a subclass of ArchiveError, whose steps say how to get the table by hand, or
    DownloadUnderWay.
    """
    table = table_of(mission).beside(more)
    download = _Download(table, folder, archive or Archive(), progress, all_columns)
    try:
        with download_folder(folder, download.table.name):
            return download.persist()
    except AttemptFailed as failure:
        what = (
            f"The {mission} table was not downloaded. {failure.what}"
            f" {_kept_sentence(folder, mission)}"
        )
        steps = steps_by_hand(download.table, download.archive.url, all_columns=all_columns)
        raise failure.error(what, steps) from failure


def _kept_sentence(folder: Path, mission: Mission) -> str:
    kept = latest_snapshot(folder, mission)
    if kept is None:
        return "Nothing was lost; there was no earlier download."
    return (
        f"Nothing was lost: the last good download, {kept.path} of {kept.downloaded_at:%Y-%m-%d},"
        " is still there."
    )


@dataclass(frozen=True)
class _Download:
    table: ArchiveTable
    folder: Path
    archive: Archive
    progress: Callable[[Progress], None]
    all_columns: bool

    def persist(self) -> Snapshot:
        """Attempt until it works, the trouble is no passing one, or patience ends."""
        patience = self.archive.patience
        failures = 0
        while True:
            try:
                return self.attempt()
            except AttemptFailed as failure:
                failures += 1
                if not failure.passing:
                    raise
                if failures > patience.retries:
                    raise _after(failures, failure) from failure
                self._wait(patience.pause(failures, failure.retry_after), failures, failure)

    def _wait(self, seconds: float, failures: int, failure: AttemptFailed) -> None:
        sentence = (
            f"{failure.what} Trying again in {seconds:.0f} s ({failures} of"
            f" {self.archive.patience.retries} retries)."
        )
        self._report(Stage.WAITING, sentence=sentence)
        self.archive.patience.sleep(seconds)

    def attempt(self) -> Snapshot:
        """Count and table in one go: a table that grew
        between two attempts must be counted anew."""
        self._report(Stage.COUNTING)
        count = b"".join(self.archive.chunks(self.table.count_query, limit=HEAD))
        expected = read_count(self.archive.host, count)
        now = self.archive.patience.now()
        path = self.folder / f"{self.table.name}_{now:%Y-%m-%dT%H-%M-%SZ}.csv"
        with part_file(path) as part:
            self._stream(part, expected)
            self._report(Stage.CHECKING, expected=expected)
            header = self._check(part, expected, count)
            snapshot = self._snapshot(part, path, header, expected, now)
            snapshot_keep(snapshot, part)
        self._report(Stage.FINISHED, rows=snapshot.rows, expected=expected, size=snapshot.size)
        return snapshot

    def _stream(self, part: Path, expected: int) -> None:
        with disk_errors(self.folder):
            file: BinaryIO = part.open("wb")
        lines = 0
        with (
            _closed_in_words(file, self.folder),
            closing(self.archive.chunks(self.query)) as chunks,
        ):
            for chunk in chunks:
                with disk_errors(self.folder):
                    file.write(chunk)
                lines += chunk.count(b"\n")
                self._report(
                    Stage.DOWNLOADING, rows=max(lines - 1, 0), expected=expected, size=file.tell()
                )

    def _check(self, part: Path, expected: int, count: bytes) -> tuple[str, ...]:
        """The header of a table that is whole; AttemptFailed if it is none, another one, or not all
        of it."""
        host = self.archive.host
        head, tail = _ends(part)
        check_is_table(host, head)
        header = read_header(part)
        check_header(host, header, self.table.columns, more_allowed=self.all_columns)
        rows = count_rows(host, part)
        if rows != expected:
            raise cut_off(host, f"it has {rows:,} rows where the archive counts {expected:,}")
        check_last_line(host, tail, like=count)
        return header

    def _snapshot(
        self, part: Path, path: Path, header: tuple[str, ...], rows: int, now: datetime
    ) -> Snapshot:
        return Snapshot(
            path=path,
            mission=self.table.mission,
            table=self.table.name,
            doi=self.table.doi,
            address=self.archive.url,
            query=self.query,
            columns=header,
            rows=rows,
            size=part.stat().st_size,
            sha256=file_sha256(part),
            downloaded_at=now,
        )

    @property
    def query(self) -> str:
        return self.table.query(() if self.all_columns else self.table.columns)

    def _report(
        self,
        stage: Stage,
        *,
        rows: int = 0,
        expected: int | None = None,
        size: int = 0,
        sentence: str = "",
    ) -> None:
        self.progress(Progress(self.table.mission, stage, rows, expected, size, sentence))


@contextmanager
def _closed_in_words(file: BinaryIO, folder: Path) -> Iterator[None]:
    """Close ``file``; a disk may turn out to be full only when the last buffer is written."""
    try:
        yield
    except BaseException:
        # The first error is the one to tell; closing a file on a full disk fails a second time.
        with suppress(OSError):
            file.close()
        raise
    with disk_errors(folder):
        file.close()


def _ends(path: Path) -> tuple[bytes, bytes]:
    """The first bytes of a file and its very last one."""
    with path.open("rb") as file:
        head = file.read(HEAD)
        file.seek(max(path.stat().st_size - 1, 0))
        return head, file.read()


def _after(attempts: int, failure: AttemptFailed) -> AttemptFailed:
    times = "once" if attempts == 1 else f"{attempts} times"
    return AttemptFailed(failure.error, f"{failure.what} We asked {times}.")
