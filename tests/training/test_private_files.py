"""What lies in DATA_DIR is closed to other users."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from training.background.private_files import keep_private


def test_what_was_open_is_closed_and_counted(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir(mode=0o755)
    (folder / "media").mkdir(mode=0o755)
    (folder / "db.sqlite3").touch(0o644)
    (folder / "secret_key").touch(0o600)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.touch(0o644)
    (folder / "link").symlink_to(elsewhere)
    assert keep_private(folder) == 3
    modes = {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())}
    assert modes == {
        "site": 0o700,
        "media": 0o700,
        "db.sqlite3": 0o600,
        "secret_key": 0o600,
        "link": 0o644,
    }
    assert keep_private(folder) == 0


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Where everybody may look, as in /srv."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.skipif(os.getuid() != 0, reason="to become another user needs root")
def test_another_user_reads_neither_keys_nor_database(open_folder: Path) -> None:
    """The attack that read them: `cat`, as nobody."""
    folder = open_folder / "site"
    (folder / "media").mkdir(parents=True)
    files = [folder / "db.sqlite3", folder / "secret_key", folder / "media" / "table.csv"]
    for file in files:
        file.write_text("private")
        file.chmod(0o644)

    def read() -> list[str]:
        who = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--", "cat"]
        return [
            subprocess.run([*who, file], capture_output=True, text=True).stdout for file in files
        ]

    assert read() == ["private"] * 3
    keep_private(folder)
    assert read() == [""] * 3
