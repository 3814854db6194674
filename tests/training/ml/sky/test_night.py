"""Altitudes, darkness, the Moon and times against astropy; transits against a search by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import AltAz, EarthLocation, SkyCoord, get_body, get_sun
from astropy.time import Time
from astropy.utils import iers

from training.ml.sky.night import (
    Place,
    altitudes,
    moon_lit,
    moon_position,
    night_of,
    of_date,
    transits_in,
    utc_of,
)

LA_SILLA = Place(-29.257, -70.730)
DAY = date(2026, 11, 29)


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iers.conf, "auto_download", False)
    monkeypatch.setattr(iers.conf, "auto_max_age", None)


def stars(count: int) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(1)
    return draw.uniform(0, 360, count), np.degrees(np.arcsin(draw.uniform(-1, 1, count)))


@pytest.mark.parametrize("place", [LA_SILLA, Place(28.757, -17.893), Place(78.2, 15.6)])
@pytest.mark.parametrize("day", [DAY, date(2035, 3, 1)])
def test_altitudes_and_the_sun_are_astropys(place: Place, day: date) -> None:
    where = EarthLocation.from_geodetic(place.longitude * u.deg, place.latitude * u.deg)
    night, (ra, dec) = night_of(place, day), stars(40)
    now = Time(night.times[::12], format="jd", scale="utc")
    frame = AltAz(obstime=now[None, :], location=where)
    expected = SkyCoord(ra[:, None] * u.deg, dec[:, None] * u.deg).transform_to(frame).alt.deg
    found = altitudes(
        place, night.times[None, ::12], *(x[:, None] for x in of_date(ra, dec, night.times[0]))
    )
    assert np.abs(found - expected).max() < 0.02
    sun = get_sun(now).transform_to(AltAz(obstime=now, location=where)).alt.deg
    assert np.abs(night.sun[::12] - sun).max() < 0.02


def test_the_moon_is_where_it_is() -> None:
    times = night_of(LA_SILLA, DAY).times
    found = SkyCoord(*(x * u.deg for x in moon_position(times)))
    moon = get_body("moon", Time(times, format="jd", scale="utc"))
    assert found.separation(SkyCoord(moon.ra, moon.dec)).deg.max() < 0.5
    assert moon_lit(2_461_369.1) > 0.99  # full on 24 November 2026
    assert moon_lit(2_461_383.5) < 0.02  # new on 9 December


def test_barycentric_times_become_those_of_the_place() -> None:
    ra, dec = stars(30)
    bjd = 2_461_374.6 + np.linspace(0, 365, 30)
    utc = Time(utc_of(bjd, ra, dec), format="jd", scale="utc", location=EarthLocation(0, 0, 0))
    star = SkyCoord(ra * u.deg, dec * u.deg)
    back = (utc.tdb + utc.light_travel_time(star, ephemeris="builtin")).jd
    assert np.abs(back - bjd).max() * 86_400 < 10


def test_the_night_is_dark_between_the_twilights() -> None:
    night = night_of(LA_SILLA, DAY)
    assert night.dark is not None
    begin, end = night.dark
    inside = (night.times > begin) & (night.times < end)
    assert (night.sun[inside] < -15).all()
    assert (night.sun[~inside] > -15.5).all()
    assert 0.2 < end - begin < 0.4
    assert night_of(Place(78.2, 15.6), date(2026, 6, 21)).dark is None
    whole = night_of(Place(78.2, 15.6), date(2026, 12, 21), -6.0).dark
    assert whole is not None
    assert whole[1] - whole[0] > 0.99


def test_transits_are_those_of_a_search_by_hand() -> None:
    draw, count = np.random.default_rng(3), 400
    (ra, dec), night = stars(count), night_of(LA_SILLA, DAY)
    assert night.dark is not None
    period, duration = 10 ** draw.uniform(-0.5, 1.5, count), draw.uniform(1, 5, count)
    epoch = 2_459_000 + draw.uniform(0, 30, count)
    found = transits_in(
        night,
        ra=ra,
        dec=dec,
        epoch=epoch,
        epoch_error=np.full(count, 0.001),
        period=period,
        period_error=np.full(count, 1e-5),
        duration=duration,
    )
    by_hand = []
    for n in range(count):
        first = int((night.dark[0] - epoch[n]) // period[n]) - 1
        for orbit in range(first, first + int(2 / period[n]) + 4):
            mid = utc_of(epoch[n : n + 1] + orbit * period[n], ra[n : n + 1], dec[n : n + 1])[0]
            if night.dark[0] <= mid <= night.dark[1]:
                by_hand.append((n, round(mid, 6)))
    assert [*zip(found.signals, found.mid.round(6), strict=True)] == by_hand
    assert len(by_hand) > 90
    assert np.allclose((found.egress - found.ingress) * 24, duration[found.signals])
    orbits = (found.mid - epoch[found.signals]) / period[found.signals]
    assert np.allclose(found.error, 24 * np.hypot(0.001, orbits * 1e-5), rtol=1e-3)
    high = (found.altitudes > 31).all(axis=1) & (found.ingress > night.dark[0])
    high &= found.egress < night.dark[1]
    assert (found.observable[high] == 1).all()
    assert (found.observable[(found.altitudes < 29).all(axis=1)] < 0.5).all()
    assert ((found.moon >= 0) & (found.moon <= 180)).all()


def test_what_is_unknown_is_left_out() -> None:
    night = night_of(LA_SILLA, DAY)
    one = {"ra": 60.0, "dec": -30.0, "epoch": 2_459_000.0}
    one |= {"epoch_error": np.nan, "period": 0.05, "period_error": np.nan, "duration": 1.0}
    for missing in ("ra", "epoch", "period", "duration"):
        arrays: dict[str, Any] = {name: np.array([value, value]) for name, value in one.items()}
        arrays[missing][1] = np.nan
        found = transits_in(night, **arrays)
        assert set(found.signals) == {0}
        assert (found.error == 0).all()
    nothing: dict[str, Any] = {name: np.empty(0) for name in one}
    empty = transits_in(night, **nothing)
    assert len(empty.mid) == 0
