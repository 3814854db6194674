"""What the value of a quantity means before the sky, in words: the table behind an explanation's
sentences.

What a value means can depend on others: a transit that takes up a tenth of the orbit is odd, unless
the star's own density demands it. Such readings stand before the plain one and say ``where`` they
hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from math import inf
from typing import Final

Span = tuple[str, float, float]
"""A quantity and its range, low ≤ value < high, in the units of the explanation."""


@dataclass(frozen=True)
class Reading:
    """What ``feature`` tells where low ≤ value < high, in the units of the explanation.

    ``fact`` may hold {x} (two significant digits), {n} (four), {p} (a probability) or {q} (value
    with unit). ``planet``, ``false`` and ``open`` say why that speaks for CONFIRMED, FALSE POSITIVE
    and CANDIDATE. ``where`` names other quantities that must be known and lie in a range.
    """

    feature: str
    low: float
    high: float
    fact: str
    planet: str = ""
    false: str = ""
    open: str = ""
    where: tuple[Span, ...] = ()

    def holds(self, values: Mapping[str, float]) -> bool:
        """Whether this is what the value means beside the others; what is not known is not in any
        range."""
        return all(
            name in values and low <= values[name] < high
            for name, low, high in ((self.feature, self.low, self.high), *self.where)
        )


_BLEND: Final = "a blend with another star"
_BINARY_OR_BLEND: Final = "an eclipsing binary or a blend"
_WELL: Final = "a clear signal can be measured this well"
_BADLY: Final = "weak or odd signals are hard to measure"
_FITS_STAR: Final = ("duration_ratio", 0.6, 1.25)
_CLOSE: Final = ("orbital_period", 0, 10)
_SMALL_BODY: Final = ("radius_from_depth", 0, 22)  # no known planet is larger than 24 Earth radii

READINGS: Final[tuple[Reading, ...]] = (
    # --- duration and orbit -----------------------------------------------------------------------
    Reading("duration_ratio", 1.25, inf,
        "The transit lasts {x} times as long as this star's density allows",
            false=_BINARY_OR_BLEND, open="the star or the orbit may be other than it seems"),
    Reading("duration_ratio", 0.6, 1.25,
        "The duration fits this star ({x} times that of a central transit)",
            planet="as for a planet around it"),
    Reading("duration_ratio", 0.3, 0.6,
        "The transit is short for this star ({x} times a central one)",
            planet="as for a body that crosses far from the star's middle",
            where=(("impact_parameter", 0.75, 1),)),
    Reading("duration_ratio", 0, 0.6,
        "The transit is short for this star ({x} times a central one)",
            false="a grazing eclipse, or another star"),
    Reading("duty_cycle", 5, inf,
            "The transit takes up {x} % of the orbit, as this star's own density demands",
            planet="as for a body this close to its star", where=(_FITS_STAR,)),
    Reading("duty_cycle", 5, inf,
        "The transit takes up as much as {x} % of the orbit, more than this star's density allows",
        false="close eclipsing binaries and variable stars do that",
            where=(("duration_ratio", 1.25, inf),)),
    Reading("duty_cycle", 5, inf, "The transit takes up as much as {x} % of the orbit",
            false=(
                "close eclipsing binaries do that; without the star, a planet this close to it "
                "cannot be told apart"
            )),
    Reading("duty_cycle", 0, 5, "The transit takes up {x} % of the orbit",
        planet="brief, as planets' transits are"),
    Reading("orbital_period", 0, 1, "The orbital period is {q}",
            false="many close binaries and few planets have such short periods"),
    Reading("orbital_period", 200, inf, "The orbital period is {q}",
            false="so few transits fit into the time observed that noise can look like them",
            open="few transits could be seen"),
    Reading("axis_ratio", 0, 0.6,
        "The fitted orbit is only {x} times as wide as this star's density allows",
            false=_BINARY_OR_BLEND),
    Reading("axis_ratio", 0.6, 1.7, "The fitted orbit agrees with this star's density (ratio {x})",
            planet="as for a planet in orbit around this star"),
    Reading("axis_ratio", 1.7, inf,
        "The fitted orbit is {x} times as wide as this star's density allows"),
    Reading("density_ratio", 0, 0.3,
        "The shape of the transit asks for a star of {x} times this star's density",
            false=_BINARY_OR_BLEND),
    Reading("density_ratio", 0.3, 3,
        "The shape of the transit agrees with this star's density (ratio {x})",
            planet="as for a planet in orbit around this star"),
    Reading("density_ratio", 3, inf,
        "The shape of the transit asks for a star of {x} times this star's density",
            false="another star, or a grazing eclipse"),
    # --- size -------------------------------------------------------------------------------------
    *(
        reading
        for name, subject in (
            ("radius_from_depth", "The radius from depth and star is"),
            ("planet_radius", "The planet radius is"),
        )
        for reading in (
            Reading(name, 25, inf, f"{subject} {{x}} Earth radii, larger than any planet",
                false="an eclipsing star"),
            Reading(name, 14, 25, f"{subject} {{x}} Earth radii, larger than Jupiter",
                    planet="giant planets this close to their star swell to that",
                    false="brown dwarfs and small stars have such radii too", where=(_CLOSE,)),
            Reading(name, 14, 25, f"{subject} {{x}} Earth radii, larger than Jupiter",
                    false="brown dwarfs and small stars have such radii"),
            Reading(name, 8, 14, f"{subject} {{x}} Earth radii, about that of Jupiter",
                    false="brown dwarfs and small stars have such radii too",
                    planet="as for a giant planet"),
            Reading(name, 0.5, 8, f"{subject} {{x}} Earth radii",
                planet="the size of a small planet",
                    false="a shallow dip may come from a faint star nearby"),
            Reading(name, 0, 0.5,
                f"{subject} only {{x}} Earth radii, smaller than nearly all known planets",
                    false="noise or a faint star nearby"),
        )
    ),
    Reading("radius_consistency", 0, 0.75,
        "The planet radius is only {x} times the one from depth and star"),
    Reading("radius_consistency", 0.75, 1.35,
        "The planet radius agrees with depth and star (ratio {x})",
            planet="as for a dark body before this very star"),
    Reading("radius_consistency", 1.35, inf,
        "The planet radius is {x} times the one from depth and star",
            false="a grazing eclipse, or a star of another size"),
    Reading("ratio_consistency", 0.75, 1.35, "The fitted Rp/Rs agrees with the depth (ratio {x})",
            planet="a flat-bottomed transit"),
    Reading("ratio_consistency", 1.35, inf,
        "The fitted Rp/Rs is {x} times the square root of the depth",
            false="a grazing, V-shaped eclipse"),
    Reading("transit_depth", 20_000, inf,
        "The transit is {q} deep, before this star no more than a giant planet makes",
            planet="as for a giant planet", where=(_SMALL_BODY,)),
    Reading("transit_depth", 20_000, inf, "The transit is {q} deep",
        false="eclipsing stars are that deep"),
    Reading("transit_depth", 1_000, 20_000, "The transit is {q} deep"),
    Reading("transit_depth", 0, 1_000, "The transit is only {q} deep, but the star is large",
            false="before a large star even a shallow dip needs a large body",
            where=(("radius_from_depth", 8, inf),)),
    Reading("transit_depth", 0, 1_000, "The transit is only {q} deep",
        planet="as for a small planet",
            false="noise or a faint star nearby", open="shallow transits are hard to follow up"),
    Reading("impact_parameter", 0.9, 1,
        "The body crosses close to the star's edge (impact parameter {x})",
            where=(("grazing", -1, 0),)),
    Reading("impact_parameter", 0.9, inf, "The transit is grazing (impact parameter {x})",
            false="as eclipses of stars often are"),
    Reading("grazing", -1, 0, "The body passes fully in front of the star",
        planet="as small bodies mostly do"),
    Reading("grazing", 0, inf, "The body's path reaches {x} stellar radii over the star's edge",
            false="a grazing eclipse"),
    # --- strength ---------------------------------------------------------------------------------
    *(
        reading
        for name in ("signal_to_noise", "transit_snr")
        for reading in (
            Reading(name, 0, 12, "The transit is weak, with a signal-to-noise of {x}",
                    false="noise makes such dips too", open="weak signals are hard to decide"),
            Reading(name, 12, 200, "The transit is clear, with a signal-to-noise of {x}",
                planet="not a play of noise"),
            Reading(name, 200, inf, "The transit is very strong, with a signal-to-noise of {x}",
                    planet="not a play of noise", where=(_SMALL_BODY,)),
            Reading(name, 200, inf, "The transit is very strong, with a signal-to-noise of {x}",
                    false="deep eclipses are that strong"),
        )
    ),
    Reading("snr_per_transit", 0, inf, "A single transit has a signal-to-noise of {x}"),
    Reading("max_multiple_event_statistic", 0, 10,
        "All transits together stand only {x} sigma above the noise",
            false="noise does that now and then", open="close to the detection limit of 7.1"),
    Reading("max_multiple_event_statistic", 10, inf,
        "All transits together stand {x} sigma above the noise"),
    Reading("max_single_event_statistic", 0, inf,
        "The strongest single transit stands {x} sigma above the noise"),
    Reading("event_consistency", 0, 0.3,
            "All transits together are only {x} times as significant as the strongest one promises",
            false="one strong dip may carry the rest"),
    Reading("event_consistency", 0.3, inf,
            "All transits together are {x} times as significant as the strongest one promises"),
    Reading("transit_count", 0, 1, "Not one whole transit was counted", open="too few to be sure"),
    Reading("transit_count", 1, 2, "Only one transit was seen", open="too few to be sure"),
    Reading("transit_count", 2, 4, "Only {n} transits were seen", open="too few to be sure",
            false="artefacts repeat by chance a few times"),
    Reading("transit_count", 4, inf, "{n} transits were seen"),
    Reading("depth_over_photon_noise", 0, inf,
        "Against photon noise the transit weighs like one of {q}"),
    # --- where the light is lost ------------------------------------------------------------------
    *(
        reading
        for name in ("flux_centroid_offset", "prf_offset_oot", "prf_offset_catalogue")
        for reading in (
            Reading(name, 0, 1, "The source of the transit lies on the star, within {x} arcsec",
                    planet="not " + _BLEND),
            Reading(name, 1, inf, "The source of the transit lies {x} arcsec away from the star",
                false=_BLEND,
                    open="the transit may belong to another star"),
        )
    ),
    Reading("centroid_shift", 0, 0.002, "The image of the star moves by only {x} arcsec in transit",
            planet="not " + _BLEND),
    Reading("centroid_shift", 0.002, inf, "The image of the star moves by {x} arcsec in transit",
        false=_BLEND),
    Reading("centroid_significance", 0, 0.05,
        "The image of the star moves in transit (chance probability {p})",
            false=_BLEND),
    Reading("centroid_significance", 0.05, inf,
            "The image of the star stays in place in transit (chance probability {p})",
            planet="not " + _BLEND),
    Reading("odd_even_significance", -1, 0, "Odd and even transits could not be compared"),
    Reading("odd_even_significance", 0, 0.05,
        "Odd and even transits differ in depth (chance probability {p})",
            false="an eclipsing binary of twice this period"),
    Reading("odd_even_significance", 0.05, inf,
        "Odd and even transits are equally deep (chance probability {p})",
            planet="not two different stars in turn"),
    # As factors: 1 is no excess at all.
    Reading("excess_duration", 0, 1.1,
        "The transit lasts no longer than a circular orbit around this star allows",
            planet="as for a planet around it"),
    Reading("excess_duration", 1.1, inf,
        "The transit lasts {x} times as long as a circular orbit around this star allows",
        false="it may cross another, larger star"),
    Reading("excess_radius", 0, 1.001, "The body is no larger than planets are"),
    Reading("excess_radius", 1.001, inf, "The body is larger than any planet",
            false="only stars and brown dwarfs are that large"),
    Reading("radius_deficit", 0, 1.001, "The body is no smaller than known planets are"),
    Reading("radius_deficit", 1.001, inf, "The body is smaller than any known planet",
            false="so shallow a dip is rather noise"),
    # --- company ----------------------------------------------------------------------------------
    Reading("signal_count", 1, 2, "The star has no other signal",
            planet="as most giant planets close to their star are alone",
            where=(_CLOSE, ("radius_from_depth", 8, 22))),
    Reading("signal_count", 1, 2, "The star has no other signal",
            false="planets often come in groups, false positives rarely"),
    Reading("signal_count", 2, inf, "The star has {n} signals",
        planet="false positives rarely come in groups"),
    Reading("sibling_period_ratio", 1, 1.15,
        "Another signal on the star has nearly the same period (ratio {x})",
            false="the two halves of an eclipsing binary"),
    Reading("sibling_period_ratio", 1.15, 6,
        "The nearest other period on the star differs by a factor of {x}",
            planet="planets around one star are spaced like that"),
    Reading("sibling_period_ratio", 6, inf,
        "The nearest other period on the star differs by a factor of {x}"),
    Reading("neighbour_count", 0, 1, "No star nearby has a signal of this period at the same time"),
    Reading("neighbour_count", 1, inf,
        "Stars nearby have signals of this period at the same time ({n})",
            false="the light of one eclipsing binary falls on many stars"),
    Reading("neighbour_separation", 0, 200,
        "A signal of this period at the same time is {x} arcsec away",
            false="both may be the light of one eclipsing binary"),
    Reading("neighbour_separation", 200, 3600,
        "A signal of this period at the same time is {x} arcsec away",
            false="the light of a bright eclipsing binary is scattered that far"),
    Reading("neighbour_separation", 3600, inf,
        "No star within a degree has a signal of this period at the same time"),
    Reading("neighbour_depth_ratio", 0, 1e-6,
        "No star within a degree has a signal of this period at the same time"),
    Reading("neighbour_depth_ratio", 1e-6, inf,
            "A signal of this period at the same time is {x} times as deep as this one",
            false="a deep eclipse leaks into its neighbours"),
    Reading("detection_order", 1, 2, "This is the strongest signal on its star"),
    Reading("detection_order", 2, inf, "This is signal number {n} on its star",
        planet="planets often come in groups"),
    # --- the star ---------------------------------------------------------------------------------
    Reading("evolution", 0, 0.8, "The star has {x} times the radius of a dwarf of its temperature"),
    Reading("evolution", 0.8, 1.3,
        "The star has about the radius of a dwarf of its temperature ({x} times)",
            planet="transits before dwarfs are easier to tell"),
    Reading("evolution", 1.3, inf,
        "The star has {x} times the radius of a dwarf of its temperature",
            false="before a large star even a shallow dip needs a large body"),
    Reading("star_density", 0, inf, "The star has {x} times the Sun's mean density"),
    Reading("stellar_luminosity", 0, inf, "The star shines {x} times as brightly as the Sun"),
    Reading("transverse_motion", 0, inf, "The star moves across the sky at {x} km/s"),
    Reading("galactic_latitude", 0, 15, "The star lies {x}° from the Galactic plane",
            false="crowded fields make blends"),
    Reading("galactic_latitude", 15, inf, "The star lies {x}° from the Galactic plane",
            planet="blends are rarer in an uncrowded field"),
    Reading("ecliptic_latitude", 0, 6,
        "The star lies {x}° from the ecliptic, where TESS looks seldom",
            open="little was observed"),
    Reading("ecliptic_latitude", 6, 78, "The star lies {x}° from the ecliptic"),
    Reading("ecliptic_latitude", 78, inf,
        "The star lies {x}° from the ecliptic, where TESS looks for a year on end"),
    Reading("stellar_magnitude", -2, 13, "The star is bright, with magnitude {n}",
            planet="bright stars can be followed up"),
    Reading("stellar_magnitude", 13, inf, "The star is faint, with magnitude {n}",
            open="faint stars are hard to follow up"),
    Reading("absolute_magnitude", -inf, 3, "The star is luminous (absolute magnitude {x})",
            false="before a large star even a shallow dip needs a large body"),
    Reading("absolute_magnitude", 3, inf, "The star has the absolute magnitude {x}"),
    Reading("stellar_distance", 0, inf, "The star is {q} away"),
    Reading("temperature_consistency", 0, inf,
            "The equilibrium temperature is {x} times the one that star and orbit give"),
    # --- uncertainties ----------------------------------------------------------------------------
    *(
        reading
        for name, subject, limit in (
            ("transit_duration", "duration", 8), ("transit_depth", "depth", 8),
            ("planet_radius", "planet radius", 15),
        )
        for reading in (
            Reading(f"relative_{name}_error", 0, limit, f"The {subject} is known to {{x}} %",
                planet=_WELL),
            Reading(f"relative_{name}_error", limit, inf, f"The {subject} is only known to {{x}} %",
                false=_BADLY,
                    open=_BADLY),
        )
    ),
    Reading("timing_precision", 0, inf,
        "The time of mid-transit is known to {x} % of the duration"),
    Reading("relative_orbital_period_error", 0, inf, "The orbital period is known to {q}"),
    Reading("relative_insolation_error", 0, inf, "The insolation is known to {x} %"),
    Reading("relative_stellar_teff_error", 0, inf, "The star's temperature is known to {x} %"),
    Reading("relative_stellar_radius_error", 0, inf, "The star's radius is known to {x} %"),
    Reading("relative_stellar_mass_error", 0, inf, "The star's mass is known to {x} %"),
    Reading("relative_stellar_distance_error", 0, inf, "The star's distance is known to {x} %"),
)  # fmt: skip

READINGS_BY_FEATURE: Final = {
    name: tuple(readings)
    for name, readings in groupby(
        sorted(READINGS, key=lambda reading: reading.feature), lambda reading: reading.feature
    )
}
