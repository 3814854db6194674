"""What can go wrong between the NASA Exoplanet Archive and our disk, and what a person can do about
it by hand."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from training.ml.errors import UserError


class ArchiveError(UserError):
    """``what`` says what happened and what became of earlier downloads, ``steps`` what to do
    instead, one each."""

    code: ClassVar[str] = "archive_error"

    def __init__(self, what: str, steps: Sequence[str]) -> None:
        self.what = what
        self.steps = tuple(steps)
        super().__init__(" ".join((what, *self.steps)))


class ArchiveUnreachable(ArchiveError):
    """No answer, or only answers that ask for patience, however often we asked."""

    code = "archive_unreachable"


class ArchiveBlocked(ArchiveError):
    """The archive answers browsers only."""

    code = "archive_blocked"


class ArchiveRefused(ArchiveError):
    """The archive understood us and said no, as it does when a column has another name."""

    code = "archive_refused"


class ArchiveAnswerDamaged(ArchiveError):
    """An answer that is not the table we asked for, or not all of it."""

    code = "archive_answer_damaged"


class FolderUnusable(ArchiveError):
    """The disk is full, or we may not write there."""

    code = "folder_unusable"


class DownloadUnderWay(UserError):
    code = "download_under_way"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"Another download into {folder} is under way. The archive is asked one question at a"
            " time; wait until the other download has finished, or stop it."
        )


class AttemptFailed(Exception):
    """One attempt went wrong. ``passing`` trouble is worth another attempt, at the earliest after
    ``retry_after`` s."""

    def __init__(
        self,
        error: type[ArchiveError],
        what: str,
        *,
        passing: bool = False,
        retry_after: float | None = None,
    ) -> None:
        self.error = error
        self.what = what
        self.passing = passing
        self.retry_after = retry_after
        super().__init__(what)


_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}
_NOT_A_FOLDER = {errno.ENOTDIR, errno.EEXIST, errno.ENOENT, errno.ELOOP}


def folder_failure(folder: Path, error: OSError) -> AttemptFailed:
    """In words, why ``folder`` cannot take a file."""
    if error.errno in _NO_ROOM:
        why = (
            f"The disk that holds {folder} is full; free some space (a table takes less than 20 MB)"
        )
    elif error.errno in _NOT_ALLOWED:
        why = (
            f"Files cannot be written into {folder} ({error.strerror}); give the site's user the"
            " right to write there"
        )
    elif error.errno in _NOT_A_FOLDER:
        why = f"{folder} is not a folder and cannot be made one ({error.strerror})"
    else:
        why = f"Writing into {folder} failed ({error.strerror or error})"
    return AttemptFailed(FolderUnusable, f"{why}, or choose another folder with --to.")
