"""The mapping that a command is told: a JSON file, or the name under which somebody keeps one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError

from training.ml.errors import InvalidMapping, join_words

if TYPE_CHECKING:
    from training.ml.tables.mapping import ColumnMapping


def mapping_named(text: str | None) -> ColumnMapping | None:
    """``InvalidMapping`` where the file holds none,
    ``CommandError`` where there is no such thing."""
    from training.ml.tables.mapping import ColumnMapping

    if not text:
        return None
    path = Path(text)
    if path.is_file():
        return ColumnMapping.from_json(_mapping_in(path))
    return _kept(text)


def _mapping_in(path: Path) -> dict[str, Any]:
    """What stands in the file; a whole answer of the preview does as well as its mapping."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InvalidMapping([f"{path} is not valid JSON."]) from error
    if isinstance(stored, dict) and "features" not in stored and "mapping" in stored:
        stored = stored["mapping"]
    if not isinstance(stored, dict):
        raise InvalidMapping([f"{path} must hold one JSON object."])
    return stored


def _kept(name: str) -> ColumnMapping:
    from training.datasets.mappings import SavedMapping

    found = list(SavedMapping.objects.filter(name=name).select_related("owner"))
    if len(found) == 1:
        return found[0].column_mapping
    if found:
        owners = join_words([saved.owner.get_username() for saved in found])
        raise CommandError(
            f"{owners} each keep a mapping called “{name}”; give the one that you mean as a file.",
            returncode=2,
        )
    raise CommandError(f"There is neither a file nor a kept mapping called “{name}”.", returncode=2)
