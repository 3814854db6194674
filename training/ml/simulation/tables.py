"""Small made-up tables with the columns, units and codes of the three missions' archive tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from training.ml.schema import Mission
from training.ml.simulation.physics import Floats, Rng, signals_simulate

_TOI_CODES: Final = {
    "CONFIRMED": ("CP", "KP"),
    "CANDIDATE": ("PC", "APC"),
    "FALSE POSITIVE": ("FP", "FA"),
}


@dataclass(frozen=True)
class Numbers:
    """What is added to the numbers that name stars."""

    objects: int = 0  # of interest: K00001, TOI-101
    stars: int = 0  # KIC and EPIC
    tess_stars: int = 0  # TIC


INVENTED: Final = Numbers(objects=90_000, stars=900_000_000, tess_stars=90_000_000_000)
"""Beyond every catalogue's own, so that nothing made up is taken for a star that exists."""


def simulate(
    mission: Mission, signals: int, seed: int, *, numbers: Numbers = Numbers()
) -> pd.DataFrame:
    """A table of ``signals`` signals as ``mission``'s archive table has it: its columns, units and
    codes.

    The K2 table has more rows than signals: one per publication, in no order, exactly one of them
    the default. Numbers are rounded like the archive's, so that writing and reading them again
    changes nothing. Raises ``ValueError`` for a mission without an archive table.
    """
    rng = np.random.default_rng(seed)
    physics = signals_simulate(rng, signals)
    match mission:
        case Mission.KEPLER:
            return _koi(rng, physics, numbers)
        case Mission.TESS:
            return _toi(rng, physics, numbers)
        case Mission.K2:
            return _k2(rng, physics, numbers)
        case _:
            raise ValueError(f"no archive table is simulated for {mission}")


def _koi(rng: Rng, physics: pd.DataFrame, numbers: Numbers) -> pd.DataFrame:
    nth, first = physics.groupby("star").cumcount() + 1, 1 + numbers.objects
    binary = (physics["kind"] == "eclipsing binary").to_numpy()
    table = pd.DataFrame(
        {
            "kepid": physics["number"] + numbers.stars,
            "kepoi_name": [
                f"K{star + first:05d}.{n:02d}" for star, n in zip(physics["star"], nth, strict=True)
            ],
            "koi_disposition": physics["disposition"],
        }
    )
    # Answers that the archive's table holds too, and that no reader may take for measurements.
    table["koi_score"] = np.where(physics["kind"] == "planet", 1.0, 0.0)
    table["koi_fpflag_ss"] = binary.astype(int)
    for ours, name in _KOI.items():
        _add(table, name, *_measured(rng, physics, ours), "_err")
    table["koi_model_snr"] = physics["snr"].round(2)
    table["koi_impact"] = physics["impact"].round(3)
    table["koi_ror"] = physics["ratio"].round(5)
    table["koi_dor"] = physics["scaled_axis"].round(3)
    table["koi_smass"] = physics["mass"].round(3)
    table["koi_num_transits"] = np.ceil(1400 / physics["period"])
    table["koi_tce_plnt_num"] = nth
    table["koi_fwm_stat_sig"] = np.where(
        binary, rng.uniform(0, 0.05, len(table)), rng.random(len(table))
    ).round(4)
    table["koi_bin_oedp_sig"] = np.where(
        binary, rng.uniform(0, 0.2, len(table)), rng.random(len(table))
    ).round(4)
    offset = np.where(binary, rng.normal(2, 2, len(table)), rng.normal(0, 0.4, len(table)))
    table["koi_dicco_msky"] = np.abs(offset).round(3)
    table["koi_kepmag"] = physics["magnitude"].round(3)
    return _with_holes(
        rng,
        _with_position(table, physics),
        ("koi_depth", "koi_prad", "koi_steff", "koi_dicco_msky"),
    )


def _toi(rng: Rng, physics: pd.DataFrame, numbers: Numbers) -> pd.DataFrame:
    nth, first = physics.groupby("star").cumcount() + 1, 101 + numbers.objects
    table = pd.DataFrame(
        {
            "toi": [
                f"{star + first}.{n:02d}" for star, n in zip(physics["star"], nth, strict=True)
            ],
            "tid": physics["number"] + numbers.tess_stars,
            "tfopwg_disp": [_TOI_CODES[d][rng.integers(2)] for d in physics["disposition"]],
        }
    )
    for ours, name in _TOI.items():
        _add(table, name, *_measured(rng, physics, ours), "err")
        table[f"{name}lim"] = 0
    table["st_tmag"] = physics["magnitude"].round(3)
    table["st_pmra"], table["st_pmdec"] = (rng.normal(0, 20, len(table)).round(3) for _ in range(2))
    return _with_holes(rng, _with_position(table, physics), ("pl_rade", "st_logg", "pl_orbper"))


def _k2(rng: Rng, physics: pd.DataFrame, numbers: Numbers) -> pd.DataFrame:
    nth = physics.groupby("star").cumcount() + 1
    number = physics["number"] + (numbers.stars or 200_000_000)
    objects = pd.DataFrame(
        {
            "pl_name": [f"EPIC {star}.{n:02d}" for star, n in zip(number, nth, strict=True)],
            "hostname": [f"EPIC {star}" for star in number],
            "disposition": physics["disposition"],
            "discoverymethod": "Transit",
        }
    )
    for ours, name in _K2.items():
        values, error = _measured(rng, physics, ours)
        # K2 reports depth in percent.
        factor = 1e-4 if ours == "depth" else 1
        _add(objects, name, values * factor, error * factor, "err")
        objects[f"{name}lim"] = 0
    objects["pl_ratror"] = physics["ratio"].round(5)
    objects["sy_gaiamag"] = physics["magnitude"].round(3)
    objects = _with_position(objects, physics)
    publications = rng.integers(1, 4, len(objects))
    rows = objects.loc[objects.index.repeat(publications)].reset_index(drop=True)
    rows.insert(2, "default_flag", (~rows["pl_name"].duplicated()).astype(int))
    jitter = rows["default_flag"] == 0
    rows.loc[jitter, "pl_orbper"] = (
        rows.loc[jitter, "pl_orbper"] * rng.normal(1, 1e-5, jitter.sum())
    ).round(6)
    rows = _with_holes(rng, rows, ("pl_trandep", "pl_trandur", "pl_rade", "st_teff"), share=0.25)
    return rows.sample(frac=1, random_state=int(rng.integers(2**31))).reset_index(drop=True)


def _measured(rng: Rng, physics: pd.DataFrame, name: str) -> tuple[Floats, Floats]:
    """The values of one quantity, and their uncertainties: small where the signal is strong."""
    values = physics[name].to_numpy(dtype=np.float64)
    relative = _STAR_ERRORS.get(name, 1e-5 if name == "period" else 1 / physics["snr"].to_numpy())
    return values, values * relative * rng.uniform(0.7, 1.3, len(values))


def _add(table: pd.DataFrame, name: str, values: Floats, errors: Floats, suffix: str) -> None:
    table[name] = _rounded(values)
    table[f"{name}{suffix}1"] = _rounded(errors)
    table[f"{name}{suffix}2"] = -_rounded(errors)


def _rounded(values: Floats) -> Floats:
    """Eight significant digits, as the archive's tables have them at most."""
    return np.array([float(f"{value:.8g}") for value in values])


def _with_position(table: pd.DataFrame, physics: pd.DataFrame) -> pd.DataFrame:
    return table.assign(ra=physics["ra"].round(6), dec=physics["dec"].round(6))


def _with_holes(
    rng: Rng, table: pd.DataFrame, columns: tuple[str, ...], share: float = 0.05
) -> pd.DataFrame:
    """Some values missing, as in every real table."""
    for column in columns:
        table.loc[rng.random(len(table)) < share, column] = np.nan
    return table


_KOI: Final = {
    "period": "koi_period",
    "duration": "koi_duration",
    "depth": "koi_depth",
    "planet_radius": "koi_prad",
    "flux": "koi_insol",
    "equilibrium": "koi_teq",
    "teff": "koi_steff",
    "logg": "koi_slogg",
    "radius": "koi_srad",
}
_TOI: Final = {
    "period": "pl_orbper",
    "duration": "pl_trandurh",
    "depth": "pl_trandep",
    "planet_radius": "pl_rade",
    "flux": "pl_insol",
    "equilibrium": "pl_eqt",
    "teff": "st_teff",
    "logg": "st_logg",
    "radius": "st_rad",
    "distance": "st_dist",
}
_K2: Final = {**_TOI, "duration": "pl_trandur", "distance": "sy_dist"}
MEASURED: Final = {Mission.KEPLER: _KOI, Mission.TESS: _TOI, Mission.K2: _K2}
"""Where each table keeps a quantity of ``signals_simulate``."""
_STAR_ERRORS: Final = {"teff": 0.015, "logg": 0.01, "radius": 0.05, "distance": 0.01}
