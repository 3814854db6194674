"""Inputs that come together, for saying which further ones would help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Bundle:
    """Inputs that a person finds in one place; ``words`` completes "what would help most is …"."""

    key: str
    words: str
    names: tuple[str, ...]


BUNDLES: Final = (
    Bundle("star", "the star's radius and temperature", ("stellar_teff", "stellar_radius")),
    Bundle("stellar mass", "the star's gravity, mass or density",
           ("stellar_logg", "stellar_mass", "stellar_density")),
    Bundle("planet radius", "the planet radius", ("planet_radius",)),
    Bundle("company", "how many signals the star has", ("signal_count", "sibling_period_ratio")),
    Bundle("strength", "the transit's signal-to-noise", ("transit_snr", "transit_count")),
    Bundle("shape", "the fitted shape of the transit",
           ("impact_parameter", "radius_ratio", "scaled_semi_major_axis",
               "transit_stellar_density")),
    Bundle("uncertainties", "the uncertainties of period, duration and depth",
           ("orbital_period_error", "transit_duration_error", "transit_depth_error",
               "mid_transit_error")),
    Bundle("brightness", "the star's brightness and distance",
           ("stellar_magnitude", "magnitude_band", "stellar_distance", "proper_motion")),
    Bundle("place", "whether the star's image moves in transit",
           ("flux_centroid_offset", "centroid_shift", "centroid_significance", "prf_offset_oot",
            "prf_offset_catalogue")),
    Bundle("detection", "the detection statistics and the comparison of odd and even transits",
           ("max_single_event_statistic", "max_multiple_event_statistic", "odd_even_significance")),
)  # fmt: skip

BUNDLE_BY_KEY: Final = {bundle.key: bundle for bundle in BUNDLES}
