"""What hatchling asks when it builds the wheel: which packages the site needs."""

from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

LOCKED = "locked/requirements.txt"


class Dependencies(MetadataHookInterface):
    """The very versions that `make run` installs: they were tested together."""

    def update(self, metadata: dict[str, Any]) -> None:
        lines = (Path(self.root) / LOCKED).read_text(encoding="utf-8").splitlines()
        # The lines between hold hashes, which a wheel's metadata have no place for.
        metadata["dependencies"] = [line.rstrip(" \\") for line in lines if not line[:1].isspace()]
