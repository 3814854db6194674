"""`manage.py search_transits FILE…`: words for people, JSON for programs, a sentence for bad
files."""

from __future__ import annotations

import io
import json
import zipfile
from csv import DictReader
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from predictions.curves.words import with_error
from predictions.signals.services import signal_classify
from tests.training.ml.curves.simulated import Planet, csv, flux, tess_fits, times, written
from training.ml.inputs import parse_signal
from training.ml.schema import EPOCH_ZERO
from training.ml.sky.place import Place

pytestmark = pytest.mark.django_db

TIME = times()
LIGHT = flux(TIME, Planet(3.0))


@pytest.fixture
def fits_file(tmp_path: Path) -> Path:
    return written(tmp_path, "tess.fits", tess_fits(TIME, LIGHT))


def search(*arguments: object) -> str:
    said = io.StringIO()
    call_command("search_transits", *map(str, arguments), stdout=said)
    return said.getvalue()


def as_json(*arguments: object) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(search(*arguments, "--json"))
    return told


def test_it_says_what_it_found_and_the_verdict(fits_file: Path) -> None:
    said = search(fits_file)
    assert "TIC 1 (TESS): Teff 5772 K, radius 1 R☉" in said
    assert "Signal 1: a dip every 3 d" in said or "a dip every 2.9" in said
    assert "Verdict" in said
    assert "takes the pixels" in said


def test_the_json_holds_the_row_and_the_answer_that_predict_gives_it(fits_file: Path) -> None:
    (signal,) = as_json(fits_file)["signals"]
    assert signal["period"]["value"] == pytest.approx(3.0, rel=1e-3)
    assert signal["no_verdict"] == []
    place = Place(10.0, -20.0, signal["epoch"]["value"] - EPOCH_ZERO)
    verdict = signal_classify(parse_signal(signal["inputs"]), identifier="TIC 1", place=place)
    assert signal["verdict"] == json.loads(json.dumps(verdict.as_json()))


def test_no_signal_is_an_answer(tmp_path: Path) -> None:
    quiet = written(tmp_path, "quiet.csv", csv(TIME, flux(TIME)))
    assert "No significant transit signal." in search(quiet)
    assert as_json(quiet)["signals"] == []


def test_without_the_star_there_is_no_verdict(tmp_path: Path) -> None:
    table = written(tmp_path, "curve.csv", csv(TIME, LIGHT))
    (signal,) = as_json(table)["signals"]
    assert signal["verdict"] is None
    assert len(signal["no_verdict"]) == 2
    (told,) = as_json(table, "--teff", 5_772, "--radius", 1, "--mission", "TESS")["signals"]
    assert told["verdict"]["disposition"]


def test_without_a_period_there_is_no_verdict(tmp_path: Path) -> None:
    light = flux(TIME, Planet(100.0, epoch=4.0, hours=5, ppm=8_000))
    file = written(tmp_path, "one.fits", tess_fits(TIME, light))
    (signal,) = as_json(file)["signals"]
    assert signal["verdict"] is signal["period"] is None
    assert "not known" in signal["no_verdict"][0]
    assert "a dip whose period is not known" in search(file)


def test_a_veto_stands_beside_the_verdict(tmp_path: Path) -> None:
    light = flux(TIME, Planet(4.0, hours=5, ppm=150_000, ingress=0.5))
    (signal, *_) = as_json(written(tmp_path, "deep.fits", tess_fits(TIME, light)))["signals"]
    assert signal["verdict"]
    assert "6 %" in signal["vetoes"][0]


def test_a_folder_is_searched_star_by_star(fits_file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sector"
    folder.mkdir()
    other = tess_fits(TIME, flux(TIME, Planet(4.0)), TICID=2, OBJECT="TIC 2")
    with zipfile.ZipFile(folder / "more.zip", "w") as archive:
        archive.writestr("two.fits", other)
        archive.writestr("readme.txt", "nothing")
    fits_file.rename(folder / "one.fits")
    table = tmp_path / "answers.csv"
    told = as_json(folder, "--output", table)
    assert [star["star"]["name"] for star in told["stars"]] == ["TIC 2", "TIC 1"]
    assert [one["file"] for one in told["refused"]] == ["readme.txt"]
    rows = list(DictReader(table.open()))
    verdicts = [star["signals"][0]["verdict"]["disposition"] for star in told["stars"]]
    assert [row["predicted_disposition"] for row in rows] == verdicts
    assert [row["light_curve"] for row in rows] == ["two.fits", "one.fits"]
    said = search(folder / "one.fits", written(tmp_path, "two.fits", other))
    assert "2 of 2: TIC 2\n  every " in said


def test_a_folder_of_nothing_ends_with_status_2(tmp_path: Path) -> None:
    (empty := tmp_path / "empty").mkdir()
    with pytest.raises(CommandError, match="no files there") as caught:
        search(empty)
    assert caught.value.returncode == 2


def test_a_stated_period_is_measured_instead_of_a_search(fits_file: Path) -> None:
    (found,) = as_json(fits_file)["signals"]
    epoch = found["epoch"]["value"]
    (signal,) = as_json(fits_file, "--period", 6, "--epoch", epoch)["signals"]
    assert signal["inputs"].get("orbital_period", 6.0) == pytest.approx(6.0, rel=5e-3)
    away = (signal["epoch"]["value"] - epoch + 3) % 6 - 3
    assert away == pytest.approx(0, abs=0.05), "around that mid-transit, not the other one"
    with pytest.raises(CommandError, match="goes with --period"):
        search(fits_file, "--epoch", epoch)


def test_measuring_needs_no_version(fits_file: Path) -> None:
    (signal,) = as_json(fits_file, "--no-verdict")["signals"]
    assert signal["verdict"] is None
    assert signal["inputs"]["orbital_period"] == pytest.approx(3.0, rel=1e-3)


@pytest.mark.parametrize(
    ("content", "said"), [(b"a,b\n1,2\n", "known as the time"), (b"%PDF", "PDF")]
)
def test_a_file_that_cannot_be_used_ends_with_status_2(
    content: bytes, said: str, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match=said) as caught:
        search(written(tmp_path, "file.csv", content))
    assert caught.value.returncode == 2


def test_a_file_that_is_not_there_ends_with_status_2(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read") as caught:
        search(tmp_path / "absent.fits")
    assert caught.value.returncode == 2


@pytest.mark.parametrize(
    ("value", "error", "said"),
    [(3.288721, 0.00012, "3.28872 ± 0.00012"), (6769.3, 71.2, "6,769 ± 71"), (2.5, 0.0, "2.5")],
)
def test_values_end_where_their_uncertainty_does(value: float, error: float, said: str) -> None:
    assert with_error(value, error) == said
