"""`manage.py predict INPUT OUTPUT`: every row with its answer, or nothing and a sentence."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from predictions.answers import ANSWER_COLUMNS
from predictions.management.commands.predict import Progress
from tests.known_signals import REAL_TABLES
from training.models import ModelVersion
from training.versions import artifacts

pytestmark = pytest.mark.django_db

KOI = """# This file was produced by the NASA Exoplanet Archive
kepid,kepoi_name,koi_disposition,koi_period,koi_duration,koi_depth,koi_prad,koi_steff,koi_srad
11904151,K00072.01,CONFIRMED,0.837491,1.8135,1.834E+02,1.45,5627,1.056
11904151,K00072.02,CONFIRMED,45.294,6.8669,481.6,2.19,5627,1.056
1,K00001.01,FALSE POSITIVE,2.47,1.74,,13.04,5814,0.964
"""
# One publication per row; the object's answer stands on each. The last was not found by its
# transit.
K2 = """pl_name,hostname,default_flag,disposition,discoverymethod,pl_orbper,pl_trandur,pl_trandep,pl_rade,st_teff,st_rad
K2-3 b,K2-3,0,CONFIRMED,Transit,10.0545,2.6,,2.3,,
K2-3 b,K2-3,1,CONFIRMED,Transit,10.05449,2.55,0.12,2.14,3896,0.56
K2-3 c,K2-3,1,CONFIRMED,Transit,24.64,3.4,0.08,1.8,3896,0.56
HD 1 b,HD 1,1,CONFIRMED,Radial Velocity,10,,,,5000,1
"""  # noqa: E501 - a table's header


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "results.csv"


def predict(content: str | bytes, output: Path, *options: str) -> str:
    source = output.with_name("table.csv")
    source.write_bytes(content.encode() if isinstance(content, str) else content)
    said = io.StringIO()
    call_command("predict", str(source), str(output), *options, stderr=said)
    return said.getvalue()


def rows_of(output: Path) -> list[dict[str, str]]:
    with output.open(newline="") as file:
        return list(csv.DictReader(file))


def test_it_writes_every_row_in_order_with_its_answer(output: Path) -> None:
    said = predict(KOI, output)
    rows, given = rows_of(output), list(csv.DictReader(KOI.splitlines()[1:]))
    assert [{name: row[name] for name in given[0]} for row in rows] == given
    assert list(rows[0]) == [*given[0], *ANSWER_COLUMNS]
    assert len(rows) == 3
    for row in rows:
        assert row["predicted_disposition"] in ("CONFIRMED", "CANDIDATE", "FALSE POSITIVE")
        assert sum(
            float(row[name]) for name in ("p_confirmed", "p_candidate", "p_false_positive")
        ) == pytest.approx(1)
        assert row["model_version"] == ModelVersion.objects.active().name
    assert "transit_depth" in rows[2]["missing_inputs"].split("|")
    assert said.startswith("3 rows written to ")


def test_a_k2_objects_answer_stands_on_each_of_its_rows(output: Path) -> None:
    said = predict(K2, output)
    first, second, third, other = rows_of(output)
    assert [first[name] for name in ANSWER_COLUMNS] == [second[name] for name in ANSWER_COLUMNS]
    assert first["p_confirmed"] != third["p_confirmed"]
    assert other["predicted_disposition"] == other["p_confirmed"] == other["model_version"] == ""
    assert other["warnings"]
    assert "1 could not be used" in said


def test_a_column_that_is_already_there_is_kept(output: Path) -> None:
    lines = KOI.splitlines()[1:]
    said = predict(
        "\n".join([lines[0] + ",warnings", *(line + ",mine" for line in lines[1:])]), output
    )
    assert all(row["warnings"] == "mine" and "warnings_2" in row for row in rows_of(output))
    assert "The table already has a column warnings; the new one is called warnings_2." in said


def test_it_classifies_with_the_version_that_is_named(output: Path) -> None:
    active = ModelVersion.objects.active()
    ModelVersion.objects.update(is_active=False)
    predict(KOI, output, "--model-version", active.name)
    assert rows_of(output)[0]["model_version"] == active.name


def test_it_writes_gzip_where_the_name_says_so(output: Path) -> None:
    predict(KOI, output)
    compressed = output.with_name("results.csv.gz")
    predict(KOI, compressed)
    assert gzip.decompress(compressed.read_bytes()) == output.read_bytes()


def test_an_older_result_is_replaced(output: Path) -> None:
    output.write_text("old")
    predict(KOI, output)
    assert len(rows_of(output)) == 3


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        ("", [], "empty"),
        ("a,b\n1,2\n", [], "koi_period"),
        ("<html><body>Sign in</body></html>", [], "not a table"),
        (KOI, ["--model-version", "2001-01-01T00-00-00Z"], "no model version 2001"),
        (b"\x1f\x8b\x08\x00broken", [], "."),
    ],
)
def test_a_file_that_cannot_be_used_leaves_nothing_behind(
    output: Path, content: str | bytes, options: list[str], words: str
) -> None:
    with pytest.raises(CommandError) as caught:
        predict(content, output, *options)
    assert caught.value.returncode == 2
    assert words in str(caught.value)
    assert str(caught.value).endswith(".")
    assert [path.name for path in output.parent.iterdir() if path.is_file()] == ["table.csv"]


def test_a_failure_half_way_keeps_the_older_result(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output.write_text("old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device", "results.csv")

    monkeypatch.setattr("predictions.answers.chunk_csv", fail)
    with pytest.raises(CommandError, match="No space left on device"):
        predict(KOI, output)
    assert output.read_text() == "old"
    assert sorted(path.name for path in output.parent.iterdir() if path.is_file()) == [
        "results.csv",
        "table.csv",
    ]


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [
        ("absent.csv", "out.csv", "There is no file"),
        ("table.csv", ".", "is a folder"),
        ("table.csv", "absent/out.csv", "There is no folder"),
        ("table.csv", "table.csv", "the same file"),
    ],
)
def test_paths_that_cannot_be_used_end_with_status_2(
    tmp_path: Path, source: str, target: str, words: str
) -> None:
    (tmp_path / "table.csv").write_text(KOI)
    with pytest.raises(CommandError, match=words) as caught:
        call_command("predict", str(tmp_path / source), str(tmp_path / target))
    assert caught.value.returncode == 2
    assert (tmp_path / "table.csv").read_text() == KOI


def test_it_refuses_an_unknown_mission(output: Path) -> None:
    with pytest.raises(CommandError, match="“Hubble” is not a mission"):
        predict(KOI, output, "--mission", "Hubble")


def test_it_takes_a_mission_in_any_case(output: Path) -> None:
    predict(KOI, output, "--mission", "kepler")
    assert len(rows_of(output)) == 3


def test_without_a_version_in_service_it_says_so(output: Path) -> None:
    ModelVersion.objects.update(is_active=False)
    with pytest.raises(CommandError, match="train_model"):
        predict(KOI, output)


def test_a_damaged_classifier_is_not_the_files_fault(output: Path, data_dir: Path) -> None:
    artifacts._kept.clear()  # what this process has verified before
    for path in data_dir.rglob("classifier.joblib"):
        path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(CommandError) as caught:
        predict(KOI, output)
    assert caught.value.returncode == 1
    assert not output.exists()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    def write(self, text: str, ending: str = "") -> int:
        return super().write(text + ending)


def test_progress_is_one_line_that_rewrites_itself() -> None:
    stream = Terminal()
    progress = Progress(1000, stream)
    progress.show(100)
    progress.clear()
    assert "100 of 1,000 rows classified, about " in stream.getvalue()
    assert "\n" not in stream.getvalue()
    assert stream.getvalue().endswith("\r\x1b[K")


@pytest.mark.shared_data
@pytest.mark.parametrize("name", REAL_TABLES)
def test_every_row_of_the_archives_tables_is_answered_or_named(
    shared_data: Path, output: Path, name: str
) -> None:
    source = shared_data / name
    call_command("predict", str(source), str(output), stderr=io.StringIO())
    content = gzip.decompress(source.read_bytes()) if name.endswith(".gz") else source.read_bytes()
    lines = io.StringIO(content.decode("utf-8-sig"), newline="")
    given = list(csv.reader(line for line in lines if not line.startswith("#")))
    with output.open(newline="") as file:
        written = list(csv.reader(file))
    assert len(given) > 300
    width = len(given[0])
    assert [row[:width] for row in written] == given
    for row in written[1:]:
        answer = dict(zip(ANSWER_COLUMNS, row[width:], strict=True))
        assert answer["predicted_disposition"] or answer["warnings"]
