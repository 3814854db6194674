"""What the search of light curves reaches on real ones: injected transits recovered by S/N, how far
period, depth and duration are off, whether the stated uncertainties hold, alarms on stars without a
known signal, and the CPU time of one TESS sector.

    python -m benchmarks.curves [--folder ../shared/data/curves] [--injections 120] [--json]

Transits are injected into every curve of the folder that has no known signal, and into the stars of
known ones, whose own transits are cut out by the catalogue's ephemerides first. A star is quiet if
its light scatters at most QUIET times as much over the whole curve as from one point to the next;
variable ones are told separately. At least three of the injected transits fall on data. The
injections are the same for the same number and seed.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from training.ml.curves.curve import Ephemeris, LightCurve, robust_sigma
from training.ml.curves.detrend import flatten, white_noise
from training.ml.curves.find import find_signals
from training.ml.curves.judging import LEAST_TRANSITS, SAME_PERIOD
from training.ml.curves.measure import Signal
from training.ml.curves.noise import red_factor
from training.ml.curves.read import read_curve
from training.ml.curves.shape import Trapezoid
from training.ml.curves.transits import transit_depths
from training.ml.errors import UserError

if TYPE_CHECKING:
    from training.ml.curves.curve import Floats

MEASURED: Final = ("period", "duration", "depth")
BINS: Final = ((7, 10), (10, 15), (15, 60))
NOT_QUIET: Final = {"wasp18b_flat_lightcurve.csv", "sherlock_regression_lc.csv.gz"}
"""Curves whose transits the index does not name."""
QUIET: Final = 2.0
ECLIPSE: Final = 30_000  # ppm
CUT: Final = 2.0  # durations around a known transit
TOI_CELLS: Final = ("pl_orbper", "pl_tranmid", "pl_trandurh")
SUN_DURATION: Final = 0.076  # days at a period of one day


@dataclass(frozen=True)
class Injection:
    shape: Trapezoid
    snr: float
    found: Signal | None


@dataclass(frozen=True)
class Dark:
    """A curve without known transits; ``unknown``: that none is known of its star at all."""

    curve: LightCurve
    unknown: bool

    @property
    def quiet(self) -> bool:
        curve = self.curve
        steps = white_noise(curve.flux, curve.weight, curve.part) * np.sqrt(curve.weight)
        return robust_sigma(curve.flux) <= QUIET * float(np.median(steps))


def index_rows(folder: Path) -> dict[str, list[dict[str, str]]]:
    """What the index says of each file: a row for each known signal."""
    rows: dict[str, list[dict[str, str]]] = {}
    with (folder / "index.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["file"], []).append(row)
    return rows


def dark_curves(folder: Path) -> list[Dark]:
    """Those of the folder that can be read, known transits cut out; without those of deep eclipses,
    between which little is left."""
    rows = index_rows(folder)
    known = _ephemerides(folder.parent, rows)
    curves = []
    for name, signals in rows.items():
        named = [row for row in signals if row["signal"]]
        if name in NOT_QUIET or any(float(row["depth_ppm"] or 0) > ECLIPSE for row in named):
            continue
        try:
            curve = read_curve([(name, folder / name)])
        except UserError:
            continue  # raw K2
        if named and curve.zero is None:
            continue
        curves.append(Dark(_cut(curve, [known[row["signal"]] for row in named]), not named))
    return curves


def _ephemerides(data: Path, rows: dict[str, list[dict[str, str]]]) -> dict[str, Ephemeris]:
    """Of each known signal, epochs as Julian dates."""
    tables = {row["table"] for one in rows.values() for row in one if row["table"]}
    found = {}
    for table in tables:
        for row in _table(data / table):
            found.update(_ephemeris(row))
    return found


def _table(path: Path) -> list[dict[str, str]]:
    packed = path.suffix == ".gz"
    text = gzip.decompress(path.read_bytes()).decode() if packed else path.read_text()
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def _ephemeris(row: dict[str, str]) -> dict[str, Ephemeris]:
    koi = "kepoi_name" in row
    name = row["kepoi_name"] if koi else f"TOI-{row['toi']}"
    cells = ("koi_period", "koi_time0bk", "koi_duration") if koi else TOI_CELLS
    period, epoch, hours = (float(row[cell] or "nan") for cell in cells)
    zero = 2_454_833.0 if koi else 0.0
    period = period if np.isfinite(period) else 1e5  # one transit was seen
    return {name: Ephemeris(period, epoch + zero, hours / 24)}


def _cut(curve: LightCurve, known: Sequence[Ephemeris]) -> LightCurve:
    kept = np.ones(len(curve), dtype=bool)
    for one in known:
        moved = replace(one, epoch=one.epoch - (curve.zero or 0.0))
        kept &= ~moved.during(curve.time, CUT)
    return replace(
        curve,
        time=curve.time[kept],
        flux=curve.flux[kept],
        weight=curve.weight[kept],
        part=curve.part[kept],
    )


def injected(curve: LightCurve, draw: np.random.Generator) -> Injection:
    """A transit of a random period, duration and S/N in real light, searched for."""
    while (drawn := _drawn(curve, draw)) is None:
        continue
    shape, wanted, light = drawn
    signals = find_signals(replace(curve, flux=light)).accepted
    near = [s for s in signals if abs(s.period / shape.ephemeris.period - 1) < SAME_PERIOD]
    return Injection(shape, wanted, near[0] if near else None)


def _drawn(curve: LightCurve, draw: np.random.Generator) -> tuple[Trapezoid, float, Floats] | None:
    """A transit, its S/N, and the light with it; None where fewer than three fall on data, or it
    would take half the light."""
    period = float(np.exp(draw.uniform(np.log(0.7), np.log(curve.span / 3.2))))
    duration = SUN_DURATION * period ** (1 / 3) * float(draw.uniform(0.7, 1.6))
    ephemeris = Ephemeris(period, float(curve.time[0] + draw.uniform(0, period)), duration)
    wanted = float(np.exp(draw.uniform(np.log(7), np.log(60))))
    unit = Trapezoid(ephemeris, 1.0, float(draw.uniform(0.08, 0.3)))
    flat = flatten(curve)
    red = red_factor(flat, duration)
    profile = unit.profile(ephemeris.offset(flat.time), curve.exposure)
    square = float((profile**2 / flat.sigma**2).sum())
    depth = wanted * red / np.sqrt(max(square, 1e-30))
    shape = replace(unit, depth=depth)
    if depth > 0.5 or len(transit_depths(flat, shape, red)) < LEAST_TRANSITS:
        return None
    lost = depth * unit.profile(ephemeris.offset(curve.time), curve.exposure)
    return shape, wanted, curve.flux * (1 - lost)


def shares(injections: Sequence[Injection]) -> dict[str, Any]:
    """Recovered by S/N, and how the recovered ones were measured."""
    recovered = {
        f"{low}-{high}": _share([i.found is not None for i in injections if low <= i.snr < high])
        for low, high in BINS
    }
    pulls = [_pulls(i.shape, i.found) for i in injections if i.found]
    strong = [(i.shape, i.found) for i in injections if i.found and i.snr > BINS[-1][0]]
    return {
        "recovered": recovered,
        "within_0.1_10_10_percent": _share([all(_close(*pair)) for pair in strong]),
        "within_each": [_share([_close(*pair)[k] for pair in strong]) for k in range(3)],
        "within_one_sigma": {name: _share([one[name] < 1 for one in pulls]) for name in MEASURED},
        "sigma_that_holds_68_percent": {
            name: round(float(np.percentile([one[name] for one in pulls], 68.3)), 2)
            for name in MEASURED
            if pulls
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


def measure(folder: Path, injections: int, seed: int) -> dict[str, Any]:
    """Three of four injections go into quiet stars."""
    curves = dark_curves(folder)
    unknown = [find_signals(one.curve) for one in curves if one.unknown]
    known = [find_signals(one.curve) for one in curves if not one.unknown and one.quiet]
    draw = np.random.default_rng(seed)
    kinds = {
        kind: _injections([c.curve for c in curves if c.quiet == quiet], number, draw)
        for kind, quiet, number in (
            ("quiet", True, injections - injections // 4),
            ("variable", False, injections // 4),
        )
    }
    return {
        "stars_without_known_signal": len(unknown),
        "alarms": sum(bool(one.accepted) for one in unknown),
        "dips_without_a_period": sum(bool(one.signals and not one.accepted) for one in unknown),
        "quiet_stars_with_transits_cut_out": len(known),
        "alarms_there": sum(bool(one.accepted) for one in known),
        "seed": seed,
        **{kind: {"injections": len(drawn), **shares(drawn)} for kind, drawn in kinds.items()},
        **vetoed(folder),
        "cpu_seconds_one_tess_sector": sector_seconds(folder),
    }


def vetoed(folder: Path) -> dict[str, Any]:
    """What the checks of the light say of the folder's known planets and of its false positives
    whose table says that two stars eclipse (``koi_fpflag_ss``), where the known period is found."""
    rows, known = index_rows(folder), set[str]()
    for table in {row["table"] for one in rows.values() for row in one if row["table"]}:
        known |= {
            row["kepoi_name"]
            for row in _table(folder.parent / table)
            if row.get("koi_fpflag_ss") == "1"
        }
    planets: list[bool] = []
    binaries: list[bool] = []
    for name, signals in rows.items():
        wanted = {
            row["signal"]: float(row["period"])
            for row in signals
            if row["period"] and (row["signal"] in known or row["disposition"] == "CONFIRMED")
        }
        found = _found(folder, name) if wanted else []
        for signal, period in wanted.items():
            seen = [bool(one.vetoes) for one in found if _same_dips(one.period, period)]
            if seen:
                (binaries if signal in known else planets).append(any(seen))
    return {"planets_vetoed": _share(planets), "binaries_flagged": _share(binaries)}


def _found(folder: Path, name: str) -> list[Signal]:
    try:
        return find_signals(read_curve([(name, folder / name)])).signals
    except UserError:
        return []  # raw K2


def _same_dips(period: float, known: float) -> bool:
    """The same period, or twice or half of it: catalogues halve those of alternating eclipses."""
    return any(abs(period / (times * known) - 1) < SAME_PERIOD for times in (0.5, 1, 2))


def _injections(
    curves: Sequence[LightCurve], number: int, draw: np.random.Generator
) -> list[Injection]:
    """Over all curves, in an order that is drawn."""
    order = draw.permutation(len(curves))
    return [injected(curves[order[k % len(curves)]], draw) for k in range(number)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--folder", type=Path, default=Path("../shared/data/curves"))
    parser.add_argument("--injections", type=int, default=120)
    parser.add_argument("--seed", type=int, default=19)
    parser.add_argument("--json", action="store_true", help="on one line, for programs")
    options = parser.parse_args()
    figures = measure(options.folder, options.injections, options.seed)
    print(json.dumps(figures, indent=None if options.json else 2))


if __name__ == "__main__":
    main()
