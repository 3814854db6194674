"""From what was uploaded to one search for each star: in a worker, before the first search."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import BinaryIO, Final

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from predictions.curves.asking import Asked
from predictions.curves.folders.grouping import Refused, grouped, reading_of
from predictions.curves.folders.models import CurveFolder
from predictions.curves.folders.services import folder_fail, folder_go_on, searches_of
from predictions.curves.folders.unpacking import unpacked
from predictions.curves.keeping import KeptFile, delete_files, open_files
from predictions.curves.known_stars import with_catalogue
from predictions.curves.models import CurveSearch
from predictions.curves.searching import glanced_json
from predictions.curves.words import on_pages
from training.datasets.services import disk_space_guard
from training.ml.curves.errors import CurveError
from training.ml.curves.glance import Glance, Glances, glance
from training.ml.errors import UserError

Status = CurveFolder.Status
WAITS: Final = "Waiting for its turn"


def folder_prepare(key: uuid.UUID) -> None:
    """Claim the folder, read what each file says of its star, make the searches, begin with the
    first. A second delivery finds nothing to claim."""
    claim = uuid.uuid4().hex
    claimed = CurveFolder.objects.filter(pk=key, status=Status.QUEUED).update(
        status=Status.READING, claim=claim, heartbeat_at=Now(), attempts=F("attempts") + 1
    )
    if not claimed:
        return
    folder = CurveFolder.objects.select_related("owner").get(pk=key)
    try:
        _prepare(folder, claim)
    except UserError as error:
        folder_fail(key, error.message, claim=claim)
    except Exception as error:
        reason = f"Something went wrong on our side ({type(error).__name__}: {str(error)[:300]})."
        folder_fail(key, reason, claim=claim)
        raise
    folder_go_on(key)


def _prepare(folder: CurveFolder, claim: str) -> None:
    refused: list[Refused] = []
    found = grouped(list(_seen(folder, claim, refused)))
    asked = Asked.from_json(folder.reading)
    begun = timezone.now()
    searches = [
        _search(folder, files, told, asked, begun + timedelta(microseconds=number))
        for number, (files, told) in enumerate(found.stars)
    ]
    refused += found.refused
    if not searches:
        first = f" {refused[0]['file']}: {refused[0]['reason']}" if refused else ""
        raise CurveError(f"None of these files can be searched.{first}")
    with transaction.atomic():
        own = CurveFolder.objects.filter(pk=folder.pk, status=Status.READING, claim=claim)
        if own.update(status=Status.SEARCHING, refused=refused, heartbeat_at=Now()):
            searches_of(folder).delete()
            CurveSearch.objects.bulk_create(searches)
    used = {file["path"] for search in searches for file in search.files}
    delete_files([f["path"] for f in folder.files if f["path"] not in used], folder.place)


def _seen(
    folder: CurveFolder, claim: str, refused: list[Refused]
) -> Iterator[tuple[KeptFile, Glance]]:
    """Each file that may be a light curve, kept under a name of its own; others are ``refused``."""
    opened = open_files(folder.files)
    paths = iter(folder.files)
    for number, (name, file, is_packed) in enumerate(unpacked(opened)):
        CurveFolder.objects.filter(pk=folder.pk, claim=claim).update(heartbeat_at=Now())
        try:
            (told,) = glance([(name, file)]).files
        except CurveError as error:
            sentence = on_pages(error.message).removeprefix(f"{name}: ")
            refused.append({"file": name, "reason": sentence})
            continue
        finally:
            kept = None if is_packed else next(paths)
        yield kept or _kept(folder, number, name, file), told


def _kept(folder: CurveFolder, number: int, name: str, file: BinaryIO) -> KeptFile:
    size = file.seek(0, 2)
    file.seek(0)
    with disk_space_guard():
        path = default_storage.save(f"{folder.place}/curve-{number}", File(file))
    return {"name": name, "path": path, "size": size}


def _search(
    folder: CurveFolder, files: list[KeptFile], told: Glances, asked: Asked, when: datetime
) -> CurveSearch:
    glanced = glanced_json(told)
    own = with_catalogue(glanced["star"], Asked(reading_of(told, asked.reading)))
    return CurveSearch(
        owner=folder.owner,
        name=(told.star.name or files[0]["name"])[:100],
        files=files,
        glanced=glanced,
        asked=own.as_json(),
        in_folder=folder,
        status=CurveSearch.Status.QUEUED,
        stage=WAITS,
        created_at=when,
    )
