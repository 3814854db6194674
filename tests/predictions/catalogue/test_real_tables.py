"""The archive's tables at two dates, counted by pandas alone."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from django.core.management import CommandError, call_command

from predictions.catalogue.models import CatalogueTable, DispositionChange, Signal

pytestmark = [pytest.mark.shared_data, pytest.mark.django_db]
OURS = {
    "CP": "CONFIRMED",
    "KP": "CONFIRMED",
    "PC": "CANDIDATE",
    "APC": "CANDIDATE",
    "FP": "FALSE POSITIVE",
    "FA": "FALSE POSITIVE",
}


def dispositions(path: Path, name: str, word: str) -> pd.Series[str]:
    table = pd.read_csv(path, comment="#", dtype=str, encoding="utf-8-sig")
    words = table.set_index(name)[word]
    return words.map(lambda text: OURS.get(text, text)).fillna("")


def counted(old: pd.Series[str], new: pd.Series[str]) -> dict[str, int]:
    both = old.index.intersection(new.index)
    return {
        "new": len(new.index.difference(old.index)),
        "gone": len(old.index.difference(new.index)),
        "back": 0,
        "renamed": 0,
        "changed": int((old[both] != new[both]).sum()),
    }


@pytest.mark.parametrize(
    ("option", "files", "name", "word"),
    [
        (
            "--tess",
            ("time_travel/TOI_2021.12.12.csv", "archive/TOI_2025.10.04.csv"),
            "toi",
            "tfopwg_disp",
        ),
        (
            "--kepler",
            ("time_travel/cumulative_2017.10.csv", "archive/cumulative_2025.10.04.csv"),
            "kepoi_name",
            "koi_disposition",
        ),
    ],
)
def test_changes_are_counted_exactly(
    shared_data: Path, option: str, files: tuple[str, str], name: str, word: str
) -> None:
    paths = [shared_data / file for file in files]
    old, new = (dispositions(path, name, word) for path in paths)
    expected = counted(old, new)
    assert expected["changed"] > 500
    given = [part for path in paths for part in (option, str(path))]
    call_command("catalogue", "fill", *given, stdout=StringIO())
    current = CatalogueTable.objects.current().get()
    assert current.counts == expected
    assert Signal.objects.listed().count() == current.signals == len(new)
    changes = DispositionChange.objects.filter(kind="changed")
    told = changes.values_list("signal__listed_name", "old", "new")
    assert all((old[one], new[one]) == (was, now) for one, was, now in told)
    rows = DispositionChange.objects.count()
    assert rows == sum(expected.values())
    call_command("catalogue", "fill", option, str(paths[1]), stdout=StringIO())
    assert DispositionChange.objects.count() == rows


def test_a_truncated_download_does_not_take_charge(shared_data: Path, tmp_path: Path) -> None:
    whole = shared_data / "archive/TOI_2025.10.04.csv"
    short = tmp_path / "TOI_2025.10.05.csv"
    short.write_bytes(b"\n".join(whole.read_bytes().split(b"\n")[:4000]))
    call_command("catalogue", "fill", "--tess", str(whole), stdout=StringIO())
    with pytest.raises(CommandError, match="a download that broke off"):
        call_command("catalogue", "fill", "--tess", str(short), stdout=StringIO())
    assert CatalogueTable.objects.current().get().dataset.name == whole.name


def test_scores_are_out_of_fold_where_it_learnt(shared_data: Path) -> None:
    given = ["--k2", str(shared_data / "archive/k2pandc_2025.10.04.csv")]
    call_command("catalogue", "fill", *given, stdout=StringIO())
    assert set(Signal.objects.values_list("basis", flat=True)) == {"out of fold"}
    # Over what it learnt from, the version's own answers disagree strongly with nothing.
    assert Signal.objects.disagreeing().exists()
