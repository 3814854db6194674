"""What is said on a machine that cannot run the site, before anything is installed."""

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

from exoplanet_site import requirements_check
from tests.conftest import PROJECT


def test_nothing_is_said_where_all_is_well() -> None:
    assert requirements_check.lacks() == []


def test_an_old_python_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    [sentence] = requirements_check.lacks()
    assert "needs Python 3.11 to 3.14, and this is Python 3.9" in sentence
    assert "make run PYTHON=" in sentence


@pytest.mark.parametrize("minor", [11, 12, 13, 14])
def test_every_supported_python_is_taken(monkeypatch: pytest.MonkeyPatch, minor: int) -> None:
    monkeypatch.setattr(sys, "version_info", (3, minor, 0, "final", 0))
    assert requirements_check.lacks() == []


def test_a_newer_python_than_was_tried_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 15, 0, "final", 0))
    assert "this is Python 3.15" in requirements_check.lacks()[0]


def test_an_environment_of_another_version_is_told_from_the_one_that_is_wanted() -> None:
    assert requirements_check.is_wanted("")
    assert requirements_check.is_wanted(f"Python {platform.python_version()}")
    assert not requirements_check.is_wanted("Python 3.99.1")


def test_the_library_that_a_mac_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(requirements_check, "loads", lambda library: False)
    assert "brew install libomp" in requirements_check.lacks()[0]


def test_the_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements_check, "loads", lambda library: False)
    [sentence] = requirements_check.lacks()
    assert "libgomp1 is missing" in sentence
    assert "apt-get install libgomp1" in sentence


def test_a_library_that_is_not_there_does_not_load() -> None:
    assert not requirements_check.loads("libnothere.so.1")


def test_make_says_that_there_is_no_python() -> None:
    arguments = ["machine", "BIN=/nowhere", "PYTHON=python3.11-not-here"]
    done = subprocess.run(["make", *arguments], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode != 0
    assert (
        "The site needs Python 3.11 to 3.14, and “python3.11-not-here” is not here." in done.stderr
    )


UV_THAT_WORKS = "exit 0"
UV_THAT_TRUSTS_THE_SYSTEM_ALONE = 'case "$*" in *--system-certs*) exit 0;; *) exit 2;; esac'
NO_UV = "exit 2"


@pytest.mark.parametrize(
    ("uv", "tried"),
    [
        (UV_THAT_WORKS, ["uv"]),
        (UV_THAT_TRUSTS_THE_SYSTEM_ALONE, ["uv", "uv --system-certs"]),
        (NO_UV, ["uv", "uv --system-certs", "pip"]),
    ],
)
def test_what_is_locked_is_installed_by_the_first_that_can(
    tmp_path: Path, uv: str, tried: list[str]
) -> None:
    for name in ("Makefile", "locked/requirements.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text((PROJECT / name).read_text())
    programs = tmp_path / "env" / "bin"
    programs.mkdir(parents=True)
    for name, does in (("python", "exit 0"), ("uv", uv)):
        (programs / name).write_text(f'#!/bin/sh\necho "{name} $*" >>"{tmp_path}/asked"\n{does}\n')
        (programs / name).chmod(0o755)
    os.utime(programs / "python", (0, 0))  # it was there before
    done = subprocess.run(
        ["make", "--silent", "env/.installed", "VENV=env"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    asked = (tmp_path / "asked").read_text().splitlines()
    ways = [_way(line) for line in asked]
    assert ways == tried
    # With hashes pip asks for a pin of whatever it resolves, extras too; the file has all there is.
    assert all("--no-deps --require-hashes" in line for line in asked if _way(line) == "pip")


def _way(line: str) -> str:
    if line.startswith("python -m pip"):
        return "pip"
    return "uv --system-certs" if "--system-certs" in line else "uv"


def test_every_requirement_is_pinned_exactly() -> None:
    lines = [
        line
        for file in ("requirements.txt", "requirements-dev.txt", "constraints.txt")
        for line in (PROJECT / file).read_text().splitlines()
        if line and not line.startswith(("#", "-"))
    ]
    assert len(lines) > 50
    assert [line for line in lines if "==" not in line] == []


def test_what_is_installed_is_locked_with_hashes_at_the_pinned_versions() -> None:
    pinned = pins("constraints.txt", *(file.name for file in PROJECT.glob("requirements*.txt")))
    for file in ("requirements.txt", "requirements-production.txt", "requirements-dev.txt"):
        locked = pins(f"locked/{file}")
        assert locked.items() <= pinned.items(), file
        assert pins(file).items() <= locked.items(), "make lock"
        entries = re.findall(r"^\S+==.*(?:\n .*)*", (PROJECT / "locked" / file).read_text(), re.M)
        assert len(entries) == len(locked)
        assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def pins(*files: str) -> dict[str, str]:
    text = "\n".join((PROJECT / file).read_text() for file in files)
    found = re.findall(r"^([\w.-]+)(?:\[.*\])?==(\S+)", text, re.MULTILINE)
    return {re.sub(r"[._-]+", "-", name).lower(): version for name, version in found}
