"""From files to one curve, and every file that is refused, in words."""

from __future__ import annotations

import gzip
import io
from typing import Any

import numpy as np
import pytest

from tests.training.ml.curves.simulated import (
    TESS_CARDS,
    TESS_TABLE,
    Planet,
    csv,
    flux,
    mast_fits,
    tess_fits,
    times,
)
from training.ml.curves.columns import BAD_BITS
from training.ml.curves.curve import LightCurve
from training.ml.curves.errors import CurveError, DifferentStars, NoCurveColumns, RawK2
from training.ml.curves.read import MAX_FILES, Reading, read_curve
from training.ml.curves.stars import with_overrides
from training.ml.schema import Mission

TIME = times()
LIGHT = flux(TIME, Planet(3.0))
K2_CARDS = {"TELESCOP": "Kepler", "MISSION": "K2", "KEPLERID": 211, "KEPMAG": 12.0}


def read(*files: bytes | tuple[str, bytes], **reading: Any) -> LightCurve:
    named = [file if isinstance(file, tuple) else ("curve", file) for file in files]
    return read_curve([(name, io.BytesIO(data)) for name, data in named], Reading(**reading))


def test_a_tess_file_gives_corrected_flux_without_bad_exposures_and_its_star() -> None:
    curve = read(tess_fits(TIME, LIGHT))
    bad = len(TIME[7::500])
    assert len(curve) == len(TIME) - bad
    assert curve.flux.max() < 1.01  # neither the spoilt exposures nor SAP's trend
    assert (curve.zero, curve.star.name, curve.star.mission) == (2_457_000, "TIC 1", Mission.TESS)
    assert (curve.star.teff, curve.star.radius, curve.star.magnitude) == (5_772, 1, 10)
    assert (curve.star.ra, curve.star.dec) == (10, -20)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_csv_and_fits_are_read_packed_or_not(pack: Any) -> None:
    assert len(read(pack(csv(TIME, LIGHT)))) == len(TIME)
    assert len(read(pack(tess_fits(TIME, LIGHT)))) > 0.9 * len(TIME)


def test_bits_are_those_of_the_archives_manuals() -> None:
    assert BAD_BITS == {
        Mission.TESS: 17_087,
        Mission.KEPLER: 1_130_799 - 1_048_576,
        Mission.K2: 1_130_799,
    }


@pytest.mark.parametrize(
    ("header", "zero"),
    [
        ("btjd,flux", 2_457_000),
        ("bkjd,flux", 2_454_833),
        ("time (BJD - 2457000),flux", 2_457_000),
        ("mjd,flux", 2_400_000.5),
        ("time,flux", None),
    ],
)
def test_the_zero_of_the_time_is_stated_or_unknown(header: str, zero: float | None) -> None:
    curve = read(csv(TIME, LIGHT, header))
    assert curve.zero == zero
    assert any("--time-zero" in note for note in curve.notes) == (zero is None)


def test_full_julian_dates_keep_their_digits() -> None:
    curve = read(csv(TIME + 2_458_000.25, LIGHT))
    assert curve.zero == 2_458_000
    assert curve.time[0] == pytest.approx(0.25, abs=1e-9)


def test_a_stated_unit_of_time_counts() -> None:
    curve = read(csv(TIME * 24, LIGHT, "time [h],flux"))
    assert curve.span == pytest.approx(TIME[-1] - TIME[0])


def test_minutes_are_averaged() -> None:
    time = times(minutes=1)
    curve = read(csv(time, flux(time, noise=1_000)))
    assert 1_440 * curve.exposure == pytest.approx(5)
    assert np.std(curve.flux) == pytest.approx(1e-3 / 5**0.5, rel=0.1)


def test_flares_are_left_out_and_transits_kept() -> None:
    light = LIGHT.copy()
    light[[50, 900]] += 0.05
    curve = read(csv(TIME, light))
    assert len(curve) == len(TIME) - 2
    assert (curve.flux < 0.997).sum() > 50


def test_k2sc_is_corrected_by_its_own_column() -> None:
    roll = 20 * np.sin(2 * np.pi * TIME / 0.25)
    k2sc = mast_fits(TIME, {"flux": 1_000 * LIGHT + roll, "trposi": roll + 500}, K2_CARDS)
    curve = read(k2sc)
    assert np.allclose(curve.flux[100:200], (LIGHT / np.median(LIGHT))[100:200], atol=1e-3)


@pytest.mark.parametrize("column", ["FCOR", "fcor"])
def test_k2sff_and_everest_are_read(column: str) -> None:
    assert len(read(mast_fits(TIME, {"FRAW": LIGHT, column: LIGHT}, K2_CARDS))) == len(TIME)


def test_raw_k2_is_refused() -> None:
    with pytest.raises(RawK2, match="needs a corrected curve"):
        read(mast_fits(TIME, {"SAP_FLUX": LIGHT, "PDCSAP_FLUX": LIGHT}, K2_CARDS))


def test_files_of_one_star_are_joined_each_by_its_own_level() -> None:
    late = tess_fits(TIME + 100, 3 * LIGHT)
    curve = read(late, tess_fits(TIME, LIGHT))
    assert np.all(np.diff(curve.time) > 0)
    assert abs(np.median(curve.flux[curve.part == 1]) - 1) < 1e-3
    assert set(curve.part.tolist()) == {0, 1}


def test_files_of_different_stars_are_refused() -> None:
    other = tess_fits(TIME + 50, LIGHT, TICID=2, OBJECT="TIC 2")
    with pytest.raises(DifferentStars, match="TIC 1 and TIC 2"):
        read(tess_fits(TIME, LIGHT), other)
    nameless = {"TICID": 0, "OBJECT": ""}
    elsewhere = tess_fits(TIME + 50, LIGHT, **nameless, RA_OBJ=11.0)
    with pytest.raises(DifferentStars):
        read(tess_fits(TIME, LIGHT, **nameless), elsewhere)


def test_the_name_that_mast_gives_a_file_tells_its_star() -> None:
    curve = read(("kplr000892772-2013131215648_llc.csv", csv(TIME, LIGHT)))
    assert (curve.star.name, curve.star.mission) == ("KIC 892772", Mission.KEPLER)


def test_named_columns_go_before_usual_ones() -> None:
    both = csv(TIME, LIGHT, "when,light")
    with pytest.raises(NoCurveColumns, match="--time-column"):
        read(both)
    assert len(read(both, time_column="when", flux_column="light")) == len(TIME)
    with pytest.raises(CurveError, match="no column “wrong”"):
        read(both, time_column="wrong", flux_column="light")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (csv(TIME, LIGHT - 1), "lies around zero"),
        (csv(TIME[:60], LIGHT[:60]), "at least 100"),
        (csv(TIME * 1_440, LIGHT), "if the times are days"),
        (csv(TIME / 100, LIGHT), "at least a day"),
        (csv(TIME, LIGHT, "time,magnitude"), "known as the flux"),
        (b"%PDF-1.4 and more", "PDF"),
        (b"", "empty"),
        (csv(np.full(300, np.nan), LIGHT[:300]), "Only 0 points"),
        (b"time,flux\n" + b"a,b\n" * 300, "hold no number"),
        (mast_fits(TIME, {"FLUX": LIGHT}, TESS_CARDS, TESS_TABLE)[:20_000], "ends before"),
    ],
)
def test_what_is_no_light_curve_is_refused_in_a_sentence(content: bytes, said: str) -> None:
    with pytest.raises(CurveError, match=said) as caught:
        read(("curve.csv", content))
    if said not in ("if the times are days", "at least a day"):
        assert caught.value.file == "curve.csv"


def test_an_entity_bomb_is_refused() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE V [<!ENTITY a "aaaa">]><VOTABLE>&a;</VOTABLE>'
    with pytest.raises(CurveError, match="entities"):
        read(bomb)


def test_a_file_that_unpacks_to_too_much_is_refused() -> None:
    with pytest.raises(CurveError, match="limit is"):
        read(gzip.compress(b"time,flux\n" + b"1.0,1.0\n" * 400_000))


def test_the_same_time_twice_is_refused() -> None:
    with pytest.raises(CurveError, match="covers the same time as first"):
        read(("first", tess_fits(TIME, LIGHT)), ("second", tess_fits(TIME + 1, LIGHT)))


def test_a_file_without_a_zero_among_others_is_refused() -> None:
    with pytest.raises(CurveError, match="--time-zero"):
        read(tess_fits(TIME, LIGHT), csv(TIME + 50, LIGHT))


@pytest.mark.parametrize("count", [0, MAX_FILES + 1])
def test_so_many_files_are_refused(count: int) -> None:
    with pytest.raises(CurveError, match="1 to 20 files"):
        read_curve([("curve", io.BytesIO(b""))] * count)


def test_what_a_person_states_goes_before_the_header() -> None:
    star = read(tess_fits(TIME, LIGHT)).star
    assert with_overrides(star, teff=4_000.0, radius=None).teff == 4_000
    assert with_overrides(star, radius=None).radius == 1
    with pytest.raises(CurveError, match="temperature"):
        with_overrides(star, teff=5.0)
