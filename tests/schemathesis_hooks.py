"""Things that are there, for schemathesis: a made-up number, name or key would only ever find 404."""

from __future__ import annotations

import os
import re
from typing import Any

import schemathesis

KINDS = {
    "batches": ("BATCH", r"[0-9a-f-]{36}"), "datasets": ("DATASET", r"[0-9]+"), "training-runs": ("RUN", r"[0-9]+"),
    "model-versions": ("VERSION", r".+"),
}  # fmt: skip


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """What has the form of a key becomes the key of something; what has not stays wrong."""
    kind = KINDS.get(context.operation.path.split("/")[3] if context.operation.path.startswith("/api/v1/") else "")
    if kind and path_parameters:
        name = "name" if "name" in path_parameters else "id"
        if re.fullmatch(kind[1], str(path_parameters[name])):
            path_parameters[name] = os.environ[kind[0]]
    return path_parameters
