"""What lies in DATA_DIR is closed to other users."""

from pathlib import Path

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
