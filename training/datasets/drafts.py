"""Tables whose columns a person has yet to name: kept for a day, then cleaned up."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Final

from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from training.datasets.models import Dataset
from training.datasets.services import clean_name, disk_space_guard
from training.ml.tables.head import TableHead, read_head

FOLDER: Final = "datasets/pending"
KEPT: Final = timedelta(days=1)


def draft_create(*, file: UploadedFile[bytes], user: User, head: TableHead) -> Dataset:
    """Keep an upload until its person has said what its columns are."""
    file.seek(0)
    with disk_space_guard():
        path = default_storage.save(f"{FOLDER}/{uuid.uuid4().hex}", file)
    return Dataset.objects.create(
        name=clean_name(file.name or ""),
        source=Dataset.Source.UPLOAD,
        status=Dataset.Status.DRAFT,
        file=path,
        head=head.pack(),
        size=file.size or 0,
        created_at=timezone.now(),
        created_by=user,
    )


def draft_head(draft: Dataset) -> TableHead:
    """As it was stored with the draft, or else read again."""
    if draft.head:
        return TableHead.unpack(bytes(draft.head))
    with default_storage.open(draft.file) as file:
        return read_head(file)  # type: ignore[arg-type]  # it reads like any other file


def draft_delete(draft: Dataset) -> None:
    """The row last: a file that could not be deleted is tried again."""
    default_storage.delete(draft.file)
    draft.delete()


def drafts_clean_up() -> None:
    """Remove drafts that nobody came back to, and files that no row names."""
    long_ago = timezone.now() - KEPT
    for draft in Dataset.objects.filter(status=Dataset.Status.DRAFT, created_at__lt=long_ago):
        draft_delete(draft)
    for path in _unnamed_files():
        if default_storage.get_modified_time(path) < long_ago:
            default_storage.delete(path)


def _unnamed_files() -> set[str]:
    """A process that was killed between file and row, or a session of an earlier version, left
    them."""
    try:
        names = default_storage.listdir(FOLDER)[1]
    except FileNotFoundError:  # on a disk, until the first draft; an object store has no folders
        return set()
    files = {f"{FOLDER}/{name}" for name in names}
    drafts = Dataset.objects.filter(status=Dataset.Status.DRAFT)
    return files - set(drafts.values_list("file", flat=True))
