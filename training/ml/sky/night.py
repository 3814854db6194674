"""What stands in the sky of a place in one night: altitudes, darkness, the Moon, and which transits
fall into it.

Times are Julian days of UTC (UT1 is taken for it, 0.9 s at most); angles are degrees. Low-precision
positions of the Sun (0.01°) and the Moon (0.3°, seen from the Earth's centre: add 1° for a place on
its surface) are the Astronomical Almanac's, precession is that of the IAU of 1976 (Lieske et al.
1977). Altitudes are without refraction; nutation and aberration are left out (0.01°).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from training.ml.sky.next_transits import next_transits

Floats = npt.NDArray[np.float64]

J2000: Final = 2_451_545.0
TDB_MINUS_UTC: Final = 69.184 / 86_400  # days, since 2017
LIGHT_SECONDS: Final = 499.004_784  # of an astronomical unit
STEPS: Final = 97  # of a night's curve: one each quarter of an hour
SAMPLES: Final = 11  # of a transit
UNIX_EPOCH: Final = 2_440_587.5  # as a Julian day


@dataclass(frozen=True)
class Place:
    """Degrees, north and east positive."""

    latitude: float
    longitude: float


@dataclass(frozen=True, eq=False)
class Night:
    """From noon to noon by the local Sun: ``times`` (STEPS,), ``sun`` the altitudes at them,
    ``dark`` the first and last time when the Sun is below ``twilight``; None where it never is."""

    place: Place
    times: Floats
    sun: Floats
    twilight: float
    dark: tuple[float, float] | None


@dataclass(frozen=True, eq=False)
class NightTransits:
    """Transits of one night, each array (k,): ``signals`` says which of the n signals; times in JD
    of UTC; ``error`` one sigma in hours; ``observable`` the share of the transit in darkness and
    above the altitude asked for; altitudes at ingress, middle and egress (k, 3); ``moon`` degrees
    to the Moon at mid-transit."""

    signals: npt.NDArray[np.intp]
    ingress: Floats
    mid: Floats
    egress: Floats
    error: Floats
    observable: Floats
    altitudes: Floats
    moon: Floats


def julian_day(day: date) -> float:
    """Of 0 h UTC."""
    return UNIX_EPOCH + (day - date(1970, 1, 1)).days


def night_of(place: Place, day: date, twilight: float = -15.0) -> Night:
    """The night that begins on the evening of ``day`` at ``place``; dark is when the Sun is below
    ``twilight``: −18 for faint stars, −12 for bright ones."""
    noon = julian_day(day) + 0.5 - place.longitude / 360
    times = noon + np.linspace(0, 1, STEPS)
    sun = altitudes(place, times, *sun_position(times))
    minutes = noon + np.linspace(0, 1, 24 * 60 + 1)
    is_dark = altitudes(place, minutes, *sun_position(minutes)) < twilight
    found = minutes[is_dark]
    dark = (float(found[0]), float(found[-1])) if len(found) else None
    return Night(place, times, sun, twilight, dark)


def altitudes(place: Place, times: Floats, ra: Floats, dec: Floats) -> Floats:
    """Of positions of date, which are broadcast against the times."""
    hour_angle = np.radians(sidereal_time(times) + place.longitude - ra)
    latitude, declination = np.radians(place.latitude), np.radians(dec)
    sine = np.sin(latitude) * np.sin(declination)
    sine = sine + np.cos(latitude) * np.cos(declination) * np.cos(hour_angle)
    altitude: Floats = np.degrees(np.arcsin(np.clip(sine, -1, 1)))
    return altitude


def sidereal_time(times: Floats) -> Floats:
    """Of Greenwich, in degrees (IAU 1982, without nutation)."""
    days = np.asarray(times) - J2000
    centuries = days / 36_525
    return (280.460_618_37 + 360.985_647_366_29 * days + 0.000_387_933 * centuries**2) % 360


def sun_position(times: Floats) -> tuple[Floats, Floats]:
    """Right ascension and declination of date."""
    return _equatorial(*_sun(times)[:2], times)


def moon_position(times: Floats) -> tuple[Floats, Floats]:
    """Right ascension and declination of date, from the Earth's centre."""
    t = (np.asarray(times) - J2000) / 36_525
    terms = (
        (6.29, 135.0, 477_198.87),
        (-1.27, 259.3, -413_335.36),
        (0.66, 235.7, 890_534.22),
        (0.21, 269.9, 954_397.74),
        (-0.19, 357.5, 35_999.05),
        (-0.11, 186.5, 966_404.03),
    )
    longitude = 218.32 + 481_267.881 * t + _sines(terms, t)
    latitude = _sines(
        (
            (5.13, 93.3, 483_202.02),
            (0.28, 228.2, 960_400.89),
            (-0.28, 318.3, 6_003.15),
            (-0.17, 217.6, -407_332.21),
        ),
        t,
    )
    return _equatorial(longitude, latitude, times)


def moon_lit(time: float) -> float:
    """The share of the Moon's disc that is lit, from 0 to 1."""
    at = np.array([time])
    apart = separations(*moon_position(at), *sun_position(at))[0]
    return float((1 - np.cos(np.radians(apart))) / 2)


def separations(ra: Floats, dec: Floats, other_ra: Floats, other_dec: Floats) -> Floats:
    one, other = _unit(ra, dec), _unit(other_ra, other_dec)
    apart: Floats = np.degrees(np.arccos(np.clip(np.sum(one * other, axis=-1), -1, 1)))
    return apart


def of_date(ra: Floats, dec: Floats, time: float) -> tuple[Floats, Floats]:
    """Positions of J2000, precessed to ``time``."""
    t = (time - J2000) / 36_525
    zeta = np.radians((2306.2181 * t + 0.301_88 * t**2) / 3600)
    z = np.radians((2306.2181 * t + 1.094_68 * t**2) / 3600)
    theta = np.radians((2004.3109 * t - 0.426_65 * t**2) / 3600)
    turned, declination = np.radians(ra) + zeta, np.radians(dec)
    x = np.cos(declination) * np.sin(turned)
    y = np.cos(theta) * np.cos(declination) * np.cos(turned) - np.sin(theta) * np.sin(declination)
    height = np.sin(theta) * np.cos(declination) * np.cos(turned)
    height = height + np.cos(theta) * np.sin(declination)
    return np.degrees(np.arctan2(x, y) + z) % 360, np.degrees(np.arcsin(np.clip(height, -1, 1)))


def utc_of(bjd: Floats, ra: Floats, dec: Floats) -> Floats:
    """JD of UTC from BJD of TDB, to some ten seconds: the light's way to the Sun instead of the
    barycentre costs up to 5 s."""
    longitude, latitude, distance = _sun(bjd)
    sun = _unit(*_equatorial(longitude, latitude, bjd)) * distance[..., None]
    earlier = -np.sum(sun * _unit(ra, dec), axis=-1) * LIGHT_SECONDS / 86_400
    return np.asarray(bjd - earlier - TDB_MINUS_UTC)


def transits_in(
    night: Night,
    *,
    ra: Floats,
    dec: Floats,
    epoch: Floats,
    epoch_error: Floats,
    period: Floats,
    period_error: Floats,
    duration: Floats,
    lowest: float = 30.0,
) -> NightTransits:
    """The transits of n signals, (n,) each, whose middle lies in the night's darkness.

    Positions of J2000; ``epoch`` in BJD, ``period`` and the errors in days, ``duration`` in hours;
    NaN where unknown: an unknown error counts as 0 here, any other unknown leaves the signal out.
    ``lowest``: the altitude that is asked for.
    """
    begin, end = night.dark or (np.inf, -np.inf)
    errors = np.nan_to_num(epoch_error), np.nan_to_num(period_error)
    first = next_transits(epoch, errors[0], period, errors[1], begin - 0.01)
    known = np.isfinite(first.mid_transit + duration + ra + dec) & (first.mid_transit < end + 0.01)
    counts = np.zeros(len(period), dtype=int)
    counts[known] = np.floor((end + 0.01 - first.mid_transit[known]) / period[known]) + 1
    signals = np.repeat(np.arange(len(period)), counts)
    number = np.arange(len(signals)) - np.repeat(np.cumsum(counts) - counts, counts)
    bjd = first.mid_transit[signals] + number * period[signals]
    mid = utc_of(bjd, ra[signals], dec[signals])
    inside = (mid >= begin) & (mid <= end)
    return _measured(
        night, signals[inside], mid[inside], first.error[signals[inside]], ra, dec, duration, lowest
    )


def _measured(
    night: Night,
    signals: npt.NDArray[np.intp],
    mid: Floats,
    error: Floats,
    ra: Floats,
    dec: Floats,
    duration: Floats,
    lowest: float,
) -> NightTransits:
    half = duration[signals] / 48
    times = mid[:, None] + np.linspace(-1, 1, SAMPLES) * half[:, None]
    ra_now, dec_now = of_date(ra[signals], dec[signals], night.times[0])
    high = altitudes(night.place, times, ra_now[:, None], dec_now[:, None])
    dark = altitudes(night.place, times, *sun_position(times)) < night.twilight
    return NightTransits(
        signals=signals,
        ingress=mid - half,
        mid=mid,
        egress=mid + half,
        error=error,
        observable=np.mean((high >= lowest) & dark, axis=1) if len(mid) else np.empty(0),
        altitudes=high[:, [0, SAMPLES // 2, -1]],
        moon=separations(ra_now, dec_now, *moon_position(mid)),
    )


def _sun(times: Floats) -> tuple[Floats, Floats, Floats]:
    """Ecliptic longitude and latitude of date, and distance in AU."""
    days = np.asarray(times) - J2000
    anomaly = np.radians(357.528 + 0.985_600_3 * days)
    longitude = 280.460 + 0.985_647_4 * days + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly)
    distance = 1.000_14 - 0.016_71 * np.cos(anomaly) - 0.000_14 * np.cos(2 * anomaly)
    return longitude % 360, np.zeros_like(days), distance


def _equatorial(longitude: Floats, latitude: Floats, times: Floats) -> tuple[Floats, Floats]:
    obliquity = np.radians(23.439 - 4e-7 * (np.asarray(times) - J2000))
    x, y, z = np.moveaxis(_unit(longitude, latitude), -1, 0)
    turned = y * np.cos(obliquity) - z * np.sin(obliquity)
    height = y * np.sin(obliquity) + z * np.cos(obliquity)
    return np.degrees(np.arctan2(turned, x)) % 360, np.degrees(np.arcsin(height))


def _sines(terms: tuple[tuple[float, float, float], ...], t: Floats) -> Floats:
    return np.asarray(sum(size * np.sin(np.radians(at + rate * t)) for size, at, rate in terms))


def _unit(longitude: Floats, latitude: Floats) -> Floats:
    """(…, 3)"""
    a, b = np.radians(longitude), np.radians(latitude)
    return np.stack([np.cos(b) * np.cos(a), np.cos(b) * np.sin(a), np.sin(b)], axis=-1)
