"""Ten well-known signals with published values, for looking how a classifier's answer changes along
one quantity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from training.ml.schema import SIX_PARAMETERS


def _signal(mission: str, *values: float) -> dict[str, float | str]:
    return {"mission": mission, **dict(zip(SIX_PARAMETERS, values, strict=True))}


# Period, duration, depth, planet radius, stellar temperature, stellar radius: SIX_PARAMETERS.
FAMOUS: Final[Mapping[str, Mapping[str, float | str]]] = {
    # Batalha et al. 2011, ApJ 729, 27
    "Kepler-10 b": _signal("Kepler", 0.837495, 1.811, 152, 1.416, 5627, 1.056),
    # Borucki et al. 2012, ApJ 745, 120
    "Kepler-22 b": _signal("Kepler", 289.8623, 7.415, 492, 2.38, 5518, 0.979),
    # Jenkins et al. 2015, AJ 150, 56
    "Kepler-452 b": _signal("Kepler", 384.843, 10.63, 199, 1.63, 5757, 1.11),
    # TOI table (Guerrero et al. 2021, ApJS 254, 39, as continued)
    "HD 209458 b": _signal("TESS", 3.524755, 2.958, 17_803, 16.3776, 6052, 1.19),
    "WASP-18 b": _signal("TESS", 0.941453, 2.05, 11_445, 15.342, 6400, 1.35),
    "TOI-700 d": _signal("TESS", 37.423684, 3.36501, 737.55, 1.329657, 3482, 0.419457),
    # Torres et al. 2008, ApJ 677, 1324
    "HD 189733 b": _signal("TESS", 2.218573, 1.827, 24_120, 12.76, 5040, 0.756),
    # Hebb et al. 2009, ApJ 693, 1920
    "WASP-12 b": _signal("TESS", 1.091423, 2.93, 13_800, 20.07, 6300, 1.57),
    # Benneke et al. 2017, ApJ 834, 187
    "K2-18 b": _signal("K2", 32.939614, 2.663, 2804, 2.279, 3457, 0.411),
    # An eclipsing binary: Thompson et al. 2018, ApJS 235, 38 (KOI table, DR25)
    "KOI-698.01": _signal("Kepler", 12.718711, 2.48998, 8378.9, 120.02, 6120, 1.596),
}
