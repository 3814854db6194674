"""Well-known signals to try the classifier on: values as published, each with the place to look
them up."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from training.ml.schema import FEATURE_NAMES, Mission


@dataclass(frozen=True)
class Example:
    key: str
    name: str
    kind: str
    what: str
    """What is known about it, so that one can judge the classifier."""
    reference: str
    address: str
    identifier: str
    mission: Mission
    values: Mapping[str, float]

    @property
    def full_name(self) -> str:
        """The name by which people know it, with the one by which catalogues do."""
        catalogued = self.name.startswith("KOI-") or self.name == self.identifier
        return self.identifier if catalogued else f"{self.name} ({self.identifier})"


def _example(
    key: str,
    name: str,
    kind: str,
    what: str,
    *,
    reference: str,
    address: str,
    identifier: str,
    mission: Mission,
    **values: float,
) -> Example:
    return Example(
        key, name, kind, what, reference, address, identifier, mission, MappingProxyType(values)
    )


_KOI_TABLE: Final = "Thompson et al. 2018, ApJS 235, 38 (KOI table, DR25)"
_TOI_TABLE: Final = "Guerrero et al. 2021, ApJS 254, 39, as continued by the archive's TOI table"

EXAMPLES: Final = (
    _example(
        "kepler-10-b", "Kepler-10 b", "rocky planet", "Kepler's first rocky planet",
        reference="Batalha et al. 2011, ApJ 729, 27",
        address="https://doi.org/10.1088/0004-637X/729/1/27",
        identifier="KOI-72.01", mission=Mission.KEPLER,
        orbital_period=0.837495, transit_duration=1.811, transit_depth=152, planet_radius=1.416,
        stellar_teff=5627, stellar_radius=1.056, stellar_mass=0.895, stellar_magnitude=10.961,
        orbital_period_error=0.000005, transit_duration_error=0.024, transit_depth_error=4,
        planet_radius_error=0.035, stellar_teff_error=44, stellar_radius_error=0.021,
        stellar_mass_error=0.06,
        # Kepler-10 c: 45.29485 d in the same paper.
        signal_count=2, sibling_period_ratio=54.08,
    ),
    _example(
        "hd-209458-b", "HD 209458 b", "hot Jupiter",
        "a hot Jupiter, the first planet seen in transit",
        reference=f"TOI-5972.01: {_TOI_TABLE}",
        address="https://exofop.ipac.caltech.edu/tess/target.php?id=420814525",
        identifier="TOI-5972.01", mission=Mission.TESS,
        orbital_period=3.524755, transit_duration=2.958, transit_depth=17803, planet_radius=16.3776,
        insolation=587.098, equilibrium_temperature=1371, stellar_teff=6052, stellar_logg=4.34258,
        stellar_radius=1.19, stellar_magnitude=7.1274, stellar_distance=48.3016, signal_count=1,
        orbital_period_error=0.0000034, transit_duration_error=0.136, transit_depth_error=534.998,
        planet_radius_error=0.684714, stellar_teff_error=100.638, stellar_radius_error=0.05,
    ),
    _example(
        "wasp-18-b", "WASP-18 b", "hot Jupiter", "a massive hot Jupiter with a year of 22.6 hours",
        reference=f"TOI-185.01: {_TOI_TABLE}",
        address="https://exofop.ipac.caltech.edu/tess/target.php?id=100100827",
        identifier="TOI-185.01", mission=Mission.TESS,
        orbital_period=0.941453, transit_duration=2.05, transit_depth=11445, planet_radius=15.342,
        insolation=4266.74, equilibrium_temperature=2251, stellar_teff=6400, stellar_logg=4.36583,
        stellar_radius=1.35, stellar_magnitude=8.8287, stellar_distance=123.483, signal_count=1,
        orbital_period_error=0.0000001, transit_duration_error=0.036, transit_depth_error=260.648,
        planet_radius_error=0.801605, stellar_radius_error=0.07,
    ),
    _example(
        "toi-700-d", "TOI-700 d", "temperate planet",
        "an Earth-sized planet in its star's habitable zone",
        reference=f"TOI-700.02: {_TOI_TABLE}; found by Gilbert et al. 2020, AJ 160, 116",
        address="https://exofop.ipac.caltech.edu/tess/target.php?id=150428135",
        identifier="TOI-700.02", mission=Mission.TESS,
        # The table's log g of 4.438 is the Sun's, put in by default, and contradicts the radius:
        # not given here.
        orbital_period=37.423684, transit_duration=3.36501, transit_depth=737.551939,
        planet_radius=1.329657, insolation=0.882239, equilibrium_temperature=247.18167,
        stellar_teff=3482, stellar_radius=0.419457, stellar_magnitude=10.9102,
        stellar_distance=31.1265, signal_count=4, sibling_period_ratio=1.3457,
        orbital_period_error=0.0001495, transit_duration_error=0.3368958,
        transit_depth_error=56.42106, planet_radius_error=0.1217345, stellar_radius_error=0.0125728,
    ),
    _example(
        "k2-18-b", "K2-18 b", "sub-Neptune",
        "a sub-Neptune with water vapour or methane in its air",
        reference="Benneke et al. 2017, ApJ 834, 187",
        address="https://doi.org/10.3847/1538-4357/834/2/187",
        identifier="EPIC 201912552", mission=Mission.K2,
        # The depth is the square of the published radius ratio, 0.05295.
        orbital_period=32.939614, transit_duration=2.663, transit_depth=2804, radius_ratio=0.05295,
        planet_radius=2.279, insolation=1.05, stellar_teff=3457, stellar_radius=0.411,
        stellar_mass=0.359, stellar_density=7.87, signal_count=1, orbital_period_error=0.0001,
        transit_duration_error=0.025, planet_radius_error=0.026, stellar_teff_error=39,
        stellar_radius_error=0.038, stellar_mass_error=0.047,
    ),
    _example(
        "koi-698", "KOI-698.01", "eclipsing binary", "an eclipsing binary: two stars, not a planet",
        reference=f"{_KOI_TABLE}, where it is flagged as a stellar eclipse",
        address="https://doi.org/10.3847/1538-4365/aab4f9",
        identifier="K00698.01", mission=Mission.KEPLER,
        orbital_period=12.718711, transit_duration=2.48998, transit_depth=8378.9,
        impact_parameter=1.588, transit_snr=550.2, planet_radius=120.02, insolation=279.33,
        equilibrium_temperature=1042, stellar_teff=6120, stellar_logg=4.036, stellar_radius=1.596,
        stellar_magnitude=13.816, signal_count=1, orbital_period_error=0.000001817,
        transit_duration_error=0.00805, transit_depth_error=18.5,
    ),
    _example(
        "koi-4065", "KOI-4065.01", "false alarm",
        "a false alarm: noise that comes back as the telescope turns, once in 372 days",
        reference=_KOI_TABLE, address="https://doi.org/10.3847/1538-4365/aab4f9",
        identifier="K04065.01", mission=Mission.KEPLER,
        orbital_period=372.37369, transit_duration=12.33, transit_depth=666.1,
        impact_parameter=0.3052, transit_snr=15.6, planet_radius=2.68, insolation=1.2,
        equilibrium_temperature=267, stellar_teff=6109, stellar_logg=4.455, stellar_radius=1.029,
        stellar_magnitude=15.423, signal_count=1, orbital_period_error=0.02021,
        transit_duration_error=1.3, transit_depth_error=78.9,
    ),
    _example(
        "toi-7378", "TOI-7378.01", "open candidate",
        "an open candidate: twice the size of Earth, if it is there", reference=_TOI_TABLE,
        address="https://exofop.ipac.caltech.edu/tess/target.php?toi=7378",
        identifier="TOI-7378.01", mission=Mission.TESS,
        orbital_period=7.0814677, transit_duration=2.055, transit_depth=1018, planet_radius=2.13402,
        insolation=16.5736, equilibrium_temperature=562, stellar_teff=4024, stellar_logg=4.61,
        stellar_radius=0.65, stellar_magnitude=10.7934, stellar_distance=59.9538, signal_count=1,
        orbital_period_error=0.0000371, transit_duration_error=0.343,
        transit_depth_error=83.7867, planet_radius_error=0.227364, stellar_teff_error=118.2,
        stellar_radius_error=0.06,
    ),
)  # fmt: skip

EXAMPLE_BY_KEY: Final[Mapping[str, Example]] = MappingProxyType(
    {example.key: example for example in EXAMPLES}
)


def examples_csv() -> str:
    """All of them as a table that the site reads."""
    names = [name for name in FEATURE_NAMES if any(name in one.values for one in EXAMPLES)]
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["identifier", "mission", *names])
    for one in EXAMPLES:
        values = [one.values.get(name, "") for name in names]
        lines.writerow([one.full_name, one.mission, *values])
    return text.getvalue()
