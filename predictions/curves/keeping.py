"""The files of searches in the storage: light curves as they came, and the joined light."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Any, BinaryIO, TypedDict, cast
from zipfile import BadZipFile

import numpy as np
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

from training.datasets.services import disk_space_guard
from training.ml.curves.curve import LightCurve, Star
from training.ml.errors import UserError
from training.ml.schema import Mission

if TYPE_CHECKING:
    from training.ml.curves.curve import Floats


class KeptFile(TypedDict):
    name: str
    path: str
    size: int


class LightGone(UserError):
    code = "curve_gone"

    def __init__(self, name: str = "") -> None:
        what = f"The file {name}" if name else "The light of this search"
        super().__init__(f"{what} is no longer in the site's storage. Upload the files again.")


def keep_files(folder: str, files: Sequence[tuple[str, IO[bytes]]]) -> list[KeptFile]:
    """All of them or none."""
    kept: list[KeptFile] = []
    try:
        for number, (name, file) in enumerate(files):
            size = file.seek(0, io.SEEK_END)
            file.seek(0)
            with disk_space_guard():
                path = default_storage.save(f"{folder}/file-{number}", File(file))
            kept.append({"name": shown_name(name), "path": path, "size": size})
    except BaseException:
        delete_files([file["path"] for file in kept], folder)
        raise
    return kept


def shown_name(name: str) -> str:
    """The last part of a file's name, of characters that can be shown; never used to open
    anything."""
    last = PurePath(name.replace("\\", "/")).name
    return "".join(c for c in last if c.isprintable())[:100].strip() or "light curve"


def open_files(files: Sequence[KeptFile]) -> list[tuple[str, BinaryIO]]:
    """``LightGone`` where somebody has deleted one."""
    opened = []
    for file in files:
        try:
            opened.append((file["name"], cast(BinaryIO, default_storage.open(file["path"]).file)))
        except FileNotFoundError as error:
            raise LightGone(file["name"]) from error
    return opened


def keep_curve(folder: str, curve: LightCurve, flat: Floats) -> str:
    """``flat``: (n,) the light without trend, NaN where there is none."""
    facts = {
        "exposure": curve.exposure,
        "zero": curve.zero,
        "star": asdict(curve.star),
        "notes": curve.notes,
    }
    packed = io.BytesIO()
    nowhere = np.empty((0, 2))
    np.savez_compressed(
        packed,
        centroid=nowhere if curve.centroid is None else curve.centroid,
        time=curve.time,
        flux=curve.flux,
        weight=curve.weight,
        part=curve.part,
        flat=flat,
        facts=np.array(json.dumps(facts)),
    )
    with disk_space_guard():
        return default_storage.save(f"{folder}/light.npz", ContentFile(packed.getvalue()))


def open_curve(path: str) -> tuple[LightCurve, Floats]:
    """And the light without trend. ``LightGone`` where it is not there, or no longer what it
    was."""
    try:
        with default_storage.open(path) as file:
            stored = np.load(io.BytesIO(file.read()), allow_pickle=False)
        facts: dict[str, Any] = json.loads(str(stored["facts"]))
        curve = LightCurve(
            time=stored["time"],
            flux=stored["flux"],
            weight=stored["weight"],
            part=stored["part"].astype(np.intp),
            exposure=facts["exposure"],
            zero=facts["zero"],
            star=star_from(facts["star"]),
            notes=facts["notes"],
            centroid=_centroid(stored),
        )
        return curve, stored["flat"]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise LightGone from error


def _centroid(stored: Any) -> Floats | None:
    """None also where it was stored before centroids were kept."""
    kept = stored["centroid"] if "centroid" in stored else np.empty((0, 2))
    return kept if len(kept) else None


def star_from(facts: dict[str, Any]) -> Star:
    mission = facts.get("mission")
    return Star(**{**facts, "mission": Mission(mission) if mission else None})


def copy_curve(path: str, folder: str) -> str:
    """For another search of the same light."""
    try:
        with default_storage.open(path) as file, disk_space_guard():
            return default_storage.save(f"{folder}/light.npz", File(file))
    except FileNotFoundError as error:
        raise LightGone from error


def delete_files(paths: Sequence[str], folder: str) -> None:
    for path in filter(None, paths):
        default_storage.delete(path)
    with suppress(OSError):  # a process may just be storing a last file there
        default_storage.delete(folder)
