"""Where the site's own files are: as git has them (a checkout, an image), or as a wheel does."""

import os
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).resolve().parent.parent
"""Holds `manage.py` and the packages; of an installed wheel it is the folder of all packages."""

IS_INSTALLED: Final = not (PROJECT / "templates").is_dir()
FACE: Final = Path(__file__).resolve().parent if IS_INSTALLED else PROJECT
"""Holds `templates` and `static`, which a wheel keeps inside this package."""


def data_folder() -> Path:
    """Where the data lie unless DATA_DIR says so: an installed package may be gone tomorrow, and
    its data with it."""
    if not IS_INSTALLED:
        return PROJECT / "data"
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "exoplanet-site"
