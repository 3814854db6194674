"""What the catalogue knows of a star whose files say little."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import isclose
from typing import Any, Final

from predictions.catalogue.models import Star
from predictions.curves.asking import Asked
from training.ml.errors import UserError
from training.ml.sky.typed import read_typed

INPUTS: Final = {
    "teff": "stellar_teff",
    "radius": "stellar_radius",
    "logg": "stellar_logg",
    "metallicity": "stellar_metallicity",
}
"""Not the magnitude: the star may be listed in another mission's band."""


NEEDED: Final = ("teff", "radius")
"""Without these there is no verdict."""
SOURCES: Final = ("files", "catalogue", "stated")
_DIGITS: Final = 1e-5  # relative: headers hold single precision


def star_sources(
    star: Mapping[str, Any], told: Mapping[str, Any], known: Mapping[str, Any]
) -> dict[str, str]:
    """Where each fact of the star is from, one of ``SOURCES``. ``told``: what the files say;
    ``known``: what the catalogue said where they say nothing."""
    return {
        name: next(
            (
                source
                for source, facts in zip(SOURCES, (told, known), strict=False)
                if _same(facts.get(name), value)
            ),
            "stated",
        )
        for name, value in star.items()
        if value not in (None, "")
    }


def with_catalogue(told: Mapping[str, Any], asked: Asked) -> Asked:
    """``asked``, with what the catalogue knows of the star where neither its files nor the person
    say it."""
    facts = dict(told) | dict(asked.star)
    if set(NEEDED) <= set(facts):
        return asked
    known = catalogue_facts(facts)
    return replace(asked, star=known | dict(asked.star), known=known)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, (int, float)):
        return isclose(one, other, rel_tol=_DIGITS)
    return bool(one is not None and str(one) == str(other))


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
    for inputs in (
        star.signals.listed().filter(is_simulated=False).values_list("inputs", flat=True)[:10]
    ):
        facts = {fact: inputs[name] for fact, name in INPUTS.items() if inputs.get(name)}
        if set(NEEDED) <= set(facts):
            return {fact: value for fact, value in facts.items() if fact not in told}
    return {}
