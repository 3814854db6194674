"""Datasets: brought by a person or fetched from the archive, read and reported on before anything
is trained."""

from __future__ import annotations

import errno
import hashlib
import io
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path, PureWindowsPath
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django_q.tasks import async_task

from training.accounts.audit import ADDITION, record
from training.datasets.models import Dataset
from training.figures import counted
from training.ml.archive.errors import ArchiveError
from training.ml.errors import TooLarge, UserError
from training.ml.evaluation.dataset_report import ReferenceData, SignalIndex, validate
from training.ml.evaluation.drift import Profile
from training.ml.evaluation.shapes import Report
from training.ml.schema import Mission
from training.ml.tables.data_loader import ColumnMapping, Limits, open_table
from training.ml.tables.signal_table import SignalTable
from training.versions.models import ModelVersion

if TYPE_CHECKING:
    from training.ml.archive.client import RetryPolicy
    from training.ml.archive.download import Progress
    from training.ml.archive.snapshots import Snapshot

FETCH_TIMEOUT = timedelta(
    minutes=10
)  # the archive may ask for five minutes of patience, and be silent for two
_COPY_BYTES = 1 << 20


class DiskFull(UserError):
    code = "no_room"

    def __init__(self) -> None:
        super().__init__(
            "The site's disk is full, so the file was not kept. Ask an administrator to free some"
            " space."
        )


class DatasetBusy(UserError):
    code = "dataset_busy"


@dataclass(frozen=True)
class Received:
    """`known` where the very same file was there already."""

    dataset: Dataset
    known: bool


def dataset_upload(
    *,
    file: IO[bytes],
    name: str,
    user: User | None = None,
    mission: Mission | None = None,
    mapping: ColumnMapping | None = None,
    source: Dataset.Source = Dataset.Source.UPLOAD,
) -> Received:
    """Read, report and keep a table. A table that cannot be used raises a `UserError` and leaves
    nothing behind."""
    with _received(file) as (local, sha256):
        if known := Dataset.objects.filter(sha256=sha256).first():
            return _recognise(known, user)
        read = _read(local, mission, mapping)
        dataset = Dataset(
            name=clean_name(name),
            source=source,
            created_at=timezone.now(),
            created_by=user,
            mission=str(mission or ""),
            mapping=mapping.as_json() if mapping else None,
        )
        try:
            _keep(dataset, local, sha256, read)
        except IntegrityError:  # somebody brought the same file at the same moment
            return _recognise(Dataset.objects.get(sha256=sha256), user)
    return Received(dataset, known=False)


def clean_name(name: str) -> str:
    """What a browser calls a file, without folders and control characters; shown, never used as a
    path."""
    last = PureWindowsPath(name).name  # which also knows the other kind of slash
    return "".join(c for c in last if c.isprintable())[:120].strip() or "table"


@contextmanager
def _received(file: IO[bytes]) -> Iterator[tuple[Path, str]]:
    """The file on our own disk, with its hash; bytes are counted while they arrive."""
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(prefix="dataset-") as local, disk_space_guard():
        while chunk := file.read(_COPY_BYTES):
            size += len(chunk)
            if size > settings.DATASET_MAX_BYTES:
                raise TooLarge(
                    "The file is too large.",
                    settings.DATASET_MAX_BYTES,
                    "bytes",
                    "Leave out columns or rows that training does not need.",
                )
            digest.update(chunk)
            local.write(chunk)
        local.flush()
        yield Path(local.name), digest.hexdigest()


@contextmanager
def disk_space_guard() -> Iterator[None]:
    """Says a full disk in words."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull from error
        raise


def _recognise(dataset: Dataset, user: User | None) -> Received:
    if dataset.archived_at:
        dataset_restore(dataset, user)
    return Received(dataset, known=True)


# --- Reading and reporting ------------------------------------------------------------------------


def limits() -> Limits:
    return Limits(rows=settings.RETRAIN_MAX_ROWS, columns=settings.DATASET_MAX_COLUMNS)


def _read(
    source: Path | BinaryIO, mission: Mission | None, mapping: ColumnMapping | None
) -> tuple[SignalTable, Report]:
    reader = open_table(source, mission=mission, mapping=mapping, limits=limits())
    table = reader.table()
    in_service, profile = _in_service()
    return table, validate(
        reader, table, earlier=_earlier(), in_service=in_service, profile=profile
    )


def _in_service() -> tuple[ReferenceData | None, Profile | None]:
    """What the version in service was trained on, as far as it tells."""
    version = ModelVersion.objects.filter(is_active=True).first()
    if version is None:
        return None, None
    held_out = version.classifier.held_out
    index = SignalIndex(held_out.signals, held_out.stars, held_out.truth)
    return ReferenceData(version.name, index, version.get_absolute_url()), version.metadata.get(
        "profile"
    )


def _earlier() -> list[ReferenceData]:
    return [
        ReferenceData(
            dataset.name, dataset_index(dataset), reverse("dataset_detail", args=[dataset.pk])
        )
        for dataset in Dataset.objects.usable()
        if default_storage.exists(dataset.index_file)
    ]


def dataset_index(dataset: Dataset) -> SignalIndex:
    with default_storage.open(dataset.index_file) as file:
        return SignalIndex.unpack(file.read())


def _keep(dataset: Dataset, local: Path, sha256: str, read: tuple[SignalTable, Report]) -> None:
    """Row and files, or neither."""
    table, report = read
    dataset.sha256, dataset.size = sha256, local.stat().st_size
    dataset.rows, dataset.signals = report["rows"], report["signals"]
    dataset.mission = dataset.mission or str(table.mission or "")
    dataset.report, dataset.status, dataset.stage = report, Dataset.Status.READY, ""
    dataset.file = f"datasets/{sha256}{_suffix(local)}"
    with transaction.atomic(), disk_space_guard():
        dataset.save()
        record(
            dataset.created_by,
            dataset,
            f"Brought {counted(report['signals'], 'signal')}.",
            ADDITION,
        )
        try:
            with local.open("rb") as file:
                _store(dataset.file, File(file))
            _store(dataset.index_file, ContentFile(SignalIndex.of(table).pack()))
        except BaseException:
            for name in (dataset.file, dataset.index_file):
                default_storage.delete(name)
            raise


def _store(name: str, content: File[bytes]) -> None:
    default_storage.delete(
        name
    )  # left by a process that was killed; the storage would invent another name
    default_storage.save(name, content)


def _suffix(local: Path) -> str:
    with local.open("rb") as file:
        return ".csv.gz" if file.read(2) == b"\x1f\x8b" else ".csv"


def dataset_content(dataset: Dataset) -> io.BytesIO:
    """The file, verified: a dataset whose bytes have changed must not be trained on."""
    try:
        with default_storage.open(dataset.file) as file:
            content = file.read()
    except FileNotFoundError as error:
        raise DatasetDamaged(dataset, "is missing") from error
    if hashlib.sha256(content).hexdigest() != dataset.sha256:
        raise DatasetDamaged(dataset, "is no longer what was uploaded")
    return io.BytesIO(content)


class DatasetDamaged(UserError):
    code = "dataset_damaged"

    def __init__(self, dataset: Dataset, what: str) -> None:
        super().__init__(
            f"The file of the dataset “{dataset}” {what}. Restore {dataset.file} from a backup, or"
            " archive the dataset and upload the table again."
        )


# --- Putting away ---------------------------------------------------------------------------------


def dataset_archive(dataset: Dataset, user: User | None = None) -> None:
    """Out of sight and out of the choice; file and report stay."""
    if Dataset.objects.current().filter(pk=dataset.pk).update(archived_at=timezone.now()):
        record(user, dataset, "Archived.")


def dataset_restore(dataset: Dataset, user: User | None = None) -> None:
    if Dataset.objects.filter(pk=dataset.pk).exclude(archived_at=None).update(archived_at=None):
        record(user, dataset, "Taken out of the archive.")
    dataset.refresh_from_db()


# --- Fetching from the archive --------------------------------------------------------------------


@transaction.atomic
def dataset_fetch(*, mission: Mission, user: User | None = None) -> Dataset:
    """Ask for the mission's newest table, in the background."""
    if Dataset.objects.filter(
        source=Dataset.Source.ARCHIVE, mission=mission, status__in=_FETCHING
    ).exists():
        raise DatasetBusy(
            f"The {mission} table is being fetched already; wait until that has finished."
        )
    now = timezone.now()
    dataset = Dataset.objects.create(
        name=f"{mission}, {now:%Y-%m-%d}",
        source=Dataset.Source.ARCHIVE,
        mission=mission,
        created_at=now,
        created_by=user,
        heartbeat_at=now,
        stage="Waiting for a worker.",
    )
    record(user, dataset, f"Asked for the {mission} table of the NASA Exoplanet Archive.", ADDITION)
    transaction.on_commit(lambda: async_task("training.tasks.fetch_dataset", dataset.pk))
    return dataset


_FETCHING = (Dataset.Status.WAITING, Dataset.Status.WORKING)


def dataset_fetch_execute(dataset_id: int) -> None:
    """Fetch, read and report; delivered twice, it runs once."""
    waiting = Dataset.objects.filter(pk=dataset_id, status=Dataset.Status.WAITING)
    if not waiting.update(status=Dataset.Status.WORKING, heartbeat_at=Now()):
        return
    dataset = Dataset.objects.get(pk=dataset_id)
    try:
        _fetch(dataset)
    except ArchiveError as error:
        _refuse(dataset, "\n".join((error.what, *error.steps)))
    except UserError as error:
        _refuse(dataset, error.message)
    except Exception as error:
        _refuse(
            dataset,
            f"Something went wrong on our side ({type(error).__name__}); the log says more. Try"
            " again.",
        )
        raise


def _fetch(dataset: Dataset) -> None:
    def progress(step: Progress) -> None:
        stage = step.sentence or f"{step.stage}: {step.rows:,} of {step.expected or 0:,} rows"
        Dataset.objects.filter(pk=dataset.pk).update(stage=stage[:300], heartbeat_at=Now())

    snapshot = _download(Mission(dataset.mission), progress)
    if same := Dataset.objects.filter(sha256=snapshot.sha256).first():
        raise DatasetBusy(
            f"The archive's table is the very file of the dataset “{same}” (number {same.pk})."
        )
    dataset.provenance = snapshot.as_json() | {"mission": str(snapshot.mission)}
    _keep(dataset, snapshot.path, snapshot.sha256, _read(snapshot.path, snapshot.mission, None))


def _download(
    mission: Mission, progress: Callable[[Progress], None], *columns: str, **patience: Any
) -> Snapshot:
    import requests

    from training.ml.archive.client import Archive
    from training.ml.archive.download import fetch_table

    archive = Archive(requests.Session(), settings.EXOPLANET_ARCHIVE_URL, **patience)
    folder = settings.DATA_DIR / "raw"
    return fetch_table(mission, folder, archive=archive, progress=progress, more=columns)


def dataset_fetch_here(
    *,
    mission: Mission,
    user: User | None,
    progress: Callable[[Progress], None],
    patience: RetryPolicy,
    columns: Sequence[str] = (),
) -> Received:
    """The mission's newest table, fetched by the caller's own process, with further ``columns``.

    What ``progress`` raises ends it and leaves nothing behind. Errors: ``UserError``, of which
    an ``ArchiveError`` has the steps by hand.
    """
    snapshot = _download(mission, progress, *columns, patience=patience)
    if known := Dataset.objects.filter(sha256=snapshot.sha256).first():
        return _recognise(known, user)
    now = timezone.now()
    dataset = Dataset(
        name=f"{mission}, {now:%Y-%m-%d}",
        source=Dataset.Source.ARCHIVE,
        mission=mission,
        created_at=now,
        created_by=user,
        provenance=snapshot.as_json() | {"mission": str(mission)},
    )
    _keep(dataset, snapshot.path, snapshot.sha256, _read(snapshot.path, mission, None))
    return Received(dataset, known=False)


def _refuse(dataset: Dataset, reason: str) -> None:
    Dataset.objects.filter(pk=dataset.pk, status__in=_FETCHING).update(
        status=Dataset.Status.REFUSED, reason=reason, stage=""
    )


def datasets_clean_up() -> int:
    """Refuse what a dead worker has left half fetched. Returns how many."""
    silent = Dataset.objects.filter(
        status=Dataset.Status.WORKING, heartbeat_at__lt=Now() - FETCH_TIMEOUT
    )
    reason = "The worker that fetched this table has stopped. Fetch it again."
    return silent.update(status=Dataset.Status.REFUSED, reason=reason, stage="")
