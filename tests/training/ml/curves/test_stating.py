"""A period that a person states is measured as it is; what a file lacks is asked for."""

from __future__ import annotations

import io

import numpy as np
import pytest

from tests.training.ml.curves.simulated import Planet, csv, curve, flux, tess_fits, times
from training.ml.curves.errors import CurveError, DifferentStars
from training.ml.curves.find import find_signals
from training.ml.curves.glance import glance
from training.ml.curves.stating import Stated, measure_stated

LIGHT = curve(Planet(3.3))


def test_what_was_searched_can_be_looked_at() -> None:
    told: list[int] = []
    found = find_signals(LIGHT, report=told.append)
    assert told == [1, 2]
    seen, last = found.evidence
    assert seen.signal.shape == found.signals[0].shape
    assert len(seen.flat) <= len(LIGHT)
    assert seen.peak.among is not None
    assert seen.peak.among.strength.max() <= seen.peak.strength
    assert last.signal.snr < 7, "the dip that was none is the last"


def test_the_period_found_is_measured_again_alike() -> None:
    (first,) = find_signals(LIGHT).signals
    stated = Stated(first.period, first.shape.ephemeris, first.shape.depth, first.sde)
    (again,) = measure_stated(LIGHT, [stated]).signals
    assert again.period == pytest.approx(first.period, rel=1e-4)
    assert again.depth_ppm == pytest.approx(first.depth_ppm, rel=0.02)
    assert again.unknown == first.unknown == []


@pytest.mark.parametrize("times_", [0.5, 2.0])
def test_a_part_or_a_multiple_stays_as_stated(times_: float) -> None:
    (again,) = measure_stated(LIGHT, [Stated(3.3 * times_)]).signals
    assert again.period == pytest.approx(3.3 * times_, rel=5e-3)


def test_a_stated_mid_transit_chooses_the_dip() -> None:
    (first,) = find_signals(LIGHT).signals
    years_later = first.epoch + 200 * first.period
    (again,) = measure_stated(LIGHT, [Stated(2 * first.period, epoch=years_later)]).signals
    assert again.shape.ephemeris.offset(np.array([first.epoch]))[0] == pytest.approx(0, abs=0.02)
    elsewhere = Stated(first.period, epoch=first.epoch + first.period / 2)
    (nothing,) = measure_stated(LIGHT, [elsewhere]).signals
    assert nothing.unknown[0].startswith("The dip at this period")
    with pytest.raises(CurveError, match="more than 20 years"):
        measure_stated(LIGHT, [Stated(first.period, epoch=2_457_000.0)])


def test_a_period_without_a_dip_gets_no_verdict() -> None:
    (again,) = measure_stated(curve(), [Stated(5.0)]).signals
    assert again.unknown[0].startswith("The dip at this period")


@pytest.mark.parametrize("period", [0.01, 400.0])
def test_a_period_that_no_curve_of_this_length_shows_is_refused(period: float) -> None:
    with pytest.raises(CurveError, match="cannot be measured here"):
        measure_stated(LIGHT, [Stated(period)])


def test_a_header_is_read_without_its_light() -> None:
    time = times()
    told = glance([("a.fits", io.BytesIO(tess_fits(time, flux(time))))])
    assert (told.star.teff, told.star.name) == (5_772, "TIC 1")
    assert not (told.asks_columns or told.asks_unit or told.asks_zero)


def test_what_a_table_lacks_is_asked_for() -> None:
    time = times()
    told = glance([("a.csv", io.BytesIO(csv(time, flux(time), "when,brightness")))])
    assert told.asks_columns
    assert told.asks_unit
    assert told.asks_zero
    assert told.columns == ["when", "brightness"]
    known = glance([("a.csv", io.BytesIO(csv(time, flux(time), "btjd,flux")))])
    assert not (known.asks_columns or known.asks_unit or known.asks_zero)


def test_files_of_two_stars_are_refused_at_a_glance() -> None:
    time = times()
    one, other = (tess_fits(time, flux(time), TICID=n, OBJECT=f"TIC {n}") for n in (1, 2))
    with pytest.raises(DifferentStars):
        glance([("a.fits", io.BytesIO(one)), ("b.fits", io.BytesIO(other))])


@pytest.mark.parametrize("text", ["this is no light curve", "when,what\nyesterday,dark\n"])
def test_words_are_no_light_curve(text: str) -> None:
    with pytest.raises(CurveError, match=r"a\.fits: This is no light curve"):
        glance([("a.fits", io.BytesIO(text.encode()))])
