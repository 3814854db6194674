"""``manage.py download_data``, as a person types it, against an archive that really answers over
HTTP."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests import misbehaving_archive as wrong
from tests.misbehaving_archive import ROWS, MisbehavingArchive, healthy, misbehaving_archive
from training.ml.archive.download import TABLES
from training.ml.archive.snapshots import latest_snapshot
from training.ml.schema import Mission

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture
def server(settings, monkeypatch) -> Iterator[MisbehavingArchive]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with misbehaving_archive() as server:
        settings.EXOPLANET_ARCHIVE_URL = server.url
        yield server


def download(*arguments: object) -> tuple[str, str, str | None]:
    """What it prints, what it complains of, and the error that ends it."""
    out, err, error = io.StringIO(), io.StringIO(), None
    try:
        call_command("download_data", *map(str, arguments), stdout=out, stderr=err)
    except CommandError as raised:
        assert raised.returncode != 0
        error = str(raised)
    return out.getvalue(), err.getvalue(), error


def test_it_downloads_the_three_tables_into_the_data_folder(server, data_dir):
    out, err, error = download()
    assert (err, error) == ("", None)
    for mission in TABLES:
        snapshot = latest_snapshot(data_dir / "raw", mission)
        assert snapshot is not None
        assert snapshot.rows == ROWS
        assert (
            f"{mission}: 40 rows and {len(snapshot.columns)} columns are in {snapshot.path}" in out
        )
        assert snapshot.sha256 in out
        assert f"--{mission.lower()} {snapshot.path}" in out.splitlines()[-1]
    assert server.most_at_once == 1


def test_it_downloads_the_missions_that_are_named_to_where_it_is_told(server, tmp_path, data_dir):
    out, _, error = download(
        "--mission", "k2", "--mission", "TESS", "--mission", "tess", "--to", tmp_path / "tables"
    )
    assert error is None
    assert {path.name.partition("_")[0] for path in (tmp_path / "tables").iterdir()} == {
        "toi",
        "k2pandc",
    }
    assert server.tables_asked == 2
    assert not (data_dir / "raw").exists()
    assert "Kepler" not in out


def test_one_table_s_trouble_does_not_cost_the_others(server, data_dir):
    server.table = [healthy, wrong.challenge, healthy]
    out, err, error = download()
    assert error == "1 of 3 tables could not be downloaded; the reasons stand above."
    assert err.startswith(
        "The TESS table was not downloaded. 127.0.0.1 turned us away with HTTP 403 Forbidden"
    )
    by_hand = err.splitlines()
    assert [line.strip().split()[0] for line in by_hand[1:]] == ["By", "The", "Then"]
    assert "pl_trandurh" in by_hand[1]
    assert by_hand[2].split()[-1].startswith(server.url)
    assert latest_snapshot(data_dir / "raw", Mission.KEPLER)
    assert latest_snapshot(data_dir / "raw", Mission.TESS) is None
    assert latest_snapshot(data_dir / "raw", Mission.K2)
    assert "--tess" not in out.splitlines()[-1]


def test_it_tries_again_when_the_archive_asks_for_patience(server, data_dir):
    server.table = [
        wrong.status(503, ("Retry-After", "0")),
        wrong.status(429, ("Retry-After", "0")),
        healthy,
    ]
    out, _, error = download("--mission", "Kepler")
    assert error is None
    assert "answered HTTP 503 Service Unavailable. Trying again in 0 s (1 of 4 retries)." in out
    assert "answered HTTP 429 Too Many Requests. Trying again in 0 s (2 of 4 retries)." in out


def test_retries_and_timeout_are_the_user_s_to_choose(server, data_dir):
    server.count = [wrong.silent]
    _, err, error = download("--mission", "Kepler", "--retries", "0", "--timeout", "0.2")
    assert error == "1 of 1 tables could not be downloaded; the reasons stand above."
    assert (
        "did not answer in time (the limit is 0.2 seconds of silence; --timeout changes it). We"
        " asked once." in err
    )


def test_all_columns(server, data_dir):
    download("--mission", "Kepler", "--all-columns", "--retries", "0")
    assert server.queries[-1] == "select * from cumulative"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--mission", "Hubble"], "“Hubble” is not a mission; choose one of Kepler, TESS or K2."),
        (["--mission", "other"], "“other” is not a mission; choose one of Kepler, TESS or K2."),
        (["--timeout", "soon"], "“soon” is not a number of seconds"),
        (["--timeout", "0"], "“0” is not a number of seconds"),
        (["--timeout", "nan"], "“nan” is not a number of seconds"),
        (["--retries", "-1"], "“-1” is not a whole number from 0 to 100."),
        (["--retries", "2.5"], "“2.5” is not a whole number from 0 to 100."),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_asked(
    arguments, words, server, data_dir
):
    _, _, error = download(*arguments)
    assert error is not None
    assert words in error
    assert server.queries == []


def test_a_pipe_gets_a_line_per_stage_and_no_control_characters(server, data_dir):
    out, _, _ = download("--mission", "Kepler")
    assert "\r" not in out and "\x1b" not in out
    assert out.splitlines()[0] == "Kepler: counting rows"
    assert out.splitlines()[1].startswith("Kepler: downloading 40 of 40 rows (100%")


def command(server: MisbehavingArchive, data_dir: Path) -> tuple[list[str], dict[str, str]]:
    environment = os.environ | {
        "EXOPLANET_ARCHIVE_URL": server.url,
        "DATA_DIR": str(data_dir),
        "DJANGO_SETTINGS_MODULE": "exoplanet_site.settings",
    }
    return [
        sys.executable,
        "manage.py",
        "download_data",
        "--mission",
        "Kepler",
        "--retries",
        "0",
    ], environment


def test_exit_status_and_environment_as_a_shell_sees_them(server, data_dir):
    arguments, environment = command(server, data_dir)
    good = subprocess.run(
        arguments, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert good.returncode == 0, good.stderr
    assert len(list((data_dir / "raw").glob("cumulative_*.csv"))) == 1

    server.table = [wrong.web_page]
    bad = subprocess.run(
        arguments, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert bad.returncode == 1
    assert "Traceback" not in bad.stderr
    assert "Nothing was lost: the last good download" in bad.stderr
    assert len(list((data_dir / "raw").glob("cumulative_*.csv"))) == 1


def test_a_terminal_gets_one_line_that_is_written_over(server, data_dir):
    arguments, environment = command(server, data_dir)
    leader, follower = pty.openpty()
    with subprocess.Popen(
        arguments, cwd=ROOT, env=environment, stdout=follower, stderr=follower
    ) as process:
        os.close(follower)
        shown = b""
        try:
            while part := os.read(leader, 4096):
                shown += part
        except OSError:  # how Linux says that the other end of a terminal is closed
            pass
        finally:
            os.close(leader)
    assert process.returncode == 0
    assert b"\r\x1b[KKepler: downloading 40 of 40 rows (100%" in shown
    assert b"Kepler: 40 rows and" in shown
