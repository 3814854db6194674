"""What the catalogue knows of a star whose files say little."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from predictions.catalogue.models import Star
from training.ml.errors import UserError
from training.ml.sky.typed import read_typed

INPUTS: Final = {
    "teff": "stellar_teff",
    "radius": "stellar_radius",
    "logg": "stellar_logg",
    "metallicity": "stellar_metallicity",
}
"""Not the magnitude: the star may be listed in another mission's band."""


def catalogue_facts(told: Mapping[str, Any]) -> dict[str, float]:
    """What the star's first listed signal with a temperature and a radius adds to what was
    ``told``."""
    try:
        keys = read_typed(str(told.get("name") or "")).keys
    except UserError:
        return {}
    star = Star.objects.filter(names__key__in=keys).first() if keys else None
    if star is None:
        return {}
    for inputs in star.signals.listed().values_list("inputs", flat=True)[:10]:
        facts = {fact: inputs[name] for fact, name in INPUTS.items() if inputs.get(name)}
        if {"teff", "radius"} <= set(facts):
            return {fact: value for fact, value in facts.items() if fact not in told}
    return {}
