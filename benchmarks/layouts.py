"""Made-up signals in the spelling and the units of public tables, written from their documentation
and not from what the site knows of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

SOLAR_RADIUS: Final = 695_700 / 6_378.1  # Earth radii; IAU 2015 B3
JUPITER_RADIUS: Final = 71_492 / 6_378.1


@dataclass(frozen=True)
class Column:
    """A column of a table. ``ours``: the feature that it holds, "" for none; a value of ours is
    what stands in the column × ``factor`` + ``shift``."""

    name: str
    ours: str = ""
    factor: float = 1.0
    shift: float = 0.0
    words: Callable[[pd.DataFrame], Sequence[object]] | None = None

    def cells(self, signals: pd.DataFrame) -> Sequence[object]:
        if self.words:
            return self.words(signals)
        values = (signals[self.ours].to_numpy() - self.shift) / self.factor
        return [f"{value:.10g}" for value in values]


@dataclass(frozen=True)
class PublicTable:
    """``mission``: what a person is asked for where the table does not tell. ``lines``: what stands
    before and after the header line."""

    columns: tuple[Column, ...]
    mission: str = ""
    before: str = ""
    after: str = ""
    separator: str = ","

    def write(self, signals: pd.DataFrame) -> str:
        table = pd.DataFrame({column.name: column.cells(signals) for column in self.columns})
        header, _, rows = table.to_csv(
            index=False, sep=self.separator, lineterminator="\n"
        ).partition("\n")
        return f"{self.before}{header}\n{self.after}{rows}"

    def truth(self, signals: pd.DataFrame) -> Mapping[str, pd.Series[float]]:
        """Feature → the value of ours in each row, from the very digits that are written."""
        return {
            c.ours: pd.Series([float(str(cell)) for cell in c.cells(signals)]) * c.factor + c.shift
            for c in self.columns
            if c.ours and not c.words
        }


def make_signals(rows: int, seed: int = 0) -> pd.DataFrame:
    """Planets around Sun-like and smaller stars, in our units; depth from the radii, duration from
    Kepler's third law (central transits, Seager & Mallén-Ornelas 2003)."""
    rng = np.random.default_rng(seed)
    star = rng.uniform(0.4, 1.6, rows)
    period = 10 ** rng.uniform(0, 2, rows)
    planet = 10 ** rng.uniform(0, 1.1, rows)
    ratio = planet / (star * SOLAR_RADIUS)
    axis = 4.2 * period ** (2 / 3) * star ** (-2 / 3)
    teff = 3_000 + 2_500 * star
    return pd.DataFrame(
        {
            "number": rng.choice(np.arange(1_000_000, 9_999_999), rows, replace=False),
            "orbital_period": period,
            "transit_duration": 24 * period / np.pi / axis * (1 + ratio),
            "transit_depth": 1e6 * ratio**2,
            "planet_radius": planet,
            "detection_order": np.ones(rows),
            "radius_ratio": ratio,
            "scaled_semi_major_axis": axis,
            "impact_parameter": rng.uniform(0.01, 0.7, rows),
            "inclination": rng.uniform(86, 90, rows),
            "insolation": (teff / 5_772) ** 4 * (215 / axis) ** 2,
            "equilibrium_temperature": 278.3 * (teff / 5_772) * np.sqrt(215 / axis),
            "semi_major_axis": axis * star / 215,
            "transit_snr": 10 ** rng.uniform(1, 2.5, rows),
            "stellar_teff": teff,
            "stellar_logg": 4.44 - 1.2 * np.log10(star),
            "stellar_radius": star,
            "stellar_mass": star**1.1,
            "stellar_magnitude": rng.uniform(9, 15, rows),
            "stellar_distance": 10 ** rng.uniform(1.5, 3, rows),
            "ra": rng.uniform(0, 360, rows),
            "dec": rng.uniform(-80, 80, rows),
        }
    )


def _named(form: str) -> Callable[[pd.DataFrame], Sequence[object]]:
    return lambda signals: [form.format(n=n, i=i) for i, n in enumerate(signals["number"], 1)]


def _always(word: str) -> Callable[[pd.DataFrame], Sequence[object]]:
    return lambda signals: [word] * len(signals)


def _place(name: str) -> Callable[[pd.DataFrame], Sequence[object]]:
    return lambda signals: [f"{value:.7f}" for value in signals[name]]


def _table(
    names: Mapping[str, str | tuple[str, float] | tuple[str, float, float]],
) -> tuple[Column, ...]:
    """``names``: column → feature, or feature with factor and shift."""
    given = {name: (ours,) if isinstance(ours, str) else ours for name, ours in names.items()}
    return tuple(Column(name, *properties) for name, properties in given.items())


def _texts(**words: Callable[[pd.DataFrame], Sequence[object]]) -> tuple[Column, ...]:
    return tuple(Column(name, words=cells) for name, cells in words.items())


PUBLIC_TABLES: Final[Mapping[str, PublicTable]] = {
    "KOI (cumulative)": PublicTable(
        _texts(kepid=_named("{n}"), kepoi_name=_named("K{i:05d}.01"))
        + _table({
            "koi_period": "orbital_period", "koi_duration": "transit_duration",
            "koi_depth": "transit_depth", "koi_prad": "planet_radius", "koi_ror": "radius_ratio",
            "koi_dor": "scaled_semi_major_axis", "koi_impact": "impact_parameter",
            "koi_incl": "inclination", "koi_insol": "insolation",
            "koi_teq": "equilibrium_temperature", "koi_model_snr": "transit_snr",
            "koi_steff": "stellar_teff", "koi_slogg": "stellar_logg", "koi_srad": "stellar_radius",
            "koi_smass": "stellar_mass", "koi_kepmag": "stellar_magnitude",
        })
        + _texts(ra=_place("ra"), dec=_place("dec"), koi_score=_always("0.9"),
                 koi_fpflag_nt=_always("0"))
    ),
    "TOI (archive)": PublicTable(
        _texts(toi=_named("{i}.01"), tid=_named("{n}"), tfopwg_disp=_always("PC"))
        + _table({
            "pl_orbper": "orbital_period", "pl_trandurh": "transit_duration",
            "pl_trandep": "transit_depth", "pl_rade": "planet_radius", "pl_insol": "insolation",
            "pl_eqt": "equilibrium_temperature", "st_tmag": "stellar_magnitude",
            "st_dist": "stellar_distance", "st_teff": "stellar_teff", "st_logg": "stellar_logg",
            "st_rad": "stellar_radius",
        })
        + _texts(ra=_place("ra"), dec=_place("dec"))
    ),
    "TOI (ExoFOP)": PublicTable(
        _texts(**{"TIC ID": _named("{n}"), "TOI": _named("{i}.01"),
                  "TFOPWG Disposition": _always("PC")})
        + _table({
            "Period (days)": "orbital_period", "Duration (hours)": "transit_duration",
            "Depth (ppm)": "transit_depth", "Planet Radius (R_Earth)": "planet_radius",
            "Planet Insolation (Earth Flux)": "insolation",
            "Planet Equil Temp (K)": "equilibrium_temperature", "Planet SNR": "transit_snr",
            "TESS Mag": "stellar_magnitude", "Stellar Distance (pc)": "stellar_distance",
            "Stellar Eff Temp (K)": "stellar_teff", "Stellar log(g) (cm/s^2)": "stellar_logg",
            "Stellar Radius (R_Sun)": "stellar_radius", "Stellar Mass (M_Sun)": "stellar_mass",
        })
    ),
    "CTOI (ExoFOP)": PublicTable(
        _texts(**{"TIC ID": _named("{n}"), "CTOI": _named("{n}.01")})
        + _table({
            "TESS mag": "stellar_magnitude", "Period (days)": "orbital_period",
            "Duration (hours)": "transit_duration", "Depth (ppm)": "transit_depth",
            "Planet Radius (R_Earth)": "planet_radius",
            "Stellar Distance (pc)": "stellar_distance", "Stellar Teff (K)": "stellar_teff",
            "Stellar log(g) (cm/s2)": "stellar_logg", "Stellar Radius (R_Sun)": "stellar_radius",
        }),
        before="This file was produced by the Exoplanet Follow-up Observing Program website\n\n",
    ),
    "K2 (k2pandc)": PublicTable(
        _texts(pl_name=_named("EPIC {n}.01"), hostname=_named("EPIC {n}"),
               default_flag=_always("1"), disposition=_always("CANDIDATE"),
               discoverymethod=_always("Transit"))
        + _table({
            "pl_orbper": "orbital_period", "pl_trandur": "transit_duration",
            "pl_trandep": ("transit_depth", 1e4), "pl_rade": "planet_radius",
            "pl_ratror": "radius_ratio", "pl_ratdor": "scaled_semi_major_axis",
            "pl_imppar": "impact_parameter", "st_teff": "stellar_teff",
            "st_logg": "stellar_logg", "st_rad": "stellar_radius", "st_mass": "stellar_mass",
        })
    ),
    "TCE (DR25)": PublicTable(
        _texts(kepid=_named("{n}"))
        + _table({
            "tce_plnt_num": "detection_order",
            "tce_period": "orbital_period", "tce_duration": "transit_duration",
            "tce_depth": "transit_depth", "tce_prad": "planet_radius", "tce_ror": "radius_ratio",
            "tce_dor": "scaled_semi_major_axis", "tce_impact": "impact_parameter",
            "tce_insol": "insolation", "tce_eqt": "equilibrium_temperature",
            "tce_model_snr": "transit_snr", "tce_steff": "stellar_teff",
            "tce_slogg": "stellar_logg", "tce_sradius": "stellar_radius",
        })
    ),
    "ps / pscomppars": PublicTable(
        _texts(pl_name=_named("Kepler-{i} b"), hostname=_named("Kepler-{i}"),
               discoverymethod=_always("Transit"), disc_facility=_always("Kepler"))
        + _table({
            "pl_orbper": "orbital_period", "pl_rade": "planet_radius",
            "pl_trandep": ("transit_depth", 1e4), "pl_trandur": "transit_duration",
            "pl_eqt": "equilibrium_temperature", "pl_insol": "insolation",
            "st_teff": "stellar_teff", "st_rad": "stellar_radius", "st_logg": "stellar_logg",
            "st_mass": "stellar_mass", "sy_dist": "stellar_distance",
        })
    ),
    "exoplanet.eu": PublicTable(
        _texts(name=_named("X-{i} b"), planet_status=_always("Confirmed"),
               detection_type=_always("Primary Transit"), star_name=_named("X-{i}"))
        + _table({
            "radius": ("planet_radius", JUPITER_RADIUS), "orbital_period": "orbital_period",
            "semi_major_axis": "semi_major_axis", "inclination": "inclination",
            "impact_parameter": "impact_parameter",
            "temp_calculated": "equilibrium_temperature", "star_distance": "stellar_distance",
            "star_mass": "stellar_mass", "star_radius": "stellar_radius",
            "star_teff": "stellar_teff",
        })
        + _texts(k=_always("42.9"), log_g=_always("3.1")),
        mission="other",
    ),
    "TLS results": PublicTable(
        _texts(**{"TIC ID": _named("{n}")})
        + _table({
            "period": "orbital_period", "duration": ("transit_duration", 24),
            "depth": ("transit_depth", -1e6, 1e6), "snr": "transit_snr",
        })
        + _texts(T0=_always("1326.5"), SDE=_always("21.3")),
        mission="TESS",
    ),
    "TESS DV statistics": PublicTable(
        _texts(ticid=_named("{n}"), tceid=_named("{n}01"))
        + _table({
            "planetNumber": "detection_order",
            "orbitalPeriodDays": "orbital_period",
            "ratioPlanetRadiusToStarRadius": "radius_ratio",
            "ratioSemiMajorAxisToStarRadius": "scaled_semi_major_axis",
            "minImpactParameter": "impact_parameter",
            "transitDurationHours": "transit_duration", "transitDepthPpm": "transit_depth",
            "planetRadiusEarthRadii": "planet_radius", "semiMajorAxisAu": "semi_major_axis",
            "equilibriumTempKelvin": "equilibrium_temperature", "starTeffKelvin": "stellar_teff",
            "starLoggCgs": "stellar_logg", "starRadiusSolarRadii": "stellar_radius",
        })
    ),
    "VizieR (TSV)": PublicTable(
        _texts(EPIC=_named("{n}"))
        + _table({
            "Per": "orbital_period", "Dur": ("transit_duration", 24),
            "Depth": ("transit_depth", 1e4), "Rp": "planet_radius", "Teff": "stellar_teff",
            "Rad": "stellar_radius",
        }),
        before="#\n#   VizieR Astronomical Server\n#Table\tJ_x_table5:\n",
        after=" \td\td\t%\tRgeo\tK\tRsun\n-----\t-----\t-----\t-----\t-----\t-----\t-----\n",
        separator="\t",
    ),
}  # fmt: skip
