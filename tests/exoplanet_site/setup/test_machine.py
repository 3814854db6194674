"""What is said on a machine that cannot run the site, before anything is installed."""

import subprocess
import sys

import pytest

from exoplanet_site import requirements_check
from tests.conftest import PROJECT


def test_nothing_is_said_where_all_is_well() -> None:
    assert requirements_check.lacks() == []


def test_an_old_python_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    [sentence] = requirements_check.lacks()
    assert "needs Python 3.11, and this is Python 3.9" in sentence
    assert "make run PYTHON=" in sentence


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
    assert "The site needs Python 3.11, and “python3.11-not-here” is not here." in done.stderr


def test_every_requirement_is_pinned_exactly() -> None:
    lines = [
        line
        for file in ("requirements.txt", "requirements-dev.txt", "constraints.txt")
        for line in (PROJECT / file).read_text().splitlines()
        if line and not line.startswith(("#", "-"))
    ]
    assert len(lines) > 50
    assert [line for line in lines if "==" not in line] == []
