"""Simulated tables of three missions as those of one sky: when transits are, what two missions have
seen, what stands near another signal, and an earlier state of a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
import pandas as pd

from training.ml.schema import EPOCH_ZERO, Mission
from training.ml.simulation import MARK
from training.ml.simulation.physics import Floats, Rng
from training.ml.simulation.tables import INVENTED, MEASURED, simulate

TWINS: Final = 6
CONFLICTS: Final = 2
NEIGHBOURS: Final = 3
RENAMED: Final = 2
DECIDED: Final = 12
NEW_SHARE: Final = 0.1
GONE: Final = 3
_APART: Final = 40 / 3600
"""Degrees between a false positive and what has its period."""
_DECIDED_AS: Final = {"CONFIRMED": ("CP", "KP"), "FALSE POSITIVE": ("FP", "FA")}
_OPEN: Final = "PC"


@dataclass(frozen=True)
class Columns:
    """Of a mission's table. ``epoch`` in BJD less ``zero``, from ``first`` on; ``prefix`` of names
    that are bare numbers there; ``ratio`` of the radii, and what else tells the transit's shape."""

    signal: str
    star: str
    error: str  # suffix of uncertainties, before 1 and 2
    epoch: str
    first: float
    zero: float = 0.0
    prefix: str = ""
    star_prefix: str = ""
    ratio: str = ""
    shape: tuple[str, ...] = ()


COLUMNS: Final = {
    Mission.KEPLER: Columns(
        "kepoi_name",
        "kepid",
        "_err",
        "koi_time0bk",
        first=2_454_964.5,
        zero=EPOCH_ZERO,
        star_prefix="KIC ",
        ratio="koi_ror",
        shape=("koi_dor", "koi_impact"),
    ),
    Mission.TESS: Columns(
        "toi",
        "tid",
        "err",
        "pl_tranmid",
        first=2_459_800.5,
        prefix="TOI-",
        star_prefix="TIC ",
    ),
    Mission.K2: Columns(
        "pl_name", "hostname", "err", "pl_tranmid", first=2_457_300.5, ratio="pl_ratror"
    ),
}

Tables = dict[Mission, pd.DataFrame]


def simulate_named(mission: Mission, signals: int, seed: int) -> pd.DataFrame:
    """A table of signals and stars whose names say that they are made up, with epochs."""
    table = simulate(mission, signals, seed, numbers=INVENTED)
    _add_epochs(np.random.default_rng(seed), table, mission)
    _round(table, mission)
    return _marked(table, mission)


def simulate_sky(signals: Mapping[Mission, int], seed: int) -> Tables:
    """A table per mission. Some planets of TESS are in the others' tables too, a few of them as
    something else; some of its open candidates have the period of a near false positive."""
    tables = {mission: simulate_named(mission, n, seed) for mission, n in signals.items()}
    toi = tables[Mission.TESS]
    for mission in (Mission.K2, Mission.KEPLER):
        listed = tables[mission]
        confirmed = _single(listed, mission, "CONFIRMED")
        twins = _single(toi, Mission.TESS, "CONFIRMED")[:TWINS]
        others = _single(toi, Mission.TESS, "FALSE POSITIVE")[:CONFLICTS]
        for row, name in zip([*twins, *others], confirmed, strict=False):
            seen = cast("pd.Series[Any]", toi.loc[row])
            _see_too(seen, listed, mission, str(listed.at[name, COLUMNS[mission].signal]))
    _put_beside(toi)
    return tables


def earlier_state(toi: pd.DataFrame, seed: int) -> pd.DataFrame:
    """A TESS table as it was before: some signals are not there yet, some are that are gone now,
    some under another name, and some that are decided now were open."""
    rng, code = np.random.default_rng(seed), "tfopwg_disp"
    before = toi.sample(frac=1 - NEW_SHARE, random_state=int(rng.integers(2**31))).sort_index()
    decided = before.index[before[code].isin(sum(_DECIDED_AS.values(), ()))]
    before.loc[rng.choice(decided, min(DECIDED, len(decided)), replace=False), code] = _OPEN
    renamed = _single(before, Mission.TESS, "CONFIRMED")[-RENAMED:]
    before.loc[renamed, "toi"] = before.loc[renamed, "toi"].str.replace("TOI-", "TOI-1")
    gone = simulate_named(Mission.TESS, GONE, seed)
    gone["toi"] = gone["toi"].str.replace("TOI-", "TOI-2")
    return pd.concat([before, gone], ignore_index=True)


# --- Names and times ------------------------------------------------------------------------------


def _marked(table: pd.DataFrame, mission: Mission) -> pd.DataFrame:
    of = COLUMNS[mission]
    names, stars = (table[name].astype(str) for name in (of.signal, of.star))
    named = {
        of.signal: f"{MARK}{of.prefix}" + names,
        of.star: f"{MARK}{of.star_prefix}" + stars,
    }
    return table.assign(**named)


def _add_epochs(rng: Rng, table: pd.DataFrame, mission: Mission) -> None:
    """One mid-transit time per signal, in the first orbit of a mission's years."""
    of = COLUMNS[mission]
    signals = table[of.signal].unique()
    phase = dict(zip(signals, rng.random(len(signals)), strict=True))
    period = table[MEASURED[mission]["period"]].fillna(10.0)
    epoch = of.first - of.zero + table[of.signal].map(phase) * period
    table[of.epoch] = epoch.round(6)
    error: Floats = 10 ** rng.uniform(-4, -2.5, len(table))
    table[f"{of.epoch}{of.error}1"] = error.round(6)
    table[f"{of.epoch}{of.error}2"] = -error.round(6)


def _round(table: pd.DataFrame, mission: Mission) -> None:
    """As people print them; periods keep their digits, which tell who has the same."""
    error = COLUMNS[mission].error
    for quantity, column in MEASURED[mission].items():
        if quantity != "period":
            table[column] = table[column].map(lambda value: float(f"{value:.4g}"))
        for end in ("1", "2"):
            name = f"{column}{error}{end}"
            table[name] = table[name].map(lambda value: float(f"{value:.2g}"))


# --- What is seen twice ---------------------------------------------------------------------------


def _single(table: pd.DataFrame, mission: Mission, disposition: str) -> list[int]:
    """Rows that give everything, of a ``disposition``, whose star has no other signal."""
    of, measured = COLUMNS[mission], MEASURED[mission]
    word = {Mission.KEPLER: "koi_disposition", Mission.TESS: "tfopwg_disp"}
    said = table[word.get(mission, "disposition")]
    words = _DECIDED_AS[disposition] if mission == Mission.TESS else (disposition,)
    alone = table.groupby(of.star)[of.signal].transform("nunique") == 1
    whole = table[[measured["period"], measured["planet_radius"], measured["depth"]]].notna()
    rows = said.isin(words) & alone & whole.all(axis=1)
    return table.index[rows & ~table[of.signal].duplicated()].tolist()


def _see_too(seen: pd.Series[Any], table: pd.DataFrame, mission: Mission, name: str) -> None:
    """Give the signal ``name`` the place and the values of one that TESS has ``seen``."""
    of, toi = COLUMNS[mission], COLUMNS[Mission.TESS]
    rows = table.index[table[of.signal] == name]
    table.loc[rows, ["ra", "dec"]] = seen[["ra", "dec"]].to_numpy(dtype=float)
    for quantity, column in MEASURED[mission].items():
        # K2 reports depth in percent.
        factor = 1e-4 if (quantity, mission) == ("depth", Mission.K2) else 1.0
        theirs = MEASURED[Mission.TESS][quantity]
        for end in ("", "1", "2"):
            value = seen[f"{theirs}{toi.error}{end}" if end else theirs] * factor
            table.loc[rows, f"{column}{of.error}{end}" if end else column] = value
    table.loc[rows, of.ratio] = round(float(np.sqrt(seen["pl_trandep"] * 1e-6)), 5)
    table.loc[rows, list(of.shape)] = np.nan
    orbits = np.floor((seen[toi.epoch] - of.first) / seen[MEASURED[Mission.TESS]["period"]])
    epoch = seen[toi.epoch] - orbits * seen[MEASURED[Mission.TESS]["period"]]
    table.loc[rows, of.epoch] = round(epoch - of.zero, 6)


def _put_beside(toi: pd.DataFrame) -> None:
    """Open candidates whose light is that of a false positive within an arcminute."""
    binaries = _single(toi, Mission.TESS, "FALSE POSITIVE")[CONFLICTS:][:NEIGHBOURS]
    alone = toi.groupby("tid")["toi"].transform("nunique") == 1
    candidates = toi.index[toi["tfopwg_disp"].eq(_OPEN) & alone].tolist()
    same = ["pl_orbper", "pl_orbpererr1", "pl_orbpererr2", "pl_tranmid", "pl_trandurh"]
    for binary, candidate in zip(binaries, candidates, strict=False):
        toi.loc[candidate, same] = toi.loc[binary, same]
        dec = _number(toi, binary, "dec")
        toi.loc[candidate, "ra"] = _number(toi, binary, "ra")
        toi.loc[candidate, "dec"] = dec + (-_APART if dec > 0 else _APART)
        toi.loc[candidate, "pl_trandep"] = _number(toi, binary, "pl_trandep") / 25
        toi.loc[candidate, "pl_rade"] = _number(toi, binary, "pl_rade") / 5


def _number(table: pd.DataFrame, row: int, column: str) -> float:
    return float(cast(Any, table.at[row, column]))
