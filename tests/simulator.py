"""Small made-up tables of planets, eclipsing binaries and noise, with the three missions' column
names.

For tests where ../shared/data is absent. The physics is simple but not random: a planet's depth
follows from its radius and star, its duration from the star's density and the period, and its
uncertainties from the signal-to-noise.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.ml.schema import Mission

KINDS: Final = ("planet", "eclipsing binary", "noise")
_EARTH_RADII_PER_SUN: Final = 109.076
_Rng = np.random.Generator
_Floats = NDArray[np.float64]

_TOI_CODES: Final = {
    "CONFIRMED": ("CP", "KP"),
    "CANDIDATE": ("PC", "APC"),
    "FALSE POSITIVE": ("FP", "FA"),
}


def simulate(mission: Mission, signals: int, seed: int) -> pd.DataFrame:
    """A table of ``signals`` signals as ``mission``'s archive table has it: its columns, units and
    codes.

    The K2 table has more rows than signals: one per publication, in no order, exactly one of them
    the default. Numbers are rounded like the archive's, so that writing and reading them again
    changes nothing.
    """
    rng = np.random.default_rng(seed)
    physics = _physics(rng, signals)
    match mission:
        case Mission.KEPLER:
            return _koi(rng, physics)
        case Mission.TESS:
            return _toi(rng, physics)
        case Mission.K2:
            return _k2(rng, physics)
        case _:
            raise ValueError(f"no archive table is simulated for {mission}")


def write_csv(table: pd.DataFrame, path: Path, *, header_lines: int = 0) -> Path:
    """``table`` as the archive would send it: empty = null; ``header_lines`` lines of "#" first;
    .gz compressed."""
    text = "".join(f"# COLUMN line, number {i}\n" for i in range(header_lines)) + table.to_csv(
        index=False
    )
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


# --- physics --------------------------------------------------------------------------------------


def _physics(rng: _Rng, count: int) -> pd.DataFrame:
    """One row per signal in our units; stars repeat, as multi-planet systems do."""
    stars = _stars(rng, max(1, int(count * 0.75)))
    star = np.concatenate([np.arange(len(stars)), rng.integers(0, len(stars), count)])[:count]
    table = stars.iloc[star].reset_index(drop=True).assign(star=star)
    table["kind"] = rng.choice(KINDS, count, p=(0.55, 0.3, 0.15))
    planet, binary = (table["kind"] == kind for kind in KINDS[:2])
    exponent = np.where(planet, rng.normal(0.9, 0.5, count), rng.normal(0.5, 0.7, count))
    table["period"] = (10**exponent).clip(0.3, 500)
    noise = ~planet & ~binary
    table.loc[noise, "period"] = rng.normal(372, 60, noise.sum()).clip(150, 600)
    ratio = np.where(
        planet,
        (10 ** rng.normal(0.4, 0.3, count)).clip(0.7, 15)
        / (table["radius"] * _EARTH_RADII_PER_SUN),
        rng.uniform(0.2, 0.9, count),
    )
    ratio[noise] = rng.uniform(0.005, 0.03, noise.sum())
    table["ratio"], table["impact"] = (
        ratio,
        np.where(planet, rng.uniform(0, 0.85, count), rng.uniform(0, 1.1, count)),
    )
    table["depth"] = 1e6 * ratio**2 * np.where(binary, rng.uniform(0.05, 0.6, count), 1)
    table["scaled_axis"] = (
        4.2066 * table["period"] ** (2 / 3) * (table["density"] / 1.41) ** (1 / 3)
    )
    chord = np.sqrt(np.maximum((1 + ratio) ** 2 - table["impact"] ** 2, 0.05))
    # Seager & Mallén-Ornelas 2003, for a/Rs well above 1.
    table["duration"] = (24 * table["period"] / np.pi / table["scaled_axis"] * chord).clip(0.3, 60)
    table.loc[noise, "duration"] = rng.uniform(2, 40, noise.sum())
    table["snr"] = np.where(
        noise, rng.uniform(7, 10, count), 10 ** rng.normal(1.5, 0.4, count).clip(0.85, 3)
    )
    table["planet_radius"] = np.sqrt(table["depth"] * 1e-6) * table["radius"] * _EARTH_RADII_PER_SUN
    table["flux"] = (table["teff"] / 5772) ** 4 * (215 / table["scaled_axis"]) ** 2
    table["equilibrium"] = 278.3 * table["flux"] ** 0.25
    undecided = rng.random(count) < np.where(table["snr"] < 15, 0.45, 0.2)
    table["disposition"] = np.where(
        undecided, "CANDIDATE", np.where(planet, "CONFIRMED", "FALSE POSITIVE")
    )
    return table


def _stars(rng: _Rng, count: int) -> pd.DataFrame:
    mass = rng.normal(0.95, 0.2, count).clip(0.3, 1.6)
    radius = mass**0.9 * 10 ** rng.normal(0.02, 0.05, count)
    return pd.DataFrame(
        {
            "number": rng.choice(np.arange(1_000_000, 9_999_999), count, replace=False),
            "mass": mass,
            "radius": radius,
            "teff": 5772 * mass**0.55 * rng.normal(1, 0.02, count),
            "logg": 4.438 + np.log10(mass / radius**2),
            "density": 1.41 * mass / radius**3,
            "ra": rng.uniform(0, 360, count),
            "dec": np.degrees(np.arcsin(rng.uniform(-1, 1, count))),
            "magnitude": rng.normal(13, 1.5, count),
            "distance": 10 ** rng.normal(2.6, 0.3, count),
        }
    )


# --- tables ---------------------------------------------------------------------------------------


def _koi(rng: _Rng, physics: pd.DataFrame) -> pd.DataFrame:
    nth = physics.groupby("star").cumcount() + 1
    binary = (physics["kind"] == "eclipsing binary").to_numpy()
    table = pd.DataFrame(
        {
            "kepid": physics["number"],
            "kepoi_name": [
                f"K{star + 1:05d}.{n:02d}" for star, n in zip(physics["star"], nth, strict=True)
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


def _toi(rng: _Rng, physics: pd.DataFrame) -> pd.DataFrame:
    nth = physics.groupby("star").cumcount() + 1
    table = pd.DataFrame(
        {
            "toi": [f"{star + 101}.{n:02d}" for star, n in zip(physics["star"], nth, strict=True)],
            "tid": physics["number"],
            "tfopwg_disp": [_TOI_CODES[d][rng.integers(2)] for d in physics["disposition"]],
        }
    )
    for ours, name in _TOI.items():
        _add(table, name, *_measured(rng, physics, ours), "err")
        table[f"{name}lim"] = 0
    table["st_tmag"] = physics["magnitude"].round(3)
    table["st_pmra"], table["st_pmdec"] = (rng.normal(0, 20, len(table)).round(3) for _ in range(2))
    return _with_holes(rng, _with_position(table, physics), ("pl_rade", "st_logg", "pl_orbper"))


def _k2(rng: _Rng, physics: pd.DataFrame) -> pd.DataFrame:
    nth = physics.groupby("star").cumcount() + 1
    number = physics["number"] + 200_000_000
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


def _measured(rng: _Rng, physics: pd.DataFrame, name: str) -> tuple[_Floats, _Floats]:
    """The values of one quantity, and their uncertainties: small where the signal is strong."""
    values = physics[name].to_numpy(dtype=np.float64)
    relative = _STAR_ERRORS.get(name, 1e-5 if name == "period" else 1 / physics["snr"].to_numpy())
    return values, values * relative * rng.uniform(0.7, 1.3, len(values))


def _add(table: pd.DataFrame, name: str, values: _Floats, errors: _Floats, suffix: str) -> None:
    table[name] = _rounded(values)
    table[f"{name}{suffix}1"] = _rounded(errors)
    table[f"{name}{suffix}2"] = -_rounded(errors)


def _rounded(values: _Floats) -> _Floats:
    """Eight significant digits, as the archive's tables have them at most."""
    return np.array([float(f"{value:.8g}") for value in values])


def _with_position(table: pd.DataFrame, physics: pd.DataFrame) -> pd.DataFrame:
    return table.assign(ra=physics["ra"].round(6), dec=physics["dec"].round(6))


def _with_holes(
    rng: _Rng, table: pd.DataFrame, columns: tuple[str, ...], share: float = 0.05
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
_STAR_ERRORS: Final = {"teff": 0.015, "logg": 0.01, "radius": 0.05, "distance": 0.01}
