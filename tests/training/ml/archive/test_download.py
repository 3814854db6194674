"""Downloading from an archive that really answers over HTTP, and really misbehaves."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import requests

from tests import misbehaving_archive as wrong
from tests.misbehaving_archive import ROWS, Answer, MisbehavingArchive, healthy, misbehaving_archive
from training.ml.archive.answers import error_said
from training.ml.archive.client import ARCHIVE_URL, Archive, RetryPolicy, retry_after_seconds
from training.ml.archive.download import TABLES, Progress, Stage, fetch_table, table_of
from training.ml.archive.errors import (
    ArchiveAnswerDamaged,
    ArchiveBlocked,
    ArchiveError,
    ArchiveRefused,
    ArchiveUnreachable,
    DownloadUnderWay,
    FolderUnusable,
)
from training.ml.archive.snapshots import latest_snapshot, snapshots
from training.ml.errors import UnknownMission, UserError
from training.ml.schema import LAYOUTS, Mission, source_columns

ROOT = Path(__file__).resolve().parents[4]
NOW = datetime(2026, 11, 23, 19, 40, 12, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[MisbehavingArchive]:
    with misbehaving_archive() as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    return folder


class Pauses(list[float]):
    """What would have been slept, in seconds."""


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


def archive_at(
    url: str, pauses: Pauses, *, retries: int = 2, timeout: float = 5, now: datetime = NOW
) -> Archive:
    session = requests.Session()
    session.trust_env = False  # no proxy between the test and its server
    patience = RetryPolicy(
        timeout=timeout,
        retries=retries,
        sleep=pauses.append,
        now=lambda: now,
        chance=lambda: 1.0,
        longest_pause=60,
    )
    return Archive(session, url, patience)


@pytest.fixture
def archive(server: MisbehavingArchive, pauses: Pauses) -> Archive:
    return archive_at(server.url, pauses)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# --- What is asked for ----------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_a_query_asks_for_every_feature_and_for_who_and_where_the_signal_is(table):
    layout = LAYOUTS[table.layout]
    query = table.query(table.columns)
    assert query.startswith("select ") and query.endswith(f" from {table.name}")
    asked = query.split()[1].split(",")
    assert set(source_columns(table.layout)) <= set(asked)
    assert {
        layout.signal_column,
        layout.star_column,
        layout.disposition_column,
        "ra",
        "dec",
    } <= set(asked)
    assert len(asked) == len(set(asked))


def test_a_query_asks_which_values_are_only_limits_where_the_table_says_so():
    limits = {
        mission: [c for c in table.columns if c.endswith("lim")]
        for mission, table in TABLES.items()
    }
    assert {mission: len(columns) for mission, columns in limits.items()} == {
        Mission.KEPLER: 0,
        Mission.TESS: 13,
        Mission.K2: 17,
    }
    assert {"pl_trandeplim", "st_radlim"} <= set(limits[Mission.TESS]) & set(limits[Mission.K2])


def test_no_query_asks_for_a_column_that_knows_the_answer():
    leaks = {
        "koi_score",
        "koi_pdisposition",
        "koi_comment",
        "koi_disp_prov",
        "kepler_name",
        "koi_vet_stat",
        "koi_vet_date",
        "koi_fpflag_nt",
        "koi_fpflag_ss",
        "koi_fpflag_co",
        "koi_fpflag_ec",
        "rowupdate",
        "toi_created",
        "ctoi_alias",
        "soltype",
        "sy_pnum",
        "k2_name",
        "pl_letter",
        "pl_bmasse",
        "pl_orbeccen",
        "disc_year",
        "disc_facility",
        "disp_refname",
        "pl_refname",
        "st_refname",
        "sy_refname",
        "disc_pubdate",
        "pl_controv_flag",
    }
    asked = {column for table in TABLES.values() for column in table.columns}
    assert len(asked) > 90
    assert not asked & leaks


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("mission", "file", "width"),
    [
        (Mission.KEPLER, "cumulative_sample_141_columns.csv", 141),
        (Mission.TESS, "TOI_2025.10.01_87_columns.csv", 87),
        (Mission.K2, "k2pandc_sample_295_columns.csv", 295),
    ],
)
def test_the_archive_has_every_column_that_is_asked_for(mission, file, width, shared_data):
    with (shared_data / "all_columns" / file).open(encoding="utf-8-sig", newline="") as lines:
        header = next(csv.reader(lines))
    assert len(header) == width
    assert [column for column in TABLES[mission].columns if column not in header] == []


@pytest.mark.shared_data
def test_a_real_table_comes_through_as_it_is(shared_data, server, archive, folder):
    source = shared_data / "all_columns" / "TOI_2025.10.01_87_columns.csv"
    with source.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    server.rows, server.table = len(rows), [wrong.serving(rows)]
    snapshot = fetch_table(Mission.TESS, folder, archive=archive)
    with snapshot.path.open(newline="") as lines:
        kept = list(csv.DictReader(lines))
    assert len(kept) == snapshot.rows == 7699
    assert kept == [{column: row[column] for column in snapshot.columns} for row in rows]


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_the_guide_lists_what_is_asked_for(table):
    guide = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    assert f"```\n{', '.join(table.columns)}\n```" in guide.replace(",\n", ", ")
    assert table.page in guide
    assert table.doi in guide


def test_other_has_no_table_in_the_archive():
    with pytest.raises(UnknownMission, match="Kepler, TESS or K2"):
        table_of(Mission.OTHER)


# --- A good day -----------------------------------------------------------------------------------


@pytest.mark.parametrize("mission", TABLES)
def test_a_table_is_kept_under_a_dated_name_with_where_it_is_from(mission, server, archive, folder):
    snapshot = fetch_table(mission, folder / "new" / "raw", archive=archive)

    table = TABLES[mission]
    assert snapshot.path == folder / "new" / "raw" / f"{table.name}_2026-11-23T19-40-12Z.csv"
    assert sorted(path.name for path in snapshot.path.parent.iterdir()) == [
        f"{table.name}_2026-11-23T19-40-12Z.csv",
        f"{table.name}_2026-11-23T19-40-12Z.json",
    ]
    with snapshot.path.open(newline="") as lines:
        header, *rows = csv.reader(lines)
    assert tuple(header) == snapshot.columns == table.columns
    assert len(rows) == snapshot.rows == ROWS
    assert json.loads(snapshot.sidecar.read_text()) == {
        "file": snapshot.path.name,
        "mission": str(mission),
        "table": table.name,
        "doi": table.doi,
        "address": server.url,
        "query": table.query(table.columns),
        "columns": list(table.columns),
        "rows": ROWS,
        "size": snapshot.path.stat().st_size,
        "sha256": hashlib.sha256(snapshot.path.read_bytes()).hexdigest(),
        "downloaded_at": "2026-11-23T19:40:12+00:00",
    }
    assert latest_snapshot(snapshot.path.parent, mission) == snapshot


def test_the_archive_is_asked_politely(server, archive, folder):
    for mission in TABLES:
        fetch_table(mission, folder, archive=archive)
    assert len(server.queries) == 6
    assert server.most_at_once == 1
    assert all("exoplanet-site" in agent for agent in server.user_agents)
    assert server.queries[0] == "select count(*) from cumulative"


def test_all_columns_asks_for_all_and_still_wants_ours(server, archive, folder):
    with pytest.raises(ArchiveAnswerDamaged, match="lacks kepoi_name"):
        fetch_table(Mission.KEPLER, folder, archive=archive, all_columns=True)
    assert server.queries[-1] == "select * from cumulative"

    wide = ",".join((*TABLES[Mission.KEPLER].columns, "koi_comment"))
    row = ",".join("1" for _ in wide.split(","))
    server.table = [wrong.body(200, "text/csv", "\n".join([wide, *[row] * ROWS, ""]))]
    assert (
        "koi_comment"
        in fetch_table(Mission.KEPLER, folder, archive=archive, all_columns=True).columns
    )


def test_progress_tells_stage_and_rows(archive, folder):
    seen: list[Progress] = []
    fetch_table(Mission.KEPLER, folder, archive=archive, progress=seen.append)
    stages = list(dict.fromkeys(progress.stage for progress in seen))
    assert stages == [Stage.COUNTING, Stage.DOWNLOADING, Stage.CHECKING, Stage.FINISHED]
    assert [p.rows for p in seen if p.stage is Stage.DOWNLOADING][-1] == ROWS
    assert seen[-1].expected == ROWS


def test_a_quoted_line_break_is_not_a_row(server, archive, folder):
    header = ",".join(TABLES[Mission.TESS].columns)
    width = header.count(",") + 1
    row = ",".join(['"one\nvalue"', *["1"] * (width - 1)])
    server.rows = 2
    server.table = [wrong.body(200, "text/csv", f"\ufeff{header}\r\n{row}\r\n{row}\r\n\r\n")]
    assert fetch_table(Mission.TESS, folder, archive=archive).rows == 2


# --- Trouble that passes --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trouble",
    [
        wrong.status(429),
        wrong.status(500),
        wrong.status(502),
        wrong.status(503),
        wrong.status(504),
        wrong.hang_up,
        wrong.reset,
        wrong.without_last_rows,
        wrong.within_a_row,
        wrong.within_a_quoted_value,
        wrong.within_the_last_value,
        wrong.shorter_than_announced,
        wrong.chunked_without_end,
        wrong.empty,
        wrong.database_gone,
        wrong.binary,
    ],
)
def test_passing_trouble_is_waited_out(trouble: Answer, server, archive, pauses, folder):
    server.table = [trouble, trouble, healthy]
    assert fetch_table(Mission.KEPLER, folder, archive=archive).rows == ROWS
    assert server.tables_asked == 3
    assert pauses == [2, 4]
    assert len(list(folder.iterdir())) == 2


def test_trouble_with_the_count_is_waited_out_too(server, archive, pauses, folder):
    server.count = [wrong.status(503), wrong.hang_up, healthy]
    assert fetch_table(Mission.KEPLER, folder, archive=archive).rows == ROWS
    assert pauses == [2, 4]


def test_silence_is_not_waited_for_for_ever(server, pauses, folder):
    server.table = [wrong.silent, wrong.stalling, healthy]
    archive = archive_at(server.url, pauses, timeout=0.2)
    assert fetch_table(Mission.KEPLER, folder, archive=archive).rows == ROWS
    assert pauses == [2, 4]


def test_a_table_that_grows_between_two_attempts_is_counted_anew(server, archive, folder):
    def grow_afterwards(handler: wrong.Handler) -> None:
        healthy(handler)
        server.rows += 1

    server.count = [grow_afterwards, healthy]
    assert fetch_table(Mission.KEPLER, folder, archive=archive).rows == ROWS + 1


@pytest.mark.parametrize(
    ("value", "pause"),
    [
        ("7", 7),
        ("0", 0),
        ("86400", 60),
        ("Mon, 23 Nov 2026 19:40:40 GMT", 28),
        ("Sun, 22 Nov 2026 00:00:00 GMT", 0),
        ("soon", 2),
    ],
)
def test_retry_after_is_honoured_and_capped(value, pause, server, archive, pauses, folder):
    server.table = [wrong.status(429, ("Retry-After", value)), healthy]
    assert fetch_table(Mission.KEPLER, folder, archive=archive).rows == ROWS
    assert pauses == [pause]


def test_retry_after_without_a_time_zone_is_utc():
    assert retry_after_seconds("Mon, 23 Nov 2026 19:40:22 -0000", NOW) == 10


def test_pauses_double_up_to_a_limit_and_leave_half_to_chance():
    latest = RetryPolicy(chance=lambda: 1.0, first_pause=2, longest_pause=20)
    earliest = RetryPolicy(chance=lambda: 0.0, first_pause=2, longest_pause=20)
    assert [latest.pause(failures, None) for failures in range(1, 6)] == [2, 4, 8, 16, 20]
    assert [earliest.pause(failures, None) for failures in range(1, 6)] == [1, 2, 4, 8, 10]


def test_waiting_is_told(server, archive, folder):
    server.table = [wrong.status(503, ("Retry-After", "9")), healthy]
    seen: list[Progress] = []
    fetch_table(Mission.KEPLER, folder, archive=archive, progress=seen.append)
    assert [p.sentence for p in seen if p.stage is Stage.WAITING] == [
        "127.0.0.1 is busy or out of order: it answered HTTP 503 Service Unavailable. "
        "Trying again in 9 s (1 of 2 retries)."
    ]


# --- Trouble that stays: a sentence, and nothing lost ---------------------------------------------

OUT_OF_PATIENCE, AT_ONCE = 3, 1

STAYING = {
    "challenge": (
        wrong.challenge,
        ArchiveBlocked,
        AT_ONCE,
        "403 Forbidden and a web page “Just a moment...”",
    ),
    "403": (
        wrong.body(403, "text/plain", "no"),
        ArchiveBlocked,
        AT_ONCE,
        "turned us away with HTTP 403",
    ),
    "web page": (
        wrong.web_page,
        ArchiveBlocked,
        AT_ONCE,
        "HTTP 200 and a web page “Scheduled maintenance”",
    ),
    "bad query": (
        wrong.bad_query,
        ArchiveRefused,
        AT_ONCE,
        '“ORA-00904: "FOO": invalid identifier”',
    ),
    "error parameter": (wrong.ok_with_error, ArchiveRefused, AT_ONCE, "“No such table.”"),
    "plain error": (wrong.plain_error, ArchiveRefused, AT_ONCE, "Message: Invalid column KOI_FOO”"),
    "400": (
        wrong.body(400, "text/html", "ERROR<br>No."),
        ArchiveRefused,
        AT_ONCE,
        "400 Bad Request and said “No.”",
    ),
    "404": (wrong.status(404), ArchiveRefused, AT_ONCE, "refused the query with HTTP 404"),
    "header": (
        wrong.header_lacks_a_column,
        ArchiveAnswerDamaged,
        AT_ONCE,
        "lacks koi_period and has koi_per unasked",
    ),
    "database": (
        wrong.database_gone,
        ArchiveRefused,
        OUT_OF_PATIENCE,
        "“The database is not currently reachable.”",
    ),
    "429": (
        wrong.status(429),
        ArchiveUnreachable,
        OUT_OF_PATIENCE,
        "HTTP 429 Too Many Requests. We asked 3 times.",
    ),
    "503": (
        wrong.status(503),
        ArchiveUnreachable,
        OUT_OF_PATIENCE,
        "HTTP 503 Service Unavailable. We asked 3 times.",
    ),
    "reset": (
        wrong.reset,
        ArchiveUnreachable,
        OUT_OF_PATIENCE,
        "broke in the middle of the answer",
    ),
    "hang up": (
        wrong.hang_up,
        ArchiveUnreachable,
        OUT_OF_PATIENCE,
        "The connection to 127.0.0.1 failed",
    ),
    "chunked": (
        wrong.chunked_without_end,
        ArchiveUnreachable,
        OUT_OF_PATIENCE,
        "broke in the middle",
    ),
    "length": (
        wrong.shorter_than_announced,
        ArchiveUnreachable,
        OUT_OF_PATIENCE,
        "broke in the middle",
    ),
    "rows": (
        wrong.without_last_rows,
        ArchiveAnswerDamaged,
        OUT_OF_PATIENCE,
        "37 rows where the archive counts 40",
    ),
    "row": (wrong.within_a_row, ArchiveAnswerDamaged, OUT_OF_PATIENCE, "row 40 has"),
    "value": (
        wrong.within_a_quoted_value,
        ArchiveAnswerDamaged,
        OUT_OF_PATIENCE,
        "cut off or damaged",
    ),
    "last value": (
        wrong.within_the_last_value,
        ArchiveAnswerDamaged,
        OUT_OF_PATIENCE,
        "its last line has no end",
    ),
    "binary": (wrong.binary, ArchiveAnswerDamaged, OUT_OF_PATIENCE, "cannot be read"),
    "empty": (wrong.empty, ArchiveAnswerDamaged, OUT_OF_PATIENCE, "an empty file"),
}


@pytest.mark.parametrize("name", STAYING)
def test_staying_trouble_ends_in_a_sentence_and_loses_nothing(name, server, archive, folder):
    answer, error, attempts, words = STAYING[name]
    good = fetch_table(Mission.KEPLER, folder, archive=archive)
    before = contents(folder)
    server.table, server.queries = [answer], []
    later = archive_at(server.url, Pauses(), now=NOW + timedelta(days=7))

    with pytest.raises(error) as caught:
        fetch_table(Mission.KEPLER, folder, archive=later)

    assert type(caught.value) is error
    assert words in caught.value.what
    assert (
        f"Nothing was lost: the last good download, {good.path} of 2026-11-23, is still there."
        in caught.value.what
    )
    assert server.tables_asked == attempts
    assert contents(folder) == before
    assert latest_snapshot(folder, Mission.KEPLER) == good


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (
            wrong.body(200, "text/csv", "count(*)\nmany\n"),
            ArchiveAnswerDamaged,
            "did not say how many rows",
        ),
        (
            wrong.body(200, "text/csv", "count(*)\n0\n"),
            ArchiveAnswerDamaged,
            "says that the table is empty",
        ),
        (
            wrong.body(200, "text/csv", "x" * 100_000),
            ArchiveAnswerDamaged,
            "sent more than 65,536 bytes",
        ),
        (wrong.challenge, ArchiveBlocked, "Just a moment"),
        (wrong.web_page, ArchiveBlocked, "Scheduled maintenance"),
        (wrong.bad_query, ArchiveRefused, "ORA-00904"),
    ],
)
def test_a_count_that_is_no_number_ends_in_a_sentence(
    answer, error, words, server, archive, folder
):
    server.count = [answer]
    with pytest.raises(error, match=words):
        fetch_table(Mission.KEPLER, folder, archive=archive)
    assert server.tables_asked == 0
    assert contents(folder) == {}


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_failure_says_what_to_do_by_hand(table, server, folder):
    server.table = [wrong.challenge]
    with pytest.raises(ArchiveBlocked) as caught:
        fetch_table(table.mission, folder, archive=archive_at(server.url, Pauses()))
    page, address, upload = caught.value.steps
    assert (
        "https://exoplanetarchive.ipac.caltech.edu/cgi-bin/TblView/nph-tblView?app=ExoTbls&config="
        in page
    )
    assert all(column in page for column in table.columns)
    link = address.split()[-1]
    assert link.startswith(server.url)
    assert "Datasets" in upload
    assert f"train_model --{table.mission.lower()} FILE" in upload
    assert caught.value.message == " ".join((caught.value.what, *caught.value.steps))
    # What a person would open by hand is exactly what we would have kept.
    server.table = [healthy]
    assert requests.get(link, timeout=5).text.splitlines()[0] == ",".join(table.columns)


def test_silence_ends_in_a_sentence(server, pauses, folder):
    server.count = [wrong.silent]
    with pytest.raises(
        ArchiveUnreachable, match=r"did not answer in time \(the limit is 0\.2 seconds"
    ):
        fetch_table(Mission.KEPLER, folder, archive=archive_at(server.url, pauses, timeout=0.2))
    assert pauses == [2, 4]


def test_a_name_that_does_not_resolve(pauses, folder):
    archive = archive_at("https://archive.invalid/TAP/sync", pauses)
    with pytest.raises(
        ArchiveUnreachable, match=r"The name archive\.invalid could not be resolved"
    ):
        fetch_table(Mission.KEPLER, folder, archive=archive)
    assert pauses == [2, 4]


def test_nobody_listens(pauses, folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and no listen()
        archive = archive_at(f"http://127.0.0.1:{taken.getsockname()[1]}/TAP/sync", pauses)
        with pytest.raises(ArchiveUnreachable, match=r"127\.0\.0\.1 refuses connections"):
            fetch_table(Mission.KEPLER, folder, archive=archive)


@pytest.mark.parametrize("url", ["exoplanetarchive", "gopher://archive/TAP", "http://"])
def test_what_is_no_address_is_not_tried_twice(url, pauses, folder):
    with pytest.raises(ArchiveUnreachable, match="check EXOPLANET_ARCHIVE_URL"):
        fetch_table(Mission.KEPLER, folder, archive=archive_at(url, pauses))
    assert pauses == []


def test_plain_http_behind_https_is_not_tried_twice(server, pauses, folder):
    with pytest.raises(ArchiveUnreachable, match="is not secure"):
        fetch_table(
            Mission.KEPLER, folder, archive=archive_at(server.url.replace("http", "https"), pauses)
        )
    assert pauses == []


def test_an_endless_trickle_is_cut(server, folder):
    ticks = iter(range(0, 10_000_000, 3600))
    patience = RetryPolicy(retries=0, clock=lambda: next(ticks), timeout=5)
    with pytest.raises(ArchiveUnreachable, match="sent so slowly that 30 minutes were not enough"):
        fetch_table(
            Mission.KEPLER, folder, archive=Archive(requests.Session(), server.url, patience)
        )
    assert contents(folder) == {}


# --- Error documents as other TAP services send them ----------------------------------------------


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("ned_error.xml", "No note found."),
        ("pyvo_errorstatus.xml", ""),
        ("pyvo_uws_job_error.xml", "We have problem"),
        ("vizier_no_server_error.xml", "The database is not currently reachable."),
    ],
)
def test_real_error_documents_are_recognised_and_quoted(
    file, said, server, archive, folder, shared_data
):
    document = (shared_data / "tap_errors" / file).read_bytes()
    assert error_said(document) == said
    server.table = [wrong.body(200, "text/xml", document)]
    with pytest.raises(ArchiveRefused) as caught:
        fetch_table(Mission.K2, folder, archive=archive)
    assert (f": “{said}”" if said else "without saying why") in caught.value.what


@pytest.mark.parametrize(
    "text", ["", "kepid,ra\n1,2\n", "ERROR,x\n", '<INFO name="QUERY_STATUS" value="OK"/>']
)
def test_what_is_no_error_document_is_not_taken_for_one(text):
    assert error_said(text.encode()) is None


# --- The disk -------------------------------------------------------------------------------------


@pytest.fixture
def tiny_disk(folder: Path) -> Iterator[Path]:
    """A file system of 160 KiB, which is full after two small tables."""
    mounted = (
        os.geteuid() == 0
        and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=160k", "tmpfs", folder], capture_output=True
        ).returncode
        == 0
    )
    if not mounted:
        pytest.skip("needs the right to mount a small file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_loses_nothing(tiny_disk, server, archive, pauses):
    good = fetch_table(Mission.KEPLER, tiny_disk, archive=archive)
    before = contents(tiny_disk)
    server.rows = 1000
    with pytest.raises(FolderUnusable) as caught:
        fetch_table(
            Mission.KEPLER,
            tiny_disk,
            archive=archive_at(server.url, pauses, now=NOW + timedelta(days=1)),
        )
    assert f"The disk that holds {tiny_disk} is full; free some space" in caught.value.what
    assert "choose another folder with --to" in caught.value.what
    assert f"the last good download, {good.path}" in caught.value.what
    assert len(caught.value.steps) == 3
    assert contents(tiny_disk) == before
    assert pauses == []

    server.rows = ROWS  # the part file gave its room back
    assert fetch_table(Mission.TESS, tiny_disk, archive=archive).rows == ROWS


FETCH = """
import sys
from pathlib import Path
from training.ml.archive.download import fetch_table
from training.ml.archive.client import Archive, RetryPolicy
from training.ml.errors import UserError
from training.ml.schema import Mission
import requests, resource, os

url, folder, hindrance = sys.argv[1:]
if hindrance == "small files":
    import signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
if hindrance == "nobody":
    "".encode("utf-8-sig")  # imported on first use, which that user may not be allowed to
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
session = requests.Session()
session.trust_env = False
try:
    archive = Archive(session, url, RetryPolicy(retries=0))
    print(fetch_table(Mission.KEPLER, Path(folder), archive=archive).path)
except UserError as error:
    print(type(error).__name__, error.what)
"""


def fetch_in_process(
    server: MisbehavingArchive, folder: Path, hindrance: str = ""
) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", FETCH, server.url, str(folder), hindrance]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def test_a_limit_on_the_size_of_files_reads_as_a_full_disk(server, archive, folder):
    fetch_table(Mission.KEPLER, folder, archive=archive)
    before = contents(folder)
    said, _ = fetch_in_process(server, folder, "small files").communicate(timeout=60)
    assert said.startswith(
        "FolderUnusable The Kepler table was not downloaded. The disk that holds"
    )
    assert contents(folder) == before


def test_a_folder_without_the_right_to_write(server, archive):
    # Directly below /tmp, because pytest's own folders cannot even be entered by another user.
    with TemporaryDirectory() as name:
        folder = Path(name)
        fetch_table(Mission.KEPLER, folder, archive=archive)
        folder.chmod(0o555)
        before = contents(folder)
        hindrance = "nobody" if os.geteuid() == 0 else ""  # root may write everywhere
        said, _ = fetch_in_process(server, folder, hindrance).communicate(timeout=60)
        assert said.startswith("FolderUnusable")
        assert f"Files cannot be written into {folder} (Permission denied)" in said
        assert "the last good download" in said
        assert contents(folder) == before
        folder.chmod(0o755)


def test_a_file_where_the_folder_should_be(archive, folder):
    (folder / "raw").write_text("mine")
    with pytest.raises(FolderUnusable, match="is not a folder and cannot be made one"):
        fetch_table(Mission.KEPLER, folder / "raw" / "kepler", archive=archive)
    with pytest.raises(FolderUnusable, match="is not a folder and cannot be made one"):
        fetch_table(Mission.KEPLER, folder / "raw", archive=archive)
    assert (folder / "raw").read_text() == "mine"


# --- Interruptions --------------------------------------------------------------------------------


def test_a_killed_download_leaves_a_stump_that_the_next_one_sweeps(server, archive, folder):
    fetch_table(Mission.KEPLER, folder, archive=archive)
    before = contents(folder)
    own = folder / "notes.part"
    own.write_text("not ours to sweep")
    server.table = [wrong.stalling]
    process = fetch_in_process(server, folder)
    assert server.stalled.wait(30)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
    stumps = [path for path in folder.glob("*.part") if path != own]
    assert len(stumps) == 1
    assert len(snapshots(folder, Mission.KEPLER)) == 1

    server.table = [healthy]
    later = archive_at(server.url, Pauses(), now=NOW + timedelta(days=1))
    fetch_table(Mission.KEPLER, folder, archive=later)
    assert list(folder.glob("*.part")) == [own]
    assert before.items() <= contents(folder).items()
    assert [s.downloaded_at for s in snapshots(folder, Mission.KEPLER)] == [
        NOW + timedelta(days=1),
        NOW,
    ]


def test_a_second_download_into_the_folder_waits_its_turn(server, archive, folder):
    server.table = [wrong.stalling, healthy]
    process = fetch_in_process(server, folder)
    assert server.stalled.wait(30)
    try:
        with pytest.raises(DownloadUnderWay, match="is under way"):
            fetch_table(Mission.TESS, folder, archive=archive)
        assert len(list(folder.glob("*.part"))) == 1
    finally:
        process.kill()
        process.communicate(timeout=30)
    assert server.most_at_once == 1
    assert fetch_table(Mission.TESS, folder, archive=archive).rows == ROWS


@pytest.mark.parametrize("stage", [Stage.COUNTING, Stage.DOWNLOADING, Stage.CHECKING])
def test_a_cancelled_download_leaves_nothing(stage, archive, folder):
    def cancel(progress: Progress) -> None:
        if progress.stage is stage:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_table(Mission.KEPLER, folder, archive=archive, progress=cancel)
    assert contents(folder) == {}
    assert fetch_table(Mission.KEPLER, folder, archive=archive).rows == ROWS


def test_damaged_sidecars_and_missing_tables_are_no_snapshots(archive, folder):
    snapshot = fetch_table(Mission.KEPLER, folder, archive=archive)
    for name, text in {"a": "{", "b": "[]", "c": '{"file": "x.csv"}', "d": "{}"}.items():
        (folder / f"{name}.json").write_text(text)
    assert snapshots(folder, Mission.KEPLER) == [snapshot]
    assert snapshots(folder, Mission.TESS) == []
    snapshot.path.unlink()
    assert latest_snapshot(folder, Mission.KEPLER) is None
    assert latest_snapshot(folder / "nowhere", Mission.KEPLER) is None


def test_the_default_archive_is_nasa_s():
    assert Archive().url == ARCHIVE_URL == "https://exoplanetarchive.ipac.caltech.edu/TAP/sync"


def test_every_error_has_a_code_of_its_own():
    errors: list[type[UserError]] = [
        ArchiveError,
        ArchiveUnreachable,
        ArchiveBlocked,
        ArchiveRefused,
        ArchiveAnswerDamaged,
        FolderUnusable,
        DownloadUnderWay,
    ]
    assert len({error.code for error in errors}) == len(errors)
