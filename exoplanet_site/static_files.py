"""Static files under hashed names once collected, and under their own names before that."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

COLLECTED: Final = ".collected"
"""A file beside what was collected, that says from what."""


class StaticFiles(StaticFilesConfig):
    """No page asks for these; to collect and compress them took longer than all the rest."""

    ignore_patterns = (
        *StaticFilesConfig.ignore_patterns,
        "django_htmx/htmax*",
        "django_htmx/htmx-4*",
        "drf_spectacular_sidecar/redoc",
        "rest_framework",
    )


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """A forgotten `collectstatic` costs caching, not the page: WhiteNoise then finds the plain
    names."""

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        try:
            return str(super().stored_name(name))
        except ValueError:
            return name

    def create_compressor(self, **options: Any) -> Compressor:
        """Maps from packed scripts to their sources are for who looks into those, and large."""
        options["extensions"] = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
        return super().create_compressor(**options)


def static_files_collect() -> bool:
    """Collect them unless nothing has changed since; whether there was something to do."""
    stamp, found = Path(settings.STATIC_ROOT) / COLLECTED, _fingerprint()
    if stamp.exists() and stamp.read_text() == found:
        return False
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(found)
    return True


def _fingerprint() -> str:
    """Of the names, sizes and times of all static files."""
    facts = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list(StaticFiles.ignore_patterns):
            found = Path(storage.path(name)).stat()
            facts.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return facts.hexdigest()
