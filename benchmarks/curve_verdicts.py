"""Whether a signal that is measured in a light curve gets the verdict of its row in the archive.

Rows of the archive's TOI table are played into real quiet light as their own transits,
found, measured and handed over with their own star; and the row itself is answered with the same
columns. The classifier that answers has not learnt from any of these stars: it is trained here
without them, nor from the stars of the shared curves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.injecting import (
    GRAZING,
    Dark,
    Transit,
    depth_for,
    index_rows,
    with_transit,
)
from benchmarks.real_tables import widest_tables
from training.ml.curves.curve import Ephemeris, LightCurve, Star
from training.ml.curves.detrend import flatten
from training.ml.curves.find import find_signals
from training.ml.curves.handover import signal_inputs
from training.ml.curves.judging import SAME_PERIOD
from training.ml.fitting.lineage import read_tables
from training.ml.inputs import parse_signal
from training.ml.schema import DISPOSITIONS, Mission
from training.ml.tables.data_loader import star_groups
from training.ml.train import train

if TYPE_CHECKING:
    import pandas as pd

    from training.ml.model import ExoplanetClassifier
    from training.ml.tables.signal_table import SignalTable

HELD_OUT: Final = 0.12  # of all stars, beside those of the shared curves
SEED: Final = 19
LEAST_SNR: Final = 8.0
_STAR: Final = {
    "teff": "stellar_teff",
    "radius": "stellar_radius",
    "logg": "stellar_logg",
    "metallicity": "stellar_metallicity",
    "magnitude": "stellar_magnitude",
}


@dataclass(frozen=True)
class Played:
    """What became of one row: its disposition in the archive, the answer to the row with the
    measured row's columns, and the answer to what was measured."""

    truth: str
    row: str
    measured: str


def held_out(names: set[str], threads: int = 1) -> tuple[ExoplanetClassifier, list[SignalTable]]:
    """A classifier, and the tables' signals whose stars it has not learnt from."""
    tables, facts = read_tables(widest_tables())
    groups = star_groups(tables)
    stars = np.unique(np.concatenate(groups))
    draw = np.random.default_rng(SEED)
    out = set(draw.choice(stars, int(HELD_OUT * len(stars)), replace=False).tolist())
    for table, group in zip(tables, groups, strict=True):
        known = table.signals.astype(str).map(lambda name: {name, f"TOI-{name}"} & names)
        out |= set(group[known.map(bool).to_numpy()].tolist())
    kept = [np.isin(group, list(out)) for group in groups]
    learnt = [
        replace(table, dispositions=table.dispositions.where(~at))
        for table, at in zip(tables, kept, strict=True)
    ]
    others = [
        replace(table, dispositions=table.dispositions.where(at))
        for table, at in zip(tables, kept, strict=True)
    ]
    return train(learnt, facts=facts, seed=0, threads=threads), others


def verdict_pairs(
    folder: Path, curves: Sequence[Dark], number: int, draw: np.random.Generator
) -> list[Played]:
    """``number`` rows of TOI, answered by a version that is trained here."""
    rows = index_rows(folder)
    names = {row["signal"] for one in rows.values() for row in one if row["signal"]}
    classifier, tables = held_out(names)
    tess = next(table for table in tables if table.mission is Mission.TESS)
    return played(tess, curves, classifier, number, draw)


def played(
    table: SignalTable,
    curves: Sequence[Dark],
    classifier: ExoplanetClassifier,
    number: int,
    draw: np.random.Generator,
) -> list[Played]:
    """Up to ``number`` signals of ``table`` that have a disposition, each in a quiet curve."""
    quiet = [one.curve for one in curves if one.quiet and one.curve.star.mission is Mission.TESS]
    frame = table.frame
    wanted = table.dispositions.notna() & (frame["transit_depth"] < MOST_PPM)
    for name in ("orbital_period", "transit_duration", "transit_depth", "stellar_teff"):
        wanted &= frame[name].notna()
    wanted &= frame["stellar_radius"].notna() & (frame["orbital_period"] < LONGEST)
    order = draw.permutation(np.flatnonzero(wanted.to_numpy()))
    found: list[Played] = []
    for at in order[:number]:
        row = frame.iloc[int(at)]
        curve = quiet[int(draw.integers(len(quiet)))]
        inputs = _measured(row, curve, draw)
        if inputs is None:
            found.append(Played(str(table.dispositions.iloc[int(at)]), "", ""))
            continue
        both = {name: row[name] for name in inputs if name in row and _given(row[name])}
        answers = [
            classifier.predict(parse_signal(one)).dispositions[0]
            for one in (both, {name: inputs[name] for name in both})
        ]
        found.append(Played(str(table.dispositions.iloc[int(at)]), *map(str, answers)))
    return found


MOST_PPM: Final = 60_000  # what is deeper is vetoed, whatever the classifier says
LONGEST: Final = 8.0  # days: three transits in a sector


def _given(value: Any) -> bool:
    return isinstance(value, str) or bool(np.isfinite(value))


def _measured(
    row: pd.Series[Any], curve: LightCurve, draw: np.random.Generator
) -> dict[str, float | str] | None:
    """The inputs that come of the row's transit in this light, whose noise is made such that the
    depth is as certain as the row says; None where it is not found."""
    period, hours = float(row["orbital_period"]), float(row["transit_duration"])
    ephemeris = Ephemeris(
        period, float(curve.time[0] + draw.uniform(0, period)), min(hours / 24, 0.2 * period)
    )
    transit = Transit(
        ephemeris, 1e-6 * float(row["transit_depth"]), float(draw.uniform(0, GRAZING))
    )
    error = float(row.get("transit_depth_error", np.nan))
    told = float(row["transit_depth"]) / error if error > 0 else float("nan")
    wanted = float(np.clip(told if np.isfinite(told) else draw.uniform(10, 40), LEAST_SNR, 300))
    noisier = transit.depth / depth_for(transit, flatten(curve), wanted)
    light = replace(curve, flux=1 + noisier * (curve.flux - 1), star=_star(row))
    signals = find_signals(with_transit(light, transit), most=1).accepted
    near = [one for one in signals if abs(one.period / period - 1) < SAME_PERIOD]
    if not near:
        return None
    inputs = signal_inputs(near[0], near[:1], light.star)
    siblings = ("signal_count", "sibling_period_ratio")
    return {**inputs, **{name: row[name] for name in siblings if _given(row[name])}}


def _star(row: pd.Series[Any]) -> Star:
    facts = {own: float(row[name]) for own, name in _STAR.items() if _given(row[name])}
    return Star("", Mission.TESS, **facts)


def agreements(played_: Sequence[Played]) -> dict[str, Any]:
    """Of all rows, and of every other one: what is handed over was chosen on those between."""
    return {"all": agreement(played_), "judged": agreement(played_[1::2])}


def agreement(played_: Sequence[Played]) -> dict[str, Any]:
    """How often both answers are the same, and what became of false positives."""
    seen = [one for one in played_ if one.row]
    false = [one for one in seen if one.row == "FALSE POSITIVE"]
    really = [one for one in seen if one.truth == "FALSE POSITIVE"]
    return {
        "rows_played": len(played_),
        "found": len(seen),
        "same_verdict": interval([one.row == one.measured for one in seen]),
        "false_positive_becomes_confirmed": interval([o.measured == "CONFIRMED" for o in false]),
        "of_false_positives_confirmed": {
            "from_the_row": interval([one.row == "CONFIRMED" for one in really]),
            "from_what_was_measured": interval([one.measured == "CONFIRMED" for one in really]),
        },
        "right": {
            "from_the_row": interval([one.row == one.truth for one in seen]),
            "from_what_was_measured": interval([one.measured == one.truth for one in seen]),
        },
        "pairs": {
            f"{row} → {measured}": sum(o.row == row and o.measured == measured for o in seen)
            for row in DISPOSITIONS
            for measured in DISPOSITIONS
        },
    }


def interval(kept: Sequence[bool]) -> dict[str, Any]:
    """A share with its 95 % interval (Wilson 1927, JASA 22, 209)."""
    count, z = len(kept), 1.96
    if not count:
        return {"share": None, "of": 0}
    share = float(np.mean(kept))
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2)) / (1 + z**2 / count)
    ends = [round(max(0.0, middle - half), 3), round(min(1.0, middle + half), 3)]
    return {"share": round(share, 3), "of": count, "interval_95": ends}
