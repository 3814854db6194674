"""Health checks: what they say, and that what hangs is ended, so that it can be started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from exoplanet_site import health
from exoplanet_site.health import PATIENCE, check, end_if_hung
from training.background.main_process import main_process_name

AFTER = 3


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"]) as started:
        yield started
        started.kill()


@pytest.fixture
def main(tmp_path: Path, process: subprocess.Popen[bytes]) -> Path:
    file = tmp_path / "main"
    file.write_text(f"{process.pid}-1")
    return file


def fail(main: Path, times: int) -> None:
    for _ in range(times):
        end_if_hung(main, well=False, after=AFTER)


def test_what_hangs_is_told_to_stop_and_then_killed(
    main: Path, process: subprocess.Popen[bytes]
) -> None:
    end_if_hung(main, well=True, after=AFTER)
    process.send_signal(signal.SIGSTOP)  # takes nothing but SIGKILL
    os.waitpid(process.pid, os.WUNTRACED)  # until it stands: SIGTERM would come before it
    fail(main, AFTER + PATIENCE - 1)
    assert process.poll() is None
    fail(main, 1)
    assert process.wait(10) == -signal.SIGKILL


def test_what_can_still_stop_is_given_the_time(
    main: Path, process: subprocess.Popen[bytes]
) -> None:
    end_if_hung(main, well=True, after=AFTER)
    fail(main, AFTER)
    assert process.wait(10) == -signal.SIGTERM
    fail(main, 1)  # it is gone: nothing happens


def test_one_that_comes_back_in_time_is_left_alone(
    main: Path, process: subprocess.Popen[bytes]
) -> None:
    for _ in range(3):
        end_if_hung(main, well=True, after=AFTER)
        fail(main, AFTER - 1)
    assert process.poll() is None


def test_one_that_was_never_well_is_left_alone(
    main: Path, process: subprocess.Popen[bytes]
) -> None:
    fail(main, AFTER + PATIENCE)
    end_if_hung(main, well=True, after=AFTER)
    main.write_text(f"{process.pid}-2")  # started again, under the same number
    fail(main, AFTER + PATIENCE)
    assert process.poll() is None


def test_a_worker_is_well_while_it_touches_its_file(tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    assert not check(["--touched", str(alive)])
    alive.touch()
    assert check(["--touched", str(alive)])
    old = time.time() - health.SILENT_SECONDS
    os.utime(alive, (old, old))
    assert not check(["--touched", str(alive)])


def test_a_main_process_names_itself_where_it_is_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAIN_PROCESS", raising=False)
    main_process_name()
    monkeypatch.setenv("MAIN_PROCESS", str(tmp_path / "main"))
    main_process_name()
    assert (tmp_path / "main").read_text().startswith(f"{os.getpid()}-")


def test_a_check_loads_next_to_nothing() -> None:
    """It runs every few seconds in each container."""
    code = "import sys, exoplanet_site.health; print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr
