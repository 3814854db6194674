"""Whether a version has learnt from the star that a person names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from training.ml.schema import Mission
from training.ml.sky.names import targets_in

if TYPE_CHECKING:
    from training.ml.answers import HeldOut
    from training.ml.sky.place import Place

CATALOGUED: Final = r"(?i:TIC|KIC|EPIC|KOI|TOI|K\d)"
"""Part of every name that can be looked up here."""
_MAX_SIGNALS: Final = 9  # on one star, where a name leaves out which


def star_keys(identifier: str) -> list[str]:
    """The star by its catalogue, as the archive's tables name it: "TIC 150428135"."""
    return [target.name for target in targets_in(identifier) if target.is_star][:1]


def signal_keys(identifier: str) -> list[str]:
    """Mission and signal, as the archive's tables name them: "Kepler K00072.01"."""
    listed = [target for target in targets_in(identifier) if not target.is_star]
    # A KOI's number comes first where a text holds both: Kepler's signals were there before TESS.
    for target in sorted(listed, key=lambda target: target.catalogue):
        signals = [target.signal] if target.signal else range(1, _MAX_SIGNALS + 1)
        if target.catalogue == "KOI":
            return [f"{Mission.KEPLER} K{target.number:05}.{n:02}" for n in signals]
        return [f"{Mission.TESS} {target.number}.{n:02}" for n in signals]
    return [f"{Mission.K2} {identifier.strip()}"] if identifier.strip() else []


def learnt_from(held_out: HeldOut, identifier: str, place: Place | None = None) -> bool:
    """Whether the star or signal that ``identifier`` names, or the star at ``place``, is one that
    the version kept answers of.

    A name that no catalogue of the archive's tables has names nothing here.
    """
    if place is not None and _stands_at(held_out, place):
        return True
    if not identifier.strip():
        return False
    return held_out.names_any(star_keys(identifier), signal_keys(identifier))


def _stands_at(held_out: HeldOut, place: Place) -> bool:
    import pandas as pd

    nameless = pd.Series([None], dtype="str")
    return bool(held_out.has_star(nameless, np.array([place.ra]), np.array([place.dec]))[0])
