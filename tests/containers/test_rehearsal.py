"""What the image's build does last, without an image: whatever the site may load is loaded once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT


@pytest.mark.slow
def test_the_images_rehearsal_comes_to_its_end(tmp_path: Path) -> None:
    settings = {
        "DATA_DIR": str(tmp_path),
        "SECRET_KEY": "build",
        "ARTIFACT_SIGNING_KEY": "build",
        "TRAINING_NICE": "0",
        "TRAINING_THREADS": "1",
        "DJANGO_SETTINGS_MODULE": "exoplanet_site.settings",
    }
    left_out = ("DATABASE_URL", "REDIS_URL")
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    done = subprocess.run(
        [sys.executable, "-m", "deploy.rehearsal"],
        cwd=PROJECT,
        env=environment | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
