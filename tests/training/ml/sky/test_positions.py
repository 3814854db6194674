from __future__ import annotations

import numpy as np
import pytest

from training.ml.sky.positions import (
    InvalidPosition,
    SkyIndex,
    SkyPosition,
    looks_like_position,
    parse_position,
)
from training.ml.sky.typed import Kind, read_typed

HERE = (285.67941667, 50.24130556)


@pytest.mark.parametrize(
    ("text", "radius"),
    [
        ("19 02 43.06 +50 14 28.7", None),
        ("19 02 43.06 50 14 28.7", None),
        ("19:02:43.06 +50:14:28.7", None),
        ("19h02m43.06s +50d14m28.7s", None),
        ("19h 02m 43.06s +50° 14′ 28.7″", None),
        ("19h02m43.06s, 50°14'28.7\"", None),
        ("J190243.06+501428.7", None),
        ("RA 19 02 43.06, Dec +50 14 28.7 (J2000)", None),
        ("285.67941667 50.24130556", None),
        ("285.67941667, +50.24130556", None),
        ("285.67941667+50.24130556", None),
        ("285.67941667° +50.24130556°", None),
        ("RA=285.67941667 Dec=50.24130556", None),
        ("285.67941667d 50.24130556d", None),
        ("19.045294444h +50.24130556d", None),
        ("19 02.717667 +50 14.478333", None),
        ("285.67941667 50.24130556 30 arcsec", 30),
        ('285.67941667 50.24130556 30"', 30),
        ("285.67941667 50.24130556 30″", 30),
        ("19 02 43.06 +50 14 28.7 2'", 120),
        ("19h02m43.06s +50d14m28.7s 0.5 arcmin", 30),
        ("19:02:43.06 +50:14:28.7, radius 1 arcmin", 60),
        ("285.67941667 50.24130556 r=0.1deg", 360),
    ],
)
def test_positions_in_every_form(text: str, radius: float | None) -> None:
    typed = read_typed(text)
    assert typed.kind == Kind.POSITION
    assert typed.position is not None
    assert (typed.position.ra, typed.position.dec) == pytest.approx(HERE, abs=1e-5)
    assert typed.position.radius == radius


def test_south_of_the_equator_and_at_its_edges() -> None:
    assert parse_position("00 00 30 -00 30 00") == SkyPosition(0.125, -0.5)
    assert parse_position("0 -90") == SkyPosition(0, -90)
    assert parse_position("360 0") == SkyPosition(0, 0)
    assert parse_position("19h02m −50d14m").dec == pytest.approx(-50.2333333)


@pytest.mark.parametrize(
    "text",
    [
        "HD 189733",
        "55 Cnc e",
        "2MASS J19024305+5014286",
        "TYC 3549-2811-1",
        "700.02",
        "6850504",
        "BD+20 594",
        "K2-3 b",
        "16 Cyg B b",
        "dec",
    ],
)
def test_names_and_numbers_are_no_positions(text: str) -> None:
    assert not looks_like_position(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("400 20", "right ascension beyond 360 degrees"),
        ("285.6 95.2", "declination beyond 90 degrees"),
        ("25 02 43 +50 14 28", "right ascension beyond 360 degrees or 24 hours"),
        ("19 62 43 +50 14 28", "minutes or seconds of 60 or more"),
        ("285.679 50.241 5", "is not one position"),
        ("285.679 50.241 20 deg", "radius that is not between 0 and 5 degrees"),
        ("285.679 50.241 0 arcsec", "radius that is not between 0 and 5 degrees"),
        ("19h02m43.06s", "is not one position"),
    ],
)
def test_what_is_no_position_is_told_how_to_write_one(text: str, why: str) -> None:
    with pytest.raises(InvalidPosition, match=why) as error:
        read_typed(text)
    assert "19 02 43.06 +50 14 28.7" in error.value.message


def test_the_nearest_places_come_first() -> None:
    dec = np.array([50.0, 50.0 + 30 / 3600, 50.0 + 10 / 3600, np.nan, 51.0])
    places, separations = SkyIndex(np.full(5, 285.0), dec).around(285.0, 50.0, 60)
    assert places.tolist() == [0, 2, 1]
    assert separations == pytest.approx([0, 10, 30], abs=1e-6)


def test_places_on_both_sides_of_the_first_meridian_are_near() -> None:
    index = SkyIndex(np.array([0.001, 359.999]), np.zeros(2))
    assert sorted(index.around(0, 0, 10)[0].tolist()) == [0, 1]


def test_an_empty_sky_has_nothing_near() -> None:
    assert SkyIndex(np.array([]), np.array([])).around(0, 0, 10)[0].tolist() == []
