"""What the site writes is for its own user:
passwords' hashes, sessions and uploads lie in DATA_DIR."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

UMASK: Final = 0o077
"""Of every process that serves or works: no file of theirs is open to other users."""
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def keep_private(folder: Path) -> int:
    """Close the folder and what lies directly in it to other users; how many of them were open.

    What belongs to somebody else stays as it is: only its owner may change it.
    """
    return sum(_close(path) for path in (folder, *_inside(folder)))


def _inside(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.is_symlink():
                yield Path(entry)


def _close(path: Path) -> bool:
    found = path.stat()
    open_to_others = bool(found.st_mode & _OTHERS)
    if not open_to_others or found.st_uid != os.geteuid():
        return False
    path.chmod(stat.S_IMODE(found.st_mode) & ~_OTHERS)
    return True
