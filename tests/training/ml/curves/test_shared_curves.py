"""Real curves: known planets are found as their catalogue has them, quiet stars raise no alarm."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from training.ml.curves.errors import RawK2
from training.ml.curves.find import Found, find_signals
from training.ml.curves.read import read_curve

pytestmark = pytest.mark.shared_data

PLANETS = {
    "tess2018206045859-s0001-0000000025155310-0120-s_lc.fits.gz": "TOI-114.01",
    "tess2018206045859-s0001-0000000149603524-0120-s_lc.fits.gz": "TOI-102.01",
    "tess2018206045859-s0001-0000000231663901-0120-s_lc.fits.gz": "TOI-101.01",
    "kplr011446443-2009131110544_slc.fits.gz": "K00001.01",
    "kplr010666592-2009131110544_slc.fits.gz": "K00002.01",
    "tess2018234235059-s0002-0000000402026209-0121-s_lc.fits.gz": "TOI-232.01",
    "tess2019032160000-s0008-0000000413248763-0136-s_lc.fits.gz": "TOI-562.01",
    "wasp18b.fits": "TOI-185.01",
    "pi_mensae_TESS.csv": "TOI-144.01",
}
BINARIES = (
    "q17/kplr001026032-2013131215648_llc.csv",
    "q17/kplr001433980-2013131215648_llc.csv",
    "tess_spoc_ffi/172422394.fits",
    "tess_spoc_ffi/63074282.fits",
    "tess_spoc_ffi/158321843.fits",
    "tess_spoc_ffi/269031095.fits",
)
QUIET = (
    "232631955",
    "258828773",
    "458478014",
    "229715095",
    "188633299",
    "158630307",
    "160601980",
)


def searched(folder: Path, name: str) -> Found:
    path = folder / "curves" / name
    return find_signals(read_curve([(path.name, path)]))


@pytest.mark.parametrize("name", PLANETS)
def test_a_known_planet_is_found_as_the_catalogue_has_it(name: str, shared_data: Path) -> None:
    with (shared_data / "curves/index.csv").open(newline="") as file:
        (known,) = [row for row in csv.DictReader(file) if row["signal"] == PLANETS[name]]
    signal = searched(shared_data, name).accepted[0]
    assert signal.period == pytest.approx(float(known["period"]), rel=1e-3)
    assert signal.depth_ppm == pytest.approx(float(known["depth_ppm"]), rel=0.13)
    assert signal.duration_hours == pytest.approx(float(known["duration_h"]), rel=0.1)
    assert signal.vetoes == []


@pytest.mark.parametrize("name", BINARIES)
def test_an_eclipsing_binary_is_flagged_and_has_no_sibling(name: str, shared_data: Path) -> None:
    found = searched(shared_data, name)
    assert found.signals[0].vetoes
    assert len(found.accepted) == 1


@pytest.mark.parametrize("name", QUIET)
def test_a_quiet_star_raises_no_alarm(name: str, shared_data: Path) -> None:
    assert searched(shared_data, f"tess_spoc_ffi/{name}.fits").signals == []


@pytest.mark.parametrize("quarters", [1, 2])
def test_a_spotted_star_raises_no_alarm(quarters: int, shared_data: Path) -> None:
    paths = sorted((shared_data / "curves").glob("kplr010002792-*"))[:quarters]
    assert len(paths) == quarters
    assert find_signals(read_curve([(path.name, path) for path in paths])).signals == []


def test_one_transit_of_a_long_period_has_none(shared_data: Path) -> None:
    signal = searched(shared_data, "tic55525572_lc.fits.gz").signals[0]  # TOI-813 b, 83.9 d
    assert signal.transits == 1
    assert "not known" in signal.unknown[0]
    assert signal.depth_ppm == pytest.approx(1_217, rel=0.13)


def test_every_raw_k2_curve_is_refused(shared_data: Path) -> None:
    paths = sorted((shared_data / "curves").glob("ktwo*_llc.fits"))
    assert len(paths) == 7
    for path in paths:
        with pytest.raises(RawK2):
            read_curve([(path.name, path)])
