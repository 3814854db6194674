"""Pages elsewhere about a signal and its star."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from predictions.catalogue.models import Signal, Star
from predictions.catalogue.others.models import OtherSignal
from predictions.signals.words import Link, identifier_links

_SIMBAD: Final = "https://simbad.cds.unistra.fr/simbad/sim-coo?Radius=5&Radius.unit=arcsec&Coord="
_MAST: Final = "https://mast.stsci.edu/portal/Mashup/Clients/Mast/Portal.html?searchQuery="
_ALADIN: Final = "https://aladin.cds.unistra.fr/AladinLite/?fov=0.05&target="


def signal_links(signal: Signal | OtherSignal) -> list[Link]:
    """None of what is made up: at its place stands something else."""
    if signal.is_simulated:
        return []
    named = identifier_links(signal.name) or identifier_links(signal.star_key)
    return [*named, *sky_links(signal.ra, signal.dec)]


def star_links(star: Star, *, is_simulated: bool = False) -> list[Link]:
    if is_simulated:
        return []
    return [*identifier_links(star.name), *sky_links(star.ra, star.dec)]


def sky_links(ra: float | None, dec: float | None) -> list[Link]:
    """By position, which every archive understands."""
    if ra is None or dec is None:
        return []
    place = quote(f"{ra:.6f} {dec:+.6f}")
    return [
        Link("SIMBAD", f"{_SIMBAD}{place}"),
        Link("MAST", f"{_MAST}{place}"),
        Link("Aladin", f"{_ALADIN}{place}"),
    ]
