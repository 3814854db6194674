"""The whole trial, asked for by `-m containers`: minutes of both cores, and as root."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from tests.conftest import PROJECT

PROGRAMS = ("podman", "buildah", "debootstrap", "runc")


@pytest.mark.containers
@pytest.mark.timeout(3600)
def test_image_and_services_hold_in_containers() -> None:
    lacking = [program for program in PROGRAMS if not shutil.which(program)]
    if lacking or os.getuid():
        pytest.skip(f"needs root and {', '.join(PROGRAMS)}")
    done = subprocess.run(["deploy/try-containers.sh"], cwd=PROJECT, capture_output=True, text=True)
    assert done.stdout.rstrip().endswith("Containers: ok"), done.stdout + done.stderr[-4000:]
    assert done.returncode == 0
