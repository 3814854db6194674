"""What a search takes: one TESS sector with three planets, and four years of Kepler."""

from __future__ import annotations

import resource
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.injecting import Transit, chained, depth_for, with_transit
from training.ml.curves.curve import Ephemeris, FlatCurve, LightCurve
from training.ml.curves.detrend import flatten
from training.ml.curves.find import find_signals
from training.ml.curves.judging import SAME_PERIOD
from training.ml.curves.read import read_curve

YEARS: Final = 16  # quarters: four years
PLANETS: Final = ((289.9, 40.0), (41.1, 30.0), (7.13, 25.0))  # days and S/N


def sector_seconds(folder: Path) -> float:
    """CPU time of the longest TESS sector in the folder with three planets, read, searched and
    measured."""
    path = max(folder.glob("tess2*_lc.fits.gz"), key=lambda file: file.stat().st_size)
    curve = read_curve([(path.name, path)])  # libraries are loaded
    flat = flatten(curve)
    for period, snr in ((7.7, 25.0), (2.9, 20.0)):
        curve = _planet(curve, flat, period, snr)
    start = time.process_time()
    read_curve([(path.name, path)])
    find_signals(curve)
    return round(time.process_time() - start, 2)


def four_years(folder: Path) -> dict[str, Any]:
    """Time and memory for sixteen quarters: the sampling of the folder's two, a slow wave, noise of
    80 ppm, and three planets."""
    paths = sorted(folder.glob("kplr*_llc.fits"))
    quarters = [read_curve([(path.name, path)]) for path in paths]
    curve = chained([quarters[k % len(quarters)] for k in range(YEARS)])
    noise = 80e-6 * np.random.default_rng(3).normal(size=len(curve))
    wave = 1e-3 * np.sin(2 * np.pi * curve.time / 17)
    curve = replace(curve, flux=1 + wave + noise)
    flat = flatten(curve, window=2.0)
    for period, snr in PLANETS:
        curve = _planet(curve, flat, period, snr)
    start = time.process_time()
    found = find_signals(curve).accepted
    seconds = time.process_time() - start
    right = [
        any(abs(one.period / period - 1) < SAME_PERIOD for one in found) for period, _ in PLANETS
    ]
    return {
        "points": len(curve),
        "cpu_seconds": round(seconds),
        "peak_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "planets_found": sum(right),
        "other_signals": len(found) - sum(right),
    }


def _planet(curve: LightCurve, flat: FlatCurve, period: float, snr: float) -> LightCurve:
    ephemeris = Ephemeris(period, float(curve.time[0]) + 0.37 * period, 0.076 * period ** (1 / 3))
    unit = Transit(ephemeris, 1e-3, 0.3)
    return with_transit(curve, replace(unit, depth=depth_for(unit, flat, snr)))
