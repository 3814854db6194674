"""Where the middle of the light is in transit says how far away what loses it stands."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest

from tests.training.ml.curves.simulated import (
    TESS_CARDS,
    TESS_TABLE,
    Planet,
    curve,
    mast_fits,
    times,
)
from training.ml.curves.centroid import centroid_shift
from training.ml.curves.curve import Ephemeris
from training.ml.curves.read import read_curve
from training.ml.curves.shape import Trapezoid

PLANET = Planet(3.3, hours=3, ppm=5_000)
SHAPE = Trapezoid(Ephemeris(3.3, 1.0, 0.125), 5e-3, 0.15)


def moving(by: float, noise: float = 1e-3, drift: float = 0.01) -> np.ndarray:
    """Pixels: a drift, noise, and ``by`` per share of light lost, along the first axis."""
    time = times()
    draw = np.random.default_rng(4)
    middle = np.column_stack([drift * time, -drift * time]) + noise * draw.normal(
        size=(len(time), 2)
    )
    middle[:, 0] += by * (1 - PLANET.light(time))
    return np.asarray(middle)


def test_a_source_two_pixels_away_is_seen_there() -> None:
    moved = centroid_shift(replace(curve(PLANET), centroid=moving(-2.0)), SHAPE)
    assert moved is not None
    assert moved.sigma > 10
    assert moved.source == pytest.approx(2.0, rel=0.15)


def test_light_whose_middle_only_drifts_moves_not() -> None:
    moved = centroid_shift(replace(curve(PLANET), centroid=moving(0.0)), SHAPE)
    assert moved is not None
    assert moved.sigma < 4


def test_files_that_do_not_say_it_have_none() -> None:
    assert centroid_shift(curve(PLANET), SHAPE) is None


def test_it_is_read_without_the_telescopes_motion() -> None:
    time = times()
    motion = 0.3 * np.sin(time)
    middle = moving(-2.0, drift=0.0)
    columns = {
        "PDCSAP_FLUX": 1_000 * PLANET.light(time),
        "QUALITY": np.zeros(len(time), dtype=int),
        "MOM_CENTR1": 500 + motion + middle[:, 0],
        "MOM_CENTR2": 700 - motion + middle[:, 1],
        "POS_CORR1": motion,
        "POS_CORR2": -motion,
    }
    content = mast_fits(time, columns, TESS_CARDS, TESS_TABLE)
    read = read_curve([("a.fits", io.BytesIO(content))])
    assert read.centroid is not None
    assert np.abs(read.centroid[:, 1]).max() < 0.01
    moved = centroid_shift(read, SHAPE)
    assert moved is not None
    assert moved.source == pytest.approx(2.0, rel=0.15)
