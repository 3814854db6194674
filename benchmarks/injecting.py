"""Real light without known transits, and transits as a planet before a limb-darkened star makes
them, put into it: what the search of light curves is judged on.

A transit is the overlap of two discs times the star's brightness there (quadratic limb darkening,
the planet small); it is no trapezoid, so that the fit is not judged on its own kind.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from training.ml.curves.curve import Ephemeris, FlatCurve, LightCurve, robust_sigma
from training.ml.curves.detrend import flatten, white_noise
from training.ml.curves.judging import LEAST_TRANSITS
from training.ml.curves.noise import red_factor
from training.ml.curves.read import read_curve
from training.ml.curves.shape import Trapezoid
from training.ml.curves.transits import transit_depths
from training.ml.errors import UserError

if TYPE_CHECKING:
    from training.ml.curves.curve import Floats

NOT_QUIET: Final = {"wasp18b_flat_lightcurve.csv", "sherlock_regression_lc.csv.gz"}
"""Curves whose transits the index does not name."""
QUIET: Final = 2.0
ECLIPSE: Final = 30_000  # ppm
CUT: Final = 2.0  # durations around a known transit
TOI_CELLS: Final = ("pl_orbper", "pl_tranmid", "pl_trandurh")
SUN_DURATION: Final = 0.076  # days at a period of one day
LIMB: Final = (0.4, 0.25)  # of a star like the Sun, in red light
GRAZING: Final = 0.9  # largest impact parameter that is drawn
MOST: Final = 0.05  # of the light: what takes more is vetoed
TRIES: Final = 30
_SAMPLES: Final = 5  # of an exposure
_LEAP: Final = 1.5  # days between curves that are joined


@dataclass(frozen=True)
class Dark:
    """A curve without known transits; ``unknown``: that none is known of its star at all;
    ``star``: its place among them, which halves share."""

    name: str
    curve: LightCurve
    unknown: bool

    @property
    def quiet(self) -> bool:
        curve = self.curve
        steps = white_noise(curve.flux, curve.weight, curve.part) * np.sqrt(curve.weight)
        return robust_sigma(curve.flux) <= QUIET * float(np.median(steps))


@dataclass(frozen=True)
class Transit:
    """``depth``: relative loss at mid-transit; ``impact``: of the chord, in stellar radii."""

    ephemeris: Ephemeris
    depth: float
    impact: float

    @property
    def ratio(self) -> float:
        """Rp/Rs, from the brightness where the planet stands at mid-transit."""
        return float(np.sqrt(self.depth / _brightness(np.array([self.impact]))[0]))

    def loss(self, time: Floats, exposure: float) -> Floats:
        """(n,) relative, mean of each exposure."""
        shifts = exposure * ((np.arange(_SAMPLES) + 0.5) / _SAMPLES - 0.5)
        return np.asarray(np.mean([self._at(time + shift) for shift in shifts], axis=0))

    def _at(self, time: Floats) -> Floats:
        ratio = self.ratio
        chord = np.sqrt((1 + ratio) ** 2 - self.impact**2)
        along = 2 * chord * self.ephemeris.offset(time) / self.ephemeris.duration
        apart = np.hypot(along, self.impact)
        lost = np.zeros(len(time))
        near = apart < 1 + ratio
        lost[near] = _overlap(apart[near], ratio) * _brightness(
            (np.maximum(apart[near] - ratio, 0) + np.minimum(apart[near] + ratio, 1)) / 2
            if ratio > 1e-3
            else apart[near]
        )
        return lost

    @property
    def trapezoid(self) -> Trapezoid:
        """About the same, for what only asks where transits are."""
        return Trapezoid(self.ephemeris, self.depth, 0.15)


def _brightness(radius: Floats) -> Floats:
    """Of the disc at ``radius``, relative to its mean."""
    first, second = LIMB
    darker = 1 - np.sqrt(np.clip(1 - radius**2, 0, 1))
    return np.asarray((1 - first * darker - second * darker**2) / (1 - first / 3 - second / 6))


def _overlap(apart: Floats, ratio: float) -> Floats:
    """Of two discs of radius 1 and ``ratio``, over the area of the first."""
    apart = np.maximum(apart, 1e-9)
    inside = apart <= 1 - ratio
    one = np.arccos(np.clip((apart**2 + 1 - ratio**2) / (2 * apart), -1, 1))
    other = np.arccos(np.clip((apart**2 + ratio**2 - 1) / (2 * apart * ratio), -1, 1))
    kite = np.sqrt(
        np.clip(
            (1 + ratio - apart) * (apart + ratio - 1) * (apart - ratio + 1) * (apart + ratio + 1),
            0,
            None,
        )
    )
    return np.where(inside, ratio**2, (one + ratio**2 * other - kite / 2) / np.pi)


# --- real light -----------------------------------------------------------------------------------


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
        curves.append(Dark(name, _cut(curve, [known[row["signal"]] for row in named]), not named))
    return curves


def chained(curves: Sequence[LightCurve]) -> LightCurve:
    """One after the other, as if of one star: the light of several sectors, of which the folder has
    none. Each keeps its own noise and waves."""
    start, times = 0.0, []
    for curve in curves:
        times.append(curve.time - curve.time[0] + start)
        start = float(times[-1][-1]) + _LEAP
    return replace(
        curves[0],
        time=np.concatenate(times),
        flux=np.concatenate([curve.flux for curve in curves]),
        weight=np.concatenate([curve.weight for curve in curves]),
        part=np.repeat(np.arange(len(curves)), [len(curve) for curve in curves]),
        centroid=None,
    )


def _ephemerides(data: Path, rows: dict[str, list[dict[str, str]]]) -> dict[str, Ephemeris]:
    """Of each known signal, epochs as Julian dates."""
    tables = {row["table"] for one in rows.values() for row in one if row["table"]}
    found = {}
    for table in tables:
        for row in table_rows(data / table):
            found.update(_ephemeris(row))
    return found


def table_rows(path: Path) -> list[dict[str, str]]:
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
        centroid=None,
    )


# --- transits put into it -------------------------------------------------------------------------


def drawn(
    curve: LightCurve, draw: np.random.Generator, flat: FlatCurve | None = None
) -> tuple[Transit, float, LightCurve] | None:
    """A transit of a random period, duration, chord and S/N; and the light with it. None where the
    light is too noisy for any planet, or too short."""
    flat = flatten(curve) if flat is None else flat
    for _ in range(TRIES):
        if found := _drawn(curve, flat, draw):
            return found
    return None


def _drawn(
    curve: LightCurve, flat: FlatCurve, draw: np.random.Generator
) -> tuple[Transit, float, LightCurve] | None:
    """None where fewer than three fall on data, or it would take more than a planet does."""
    period = float(np.exp(draw.uniform(np.log(0.7), np.log(curve.span / 3.2))))
    duration = SUN_DURATION * period ** (1 / 3) * float(draw.uniform(0.7, 1.6))
    ephemeris = Ephemeris(period, float(curve.time[0] + draw.uniform(0, period)), duration)
    wanted = float(np.exp(draw.uniform(np.log(7), np.log(60))))
    impact = float(draw.uniform(0, GRAZING))
    depth = depth_for(Transit(ephemeris, 1e-3, impact), flat, wanted)
    transit = Transit(ephemeris, depth, impact)
    if depth > MOST or len(transit_depths(flat, transit.trapezoid, 1.0)) < LEAST_TRANSITS:
        return None
    return transit, wanted, with_transit(curve, transit)


def depth_for(transit: Transit, flat: FlatCurve, snr: float) -> float:
    """The depth at which this transit has that S/N in the noise of its own length."""
    red = red_factor(flat, transit.ephemeris.duration)
    profile = transit.loss(flat.time, flat.exposure) / transit.depth
    return float(snr * red / np.sqrt(max(float((profile**2 / flat.sigma**2).sum()), 1e-30)))


def with_transit(curve: LightCurve, transit: Transit) -> LightCurve:
    return replace(curve, flux=curve.flux * (1 - transit.loss(curve.time, curve.exposure)))


def with_eclipses(curve: LightCurve, draw: np.random.Generator) -> tuple[float, LightCurve]:
    """The period of two stars that eclipse each other on a circular orbit, their light perhaps
    diluted by a third; and the light with it. Seven in ten are grazing."""
    period = float(np.exp(draw.uniform(np.log(0.8), np.log(curve.span / 5))))
    duration = SUN_DURATION * period ** (1 / 3) * float(draw.uniform(0.9, 2.0))
    first = Ephemeris(period, float(curve.time[0] + draw.uniform(0, period)), duration)
    depth = float(np.exp(draw.uniform(np.log(0.005), np.log(0.3))))
    ingress = 0.5 if draw.random() < 0.7 else float(draw.uniform(0.15, 0.5))
    second = replace(first, epoch=first.epoch + period / 2)
    light = curve.flux.copy()
    for eclipse, deep in ((first, depth), (second, depth * float(draw.uniform(0.02, 1)))):
        shape = Trapezoid(eclipse, deep, ingress)
        light *= 1 - deep * shape.profile(eclipse.offset(curve.time), curve.exposure)
    return period, replace(curve, flux=light)
