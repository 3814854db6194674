"""Things that are there, for schemathesis:
a made-up number, name or key would only ever find 404."""

from __future__ import annotations

import math
import os
import re
from typing import Any

import schemathesis

from training.ml.schema import FEATURE_BY_NAME, NUMERIC_NAMES, REQUIRED_NAMES
from training.ml.tables.cells import LONGEST

KINDS = {
    "batches": ("BATCH", r"[0-9a-f-]{36}"),
    "datasets": ("DATASET", r"[0-9]+"),
    "training-runs": ("RUN", r"[0-9]+"),
    "model-versions": ("VERSION", r".+"),
    "catalogue": ("SLUG", r".+"),
    "reviewing": ("SLUG", r".+"),
}


@schemathesis.hook
def map_path_parameters(
    context: Any, path_parameters: dict[str, Any] | None
) -> dict[str, Any] | None:
    """What has the form of a key becomes the key of something; what has not stays wrong."""
    kind = KINDS.get(
        context.operation.path.split("/")[3]
        if context.operation.path.startswith("/api/v1/")
        else ""
    )
    if kind and path_parameters:
        name = next(name for name in ("name", "slug", "id") if name in path_parameters)
        if re.fullmatch(kind[1], str(path_parameters[name])):
            path_parameters[name] = os.environ[kind[0]]
    return path_parameters


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """What a schema cannot say. Which number a text spells: where a text may stand, it becomes one
    that spells a number of the range. That a transit is shorter than its period: where both numbers
    are valid by themselves, the duration gives way. Everything else must be taken as the schema has
    it."""
    body = case.body
    if not isinstance(body, dict):
        return
    for name, value in body.items():
        if isinstance(value, str) and len(value) <= LONGEST and name in NUMERIC_NAMES:
            feature = FEATURE_BY_NAME[name]
            unit = feature.unit if name in REQUIRED_NAMES else ""
            body[name] = f"{math.ceil(feature.low)} {unit}"
    period, duration = body.get("orbital_period"), body.get("transit_duration")
    days = 1 if isinstance(period, str) else period
    if not isinstance(days, int | float) or not isinstance(duration, int | float):
        return
    if duration >= 24 * days > 0:
        body["transit_duration"] = 12 * days
