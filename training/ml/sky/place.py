"""Where and when one signal is, as a person types it, and what that tells about its surroundings.

A table's rows carry position and mid-transit time; a signal that is typed may state them, too. They
are no inputs of a classifier: what is counted from them is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from training.ml.errors import InvalidSignal
from training.ml.inputs import number_of
from training.ml.schema import (
    EPOCH_ZERO,
    NEIGHBOUR_NAMES,
    NUMERIC_NAMES,
    PLACE_NAMES,
    Feature,
    Group,
)
from training.ml.signal_rows import SignalRows
from training.ml.sky.ephemerides import Ephemerides, combine
from training.ml.sky.stars import ecliptic_latitude, galactic_latitude, hash_stars, parse_angle

if TYPE_CHECKING:
    from training.ml.signal_rows import Floats

PLACE_INPUTS: Final = (
    Feature(
        "ra", "Right ascension", "degrees", Group.STAR, 0, 360,
        "a full circle", "J2000; or 19h02m43.06s.",
    ),
    Feature(
        "dec", "Declination", "degrees", Group.STAR, -90, 90,
        "from pole to pole", "J2000; or +50d14m28.7s.",
    ),
    Feature(
        "epoch", "Mid-transit time", "BJD", Group.STAR, 2_400_000, 2_500_000,
        "full Julian dates of the years 1858 to 2132",
        "Any one transit. Add 2,454,833 to Kepler's BKJD and 2,457,000 to TESS's BTJD.",
    ),
)  # fmt: skip
"""With all three the classifier looks whether a neighbouring star shows the same ephemeris."""
PLACE_KEYS: Final = tuple(feature.name for feature in PLACE_INPUTS)


@dataclass(frozen=True)
class Place:
    """Position in degrees and mid-transit time in BJD − 2,454,833; NaN where not given."""

    ra: float = math.nan
    dec: float = math.nan
    epoch: float = math.nan

    @property
    def warnings(self) -> list[str]:
        """What of it cannot be used, in sentences."""
        if math.isnan(self.ra) == math.isnan(self.dec):
            return []
        given, absent = ("declination", "right ascension")
        if math.isnan(self.dec):
            given, absent = absent, given
        return [f"A {given} without a {absent} is no position, so it was not used."]

    def filled(self, signal: SignalRows, known: Ephemerides | None) -> SignalRows:
        """One signal with what its place tells, where it does not state that itself; ``known`` are
        the ephemerides that a classifier keeps."""
        numbers = signal.numbers.copy(order="F")
        ra, dec = np.array([self.ra]), np.array([self.dec])
        _fill(numbers, PLACE_NAMES, [galactic_latitude(ra, dec)[0], ecliptic_latitude(ra, dec)[0]])
        if known is not None:
            said = known.neighbours(self._ephemeris(signal))
            own = signal.numbers[:, [NUMERIC_NAMES.index(name) for name in NEIGHBOUR_NAMES]]
            _fill(numbers, NEIGHBOUR_NAMES, combine(own, said)[0].tolist())
        return SignalRows(numbers, signal.texts)

    def _ephemeris(self, signal: SignalRows) -> Ephemerides:
        period, duration, depth = (
            np.asarray(signal[name], dtype=np.float64)
            for name in ("orbital_period", "transit_duration", "transit_depth")
        )
        where = np.array([self.ra]), np.array([self.dec])
        return Ephemerides.of(
            *where, period, np.array([self.epoch]), duration, depth, hash_stars([None])
        )


def _fill(numbers: Floats, names: tuple[str, ...], values: list[float]) -> None:
    for name, value in zip(names, values, strict=True):
        at = NUMERIC_NAMES.index(name)
        if math.isnan(numbers[0, at]):
            numbers[0, at] = value


def parse_place(raw: Mapping[str, object]) -> Place | None:
    """What ``raw`` says under ``PLACE_KEYS``, None where nothing, or ``InvalidSignal`` with a
    sentence for each that is wrong."""
    values, errors = {}, {}
    for feature in PLACE_INPUTS:
        try:
            values[feature.name] = _number(feature, raw.get(feature.name))
        except ValueError as error:
            errors[feature.name] = [str(error)]
    if errors:
        raise InvalidSignal(errors)
    given = {name: value for name, value in values.items() if value is not None}
    if "epoch" in given:
        given["epoch"] -= EPOCH_ZERO
    return Place(**given) if given else None


def _number(feature: Feature, value: object) -> float | None:
    text = value.strip() if isinstance(value, str) else value
    if text is None or text == "":
        return None
    if isinstance(text, str) and feature.name != "epoch":
        degrees = parse_angle(text, hours=feature.name == "ra")
        text = text if math.isnan(degrees) else degrees
    return number_of(feature, text)
