"""What the search of light curves reaches on real ones: injected transits recovered by S/N, how far
period, depth and duration are off, whether the stated uncertainties hold, alarms on stars without a
known signal, verdicts beside those of the archive's rows, and what a TESS sector and four years of
Kepler take.

    python -m benchmarks.curves [--folder ../shared/data/curves] [--injections 300]
                                [--calibrations 600] [--binaries 60] [--played 300]
                                [--parts PART …] [--json]

Transits are injected into every curve of the folder that has no known signal, and into the stars of
known ones, whose own transits are cut out by the catalogue's ephemerides first. A star is quiet if
its light scatters at most QUIET times as much over the whole curve as from one point to the next;
variable ones are told separately. At least three of the injected transits fall on data. The
injections are the same for the same number and seed. Factors of uncertainties are fitted on every
other star (``fitted``), and judged on those between (``judged``): thresholds and factors of the
engine were set on the former alone, but for three thresholds (SDE, ends of data, one flawed
transit), which other injections (``--seed 19``) into both decided.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.curve_costs import four_years, sector_seconds
from benchmarks.curve_verdicts import agreements, interval, verdict_pairs
from benchmarks.injecting import (
    Dark,
    Transit,
    chained,
    dark_curves,
    drawn,
    index_rows,
    table_rows,
    with_eclipses,
)
from training.ml.curves.calibration import group_of
from training.ml.curves.curve import Ephemeris, LightCurve
from training.ml.curves.find import find_signals
from training.ml.curves.judging import SAME_PERIOD
from training.ml.curves.measure import Signal
from training.ml.curves.read import read_curve
from training.ml.curves.stating import Stated, measure_stated
from training.ml.errors import UserError
from training.ml.schema import Mission

MEASURED: Final = ("period", "epoch", "duration", "depth")
BINS: Final = ((7, 10), (10, 15), (15, 60))
CHAINED: Final = 3  # sectors
LONG_POINTS: Final = 0.01  # days
ROWS: Final = 19  # seed of the archive's rows that are played


@dataclass(frozen=True)
class Injection:
    """``judges``: in a star that neither thresholds nor factors were set on."""

    truth: Transit
    snr: float
    found: Signal | None
    group: str
    judges: bool


@dataclass(frozen=True)
class Half:
    """A curve, and on which side its star stands."""

    curve: LightCurve
    judges: bool


def halves(curves: Sequence[Dark]) -> list[Half]:
    """Every other star judges; and sectors that are joined within a half."""
    single = [Half(one.curve, k % 2 == 1) for k, one in enumerate(curves)]
    quiet = [
        Half(one.curve, k % 2 == 1)
        for k, one in enumerate(curves)
        if one.quiet and one.curve.star.mission is Mission.TESS and one.curve.exposure > LONG_POINTS
    ]
    for side in (False, True):
        sectors = [one.curve for one in quiet if one.judges == side]
        for at in range(0, len(sectors) - CHAINED + 1, CHAINED):
            single.append(Half(chained(sectors[at : at + CHAINED]), side))
    return single


def searched(half: Half, draw: np.random.Generator) -> Injection | None:
    """A transit of a random period, duration, chord and S/N in real light, searched for."""
    if not (put_in := drawn(half.curve, draw)):
        return None
    transit, wanted, light = put_in
    signals = find_signals(light).accepted
    near = [s for s in signals if abs(s.period / transit.ephemeris.period - 1) < SAME_PERIOD]
    return Injection(transit, wanted, near[0] if near else None, group_of(half.curve), half.judges)


def measured(half: Half, draw: np.random.Generator) -> Injection | None:
    """The same, measured from a box near the truth, as a search leaves it: many more of them, for
    the uncertainties."""
    if not (put_in := drawn(half.curve, draw)):
        return None
    transit, wanted, light = put_in
    true = transit.ephemeris
    drift = 0.05 * true.duration
    box = Ephemeris(
        true.period * (1 + draw.normal() * drift / half.curve.span),
        true.epoch + draw.normal() * drift,
        true.duration * float(draw.uniform(0.75, 1.1)),
    )
    try:
        (found,) = measure_stated(light, [Stated(box.period, box, 0.8 * transit.depth)]).signals
    except UserError:
        return None
    return Injection(transit, wanted, found, group_of(half.curve), half.judges)


def injections(
    kind: Callable[[Half, np.random.Generator], Injection | None],
    curves: Sequence[Half],
    number: int,
    draw: np.random.Generator,
) -> list[Injection]:
    """Over all curves, in an order that is drawn."""
    order = draw.permutation(len(curves))
    found = (kind(curves[order[k % len(order)]], draw) for k in range(number))
    return [one for one in found if one]


def recovery(found: Sequence[Injection]) -> dict[str, Any]:
    """Recovered by S/N, how the strong ones were measured, and how many have a veto, as no planet
    should."""
    strong = [(i.truth, i.found) for i in found if i.found and i.snr > BINS[-1][0]]
    return {
        "injections": len(found),
        "recovered": {
            f"{low}-{high}": interval([i.found is not None for i in found if low <= i.snr < high])
            for low, high in BINS
        },
        "within_0.1_10_10_percent": interval([all(_close(*pair)) for pair in strong]),
        "within_each": [interval([_close(*pair)[k] for pair in strong]) for k in range(3)],
        "vetoed": interval([bool(i.found.vetoes) for i in found if i.found]),
    }


def _close(truth: Transit, found: Signal) -> tuple[bool, bool, bool]:
    return (
        abs(found.period / truth.ephemeris.period - 1) < 1e-3,
        abs(1e-6 * found.depth_ppm / truth.depth - 1) < 0.1,
        abs(found.duration_hours / (24 * truth.ephemeris.duration) - 1) < 0.1,
    )


def calibration(found: Sequence[Injection]) -> dict[str, Any]:
    """For each group: what the stated errors of one half would have to be multiplied by to hold
    68 % of its truths, and the share of truths that they hold in each half."""
    groups: dict[str, Any] = {}
    for name in ["all", *sorted({one.group for one in found})]:
        own = [one for one in found if name in ("all", one.group) and one.found]
        sides = {
            side: [
                _pulls(one.truth, one.found) for one in own if one.found and one.judges == judges
            ]
            for side, judges in (("fitted", False), ("judged", True))
        }
        groups[name] = {
            "factors_left": {
                quantity: round(
                    float(np.percentile([p[quantity] for p in sides["fitted"]], 68.3)), 2
                )
                for quantity in MEASURED
                if sides["fitted"]
            },
            "within_one_sigma": {
                side: {q: interval([pull[q] < 1 for pull in pulls]) for q in MEASURED}
                for side, pulls in sides.items()
            },
        }
    return groups


def _pulls(truth: Transit, found: Signal) -> dict[str, float]:
    """How many stated sigma the truth is away."""
    true = truth.ephemeris
    epoch = float(abs(true.offset(np.array([found.epoch]))[0]))
    pairs = {
        "period": (abs(found.period - true.period), found.period_error),
        "epoch": (epoch, found.epoch_error),
        "duration": (abs(found.duration_hours - 24 * true.duration), found.duration_error),
        "depth": (abs(found.depth_ppm - 1e6 * truth.depth), found.depth_error),
    }
    return {name: off / max(error, 1e-12) for name, (off, error) in pairs.items()}


# --- alarms, vetoes, time -------------------------------------------------------------------------


def alarms(curves: Sequence[Dark]) -> dict[str, Any]:
    found = [(one, find_signals(one.curve)) for one in curves]
    return {
        kind: {
            "alarms": interval([bool(f.accepted) for c, f in found if c.quiet == quiet]),
            "dips_without_a_period": sum(
                bool(f.signals and not f.accepted) for c, f in found if c.quiet == quiet
            ),
            "without_known_signal": sum(c.unknown for c, _ in found if c.quiet == quiet),
        }
        for kind, quiet in (("quiet", True), ("variable", False))
    }


def vetoed(folder: Path) -> dict[str, Any]:
    """What the checks of the light say of the folder's known planets and of its false positives
    whose table says that two stars eclipse (``koi_fpflag_ss``, which HAT-P-7 b has as well), where
    the known period is found."""
    rows, known = index_rows(folder), set[str]()
    for table in {row["table"] for one in rows.values() for row in one if row["table"]}:
        known |= {
            row["kepoi_name"]
            for row in table_rows(folder.parent / table)
            if row.get("koi_fpflag_ss") == "1" and row["koi_disposition"] == "FALSE POSITIVE"
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
    return {"planets_vetoed": interval(planets), "binaries_flagged": interval(binaries)}


def _found(folder: Path, name: str) -> list[Signal]:
    try:
        return find_signals(read_curve([(name, folder / name)]), most=2).signals
    except UserError:
        return []  # raw K2


def _same_dips(period: float, known: float) -> bool:
    """The same period, or twice or half of it: catalogues halve those of alternating eclipses."""
    return any(abs(period / (times * known) - 1) < SAME_PERIOD for times in (0.5, 1, 2))


def simulated_binaries(
    curves: Sequence[LightCurve], number: int, draw: np.random.Generator
) -> dict[str, Any]:
    """Eclipses of two stars put into quiet light: found at their period or half of it, flagged."""
    flagged = []
    for _ in range(number):
        curve = curves[int(draw.integers(len(curves)))]
        period, light = with_eclipses(curve, draw)
        seen = [
            one for one in find_signals(light, most=1).signals if _same_dips(one.period, period)
        ]
        if seen:
            flagged.append(bool(seen[0].vetoes))
    return {"simulated": number, "flagged_of_found": interval(flagged)}


# --- all of it ------------------------------------------------------------------------------------


def four_years_first(options: argparse.Namespace) -> dict[str, Any]:
    return four_years(options.folder)  # memory is told as the peak of all that came before


def uncertainties(options: argparse.Namespace) -> dict[str, Any]:
    sides = halves(dark_curves(options.folder))
    return calibration(injections(measured, sides, options.calibrations, _draw(options)))


def quiet(options: argparse.Namespace) -> dict[str, Any]:
    """All of them, and those in the stars that judge."""
    found = injections(searched, _of(options.folder, True), options.injections, _draw(options))
    return {"all": recovery(found), "judged": recovery([one for one in found if one.judges])}


def variable(options: argparse.Namespace) -> dict[str, Any]:
    number = max(1, options.injections // 4)
    return recovery(injections(searched, _of(options.folder, False), number, _draw(options)))


def binaries(options: argparse.Namespace) -> dict[str, Any]:
    light = [one.curve for one in _of(options.folder, True) if one.curve.exposure > LONG_POINTS]
    return simulated_binaries(light, options.binaries, _draw(options))


def verdicts(options: argparse.Namespace) -> dict[str, Any]:
    """Always the same rows: what is handed over was chosen on every other one of them."""
    draw = np.random.default_rng(ROWS)
    curves = dark_curves(options.folder)
    return agreements(verdict_pairs(options.folder, curves, options.played, draw))


PARTS: Final[dict[str, Callable[[argparse.Namespace], Any]]] = {
    "four_years_of_kepler": four_years_first,
    "cpu_seconds_one_tess_sector": lambda options: sector_seconds(options.folder),
    "uncertainties": uncertainties,
    "quiet": quiet,
    "variable": variable,
    "alarms": lambda options: alarms(dark_curves(options.folder)),
    "shared_curves": lambda options: vetoed(options.folder),
    "simulated_binaries": binaries,
    "verdicts": verdicts,
}


def _draw(options: argparse.Namespace) -> np.random.Generator:
    return np.random.default_rng(options.seed)


def _of(folder: Path, are_quiet: bool) -> list[Half]:
    curves = enumerate(dark_curves(folder))
    return [Half(one.curve, k % 2 == 1) for k, one in curves if one.quiet == are_quiet]


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Each part is told as soon as it is known: a whole run takes long."""
    said: dict[str, Any] = {"seed": options.seed}
    for name, part in PARTS.items():
        if not options.parts or name in options.parts:
            said[name] = part(options)
            print(name, json.dumps(said[name]), file=sys.stderr, flush=True)
    return said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--folder", type=Path, default=Path("../shared/data/curves"))
    parser.add_argument("--injections", type=int, default=300)
    parser.add_argument("--calibrations", type=int, default=600)
    parser.add_argument("--binaries", type=int, default=60)
    parser.add_argument("--played", type=int, default=300, help="rows of the archive")
    parser.add_argument("--parts", nargs="*", choices=PARTS, help="only these")
    parser.add_argument("--seed", type=int, default=23)
    parser.add_argument("--json", action="store_true", help="on one line, for programs")
    options = parser.parse_args()
    print(json.dumps(measure(options), indent=None if options.json else 2))


if __name__ == "__main__":
    main()
