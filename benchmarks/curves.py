"""What the search of light curves reaches on real ones: injected transits recovered by S/N, how far
period, depth and duration are off, whether the stated uncertainties hold, alarms on quiet stars,
and the CPU time of one TESS sector.

    python -m benchmarks.curves [--folder ../shared/data/curves] [--injections 120] [--json]

The quiet stars are those of the folder's index.csv without a known signal, variable stars among
them; the injections are the same for the same number.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from training.ml.curves.curve import Ephemeris, LightCurve
from training.ml.curves.detrend import flatten
from training.ml.curves.find import find_signals
from training.ml.curves.measure import Signal
from training.ml.curves.noise import red_factor
from training.ml.curves.read import read_curve
from training.ml.curves.shape import Trapezoid
from training.ml.errors import UserError

BINS: Final = ((7, 10), (10, 15), (15, 60))
NOT_QUIET: Final = {"wasp18b_flat_lightcurve.csv", "sherlock_regression_lc.csv.gz"}
"""Curves whose transits the index does not name."""
SUN_DURATION: Final = 0.076  # days at a period of one day


@dataclass(frozen=True)
class Injection:
    shape: Trapezoid
    snr: float
    found: Signal | None


def quiet_curves(folder: Path) -> list[LightCurve]:
    """Those whose index names no signal, as far as they can be read."""
    with (folder / "index.csv").open(newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if not row["signal"] and row["file"] not in NOT_QUIET
        ]
    curves = []
    for row in rows:
        try:
            curves.append(read_curve([(row["file"], folder / row["file"])]))
        except UserError:
            continue  # raw K2
    return curves


def injected(curve: LightCurve, draw: np.random.Generator) -> Injection:
    """A transit of a random period, duration and S/N in real light, searched for."""
    period = float(np.exp(draw.uniform(np.log(0.7), np.log(curve.span / 3.2))))
    duration = SUN_DURATION * period ** (1 / 3) * float(draw.uniform(0.7, 1.6))
    ephemeris = Ephemeris(period, float(curve.time[0] + draw.uniform(0, period)), duration)
    wanted = float(np.exp(draw.uniform(np.log(7), np.log(60))))
    unit = Trapezoid(ephemeris, 1.0, float(draw.uniform(0.08, 0.3)))
    flat = flatten(curve)
    drawn = unit.profile(ephemeris.offset(flat.time), curve.exposure)
    noise = red_factor(flat, duration) / float(np.sqrt((drawn**2 / flat.sigma**2).sum()))
    shape = replace(unit, depth=wanted * noise)
    light = curve.flux * (
        1 - shape.depth * unit.profile(ephemeris.offset(curve.time), curve.exposure)
    )
    signals = find_signals(replace(curve, flux=light)).accepted
    near = [s for s in signals if abs(s.period / period - 1) < 0.003]
    return Injection(shape, wanted, near[0] if near else None)


def shares(injections: Sequence[Injection]) -> dict[str, Any]:
    """Recovered by S/N, and how the recovered ones were measured."""
    recovered = {
        f"{low}-{high}": _share([i.found is not None for i in injections if low <= i.snr < high])
        for low, high in BINS
    }
    strong = [(i.shape, i.found) for i in injections if i.found and i.snr > BINS[-1][0]]
    return {
        "recovered": recovered,
        "within_0.1_10_10_percent": _share([all(_close(*pair)) for pair in strong]),
        "within_each": [_share([_close(*pair)[k] for pair in strong]) for k in range(3)],
        "within_one_sigma": {
            name: _share([_pulls(i.shape, i.found)[name] < 1 for i in injections if i.found])
            for name in ("period", "duration", "depth")
        },
    }


def _share(kept: Sequence[bool]) -> dict[str, float | int]:
    return {"share": round(float(np.mean(kept)), 3) if kept else float("nan"), "of": len(kept)}


def _close(truth: Trapezoid, found: Signal) -> tuple[bool, bool, bool]:
    return (
        abs(found.period / truth.ephemeris.period - 1) < 1e-3,
        abs(found.shape.depth / truth.depth - 1) < 0.1,
        abs(found.shape.ephemeris.duration / truth.ephemeris.duration - 1) < 0.1,
    )


def _pulls(truth: Trapezoid, found: Signal) -> dict[str, float]:
    """How many stated sigma the truth is away."""
    hours = 24 * truth.ephemeris.duration
    return {
        "period": abs(found.period - truth.ephemeris.period) / max(found.period_error, 1e-12),
        "duration": abs(found.duration_hours - hours) / max(found.duration_error, 1e-12),
        "depth": abs(found.depth_ppm - 1e6 * truth.depth) / max(found.depth_error, 1e-12),
    }


def sector_seconds(folder: Path) -> float:
    """CPU time of the longest TESS sector in the folder, read, searched and measured."""
    path = max(folder.glob("tess2*_lc.fits.gz"), key=lambda file: file.stat().st_size)
    read_curve([(path.name, path)])  # libraries are loaded
    start = time.process_time()
    find_signals(read_curve([(path.name, path)]))
    return round(time.process_time() - start, 2)


def measure(folder: Path, injections: int) -> dict[str, Any]:
    curves = quiet_curves(folder)
    found = [find_signals(curve) for curve in curves]
    calm = [c for c, f in zip(curves, found, strict=True) if f.ended and not f.signals]
    draw = np.random.default_rng(19)
    drawn = [injected(calm[number % len(calm)], draw) for number in range(injections)]
    return {
        "quiet_stars": len(curves),
        "alarms": sum(bool(one.accepted) for one in found),
        "dips_without_a_period": sum(bool(one.signals and not one.accepted) for one in found),
        "injections": injections,
        **shares(drawn),
        "cpu_seconds_one_tess_sector": sector_seconds(folder),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--folder", type=Path, default=Path("../shared/data/curves"))
    parser.add_argument("--injections", type=int, default=120)
    parser.add_argument("--json", action="store_true", help="on one line, for programs")
    options = parser.parse_args()
    figures = measure(options.folder, options.injections)
    print(json.dumps(figures, indent=None if options.json else 2))


if __name__ == "__main__":
    main()
