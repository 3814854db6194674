"""A column in another unit is doubted by the same sentence wherever a table comes in."""

from __future__ import annotations

import html
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from predictions.batches.models import Batch
from tests.predictions.batches.test_api import send
from tests.simulator import simulate
from training.datasets.mappings import mapping_save
from training.ml.schema import Mission
from training.ml.tables.doubting.doubts import find_doubts
from training.ml.tables.mapping import ColumnMapping
from training.ml.tables.preview import preview_table
from training.models import Dataset, TrainingRun

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("queue")]
MakeBatch = Callable[..., Batch]


def in_days(signals: int = 60) -> pd.DataFrame:
    """A list whose durations are days in a column of hours."""
    table = simulate(Mission.TESS, signals, 3)
    names = [
        name for name in map(str, table) if name.startswith("pl_trandurh") and "lim" not in name
    ]
    table[names] = table[names].astype(float) / 24
    return table


@pytest.fixture
def doubted() -> str:
    return str(in_days().to_csv(index=False))


@pytest.fixture
def sentence(doubted: str) -> str:
    preview = preview_table(io.BytesIO(doubted.encode()))
    assert preview.table is not None
    [doubt] = find_doubts(preview.table)
    assert (doubt.kind, doubt.feature, doubt.suggested_unit) == (
        "duration_days",
        "transit_duration",
        "days",
    )
    return doubt.sentence


def sentences(answer: Any) -> list[str]:
    return [problem["sentence"] for problem in answer.json()["problems"]]


def page(client: Client, address: str) -> str:
    return html.unescape(client.get(address).content.decode())


def test_the_preview_the_answer_and_the_batch_say_it_first(
    member_client: Client, doubted: str, sentence: str, settings: Any
) -> None:
    preview = send(member_client, doubted, "/api/v1/batches/preview")
    assert sentences(preview)[0] == sentence
    assert preview.json()["problems"][0]["column"] == "pl_trandurh"
    assert sentences(send(member_client, doubted))[0] == sentence


@pytest.mark.usefixtures("small_chunks")
def test_a_batch_and_its_page_say_it(
    member_client: Client, make_batch: MakeBatch, doubted: str, sentence: str
) -> None:
    batch = make_batch(doubted, done=True)
    assert batch.chunks.count() == 6, "the doubt is about all of them together"
    assert sentences(member_client.get(f"/api/v1/batches/{batch.pk}"))[0] == sentence
    shown = page(member_client, batch.get_absolute_url())
    assert shown.count(sentence) == 1
    assert shown.index(sentence) < shown.index('id="download"')


def test_a_table_without_doubts_has_none_anywhere(
    member_client: Client, make_batch: MakeBatch
) -> None:
    table = simulate(Mission.TESS, 60, 3).to_csv(index=False)
    assert not [s for s in sentences(send(member_client, table)) if "may be" in s]
    assert "may be" not in page(member_client, make_batch(table, done=True).get_absolute_url())


def predict(source: Path, target: Path, *options: str) -> str:
    said = io.StringIO()
    call_command("predict", str(source), str(target), *options, stderr=said)
    return said.getvalue()


def test_the_command_says_it_and_strict_ends_with_3(
    tmp_path: Path, doubted: str, sentence: str
) -> None:
    source, target = tmp_path / "toi.csv", tmp_path / "out.csv"
    source.write_text(doubted)
    assert sentence in predict(source, target)
    assert target.exists()
    target.unlink()
    with pytest.raises(CommandError) as error:
        predict(source, target, "--strict")
    assert error.value.returncode == 3
    assert not target.exists()
    source.write_text(simulate(Mission.TESS, 60, 3).to_csv(index=False))
    predict(source, target, "--strict")
    assert target.exists()


def test_the_command_says_it_of_parquet_in_our_own_columns(tmp_path: Path) -> None:
    rows = {
        "mission": ["TESS"] * 20,
        "orbital_period": [3.0 + n for n in range(20)],
        "transit_duration": [0.1 + n / 200 for n in range(20)],
        "transit_depth": [1000.0] * 20,
    }
    pd.DataFrame(rows).to_parquet(tmp_path / "t.parquet", row_group_size=7)
    assert "20 of 20 values of transit duration" in predict(tmp_path / "t.parquet", tmp_path / "a")
    with pytest.raises(CommandError, match="nothing was written"):
        predict(tmp_path / "t.parquet", tmp_path / "b", "--strict")
    assert not (tmp_path / "b").exists()


def test_the_command_reads_by_a_mapping(tmp_path: Path, doubted: str, member: User) -> None:
    source = tmp_path / "toi.csv"
    source.write_text(doubted)
    preview = preview_table(io.BytesIO(doubted.encode()))
    stored = preview.mapping.as_json()
    stored["features"]["transit_duration"] = ["pl_trandurh", "days"]
    file = tmp_path / "mapping.json"
    file.write_text(json.dumps({"mapping": stored}))
    predict(source, tmp_path / "file.csv", "--mapping", str(file), "--strict")
    mapping_save(
        owner=member,
        name="in days",
        columns=preview.columns,
        mapping=ColumnMapping.from_json(stored),
    )
    predict(source, tmp_path / "name.csv", "--mapping", "in days", "--strict")
    assert (tmp_path / "file.csv").read_bytes() == (tmp_path / "name.csv").read_bytes()
    for wrong in ("nobody's", str(source)):
        with pytest.raises(CommandError) as error:
            predict(source, tmp_path / "wrong.csv", "--mapping", wrong)
        assert error.value.returncode == 2


def test_two_people_with_one_name_are_told_apart(
    tmp_path: Path, doubted: str, member: User, curator: User
) -> None:
    (tmp_path / "toi.csv").write_text(doubted)
    for owner in (member, curator):
        mapping_save(owner=owner, name="mine", columns=["P"], mapping=ColumnMapping())
    with pytest.raises(CommandError, match="each keep a mapping called “mine”"):
        predict(tmp_path / "toi.csv", tmp_path / "out.csv", "--mapping", "mine")


# --- datasets ------------------------------------------------------------------------------------


@pytest.fixture
def dataset(curator_client: Client, doubted: str) -> Dataset:
    file = SimpleUploadedFile("toi.csv", doubted.encode())
    answer = curator_client.post("/api/v1/datasets", {"file": file})
    assert answer.status_code == 201
    return Dataset.objects.get()


def test_the_report_says_it(curator_client: Client, dataset: Dataset, sentence: str) -> None:
    report = curator_client.get(f"/api/v1/datasets/{dataset.pk}").json()["report"]
    assert [doubt["sentence"] for doubt in report["doubts"]] == [sentence]
    assert report["problems"][0]["sentence"] == sentence
    assert (report["format"], report["encoding"]) == ("CSV", "UTF-8")
    assert page(curator_client, f"/datasets/{dataset.pk}/").count(sentence) == 1
    said = io.StringIO()
    call_command("dataset", "report", str(dataset.pk), stdout=said)
    assert sentence in said.getvalue()


def test_training_on_it_takes_a_tick(
    curator_client: Client, dataset: Dataset, sentence: str
) -> None:
    form = {"datasets": [dataset.pk], "seed": 0, "balance": "smote", "search_trials": 0}
    answer = curator_client.post("/training-runs/new/", form | {"confirmed": "1"})
    shown = html.unescape(answer.content.decode())
    assert (answer.status_code, sentence in shown) == (422, True)
    assert not TrainingRun.objects.exists()
    curator_client.post("/training-runs/new/", form | {"confirmed": "1", "accept_doubts": "on"})
    assert TrainingRun.objects.count() == 1


def test_the_confirmation_keeps_the_tick(curator_client: Client, dataset: Dataset) -> None:
    form = {"datasets": [dataset.pk], "seed": 0, "balance": "smote", "search_trials": 0}
    answer = curator_client.post("/training-runs/new/", form | {"accept_doubts": "on"})
    assert answer.status_code == 200
    assert 'name="accept_doubts" value="True"' in answer.content.decode()


def start_run(client: Client, body: dict[str, Any]) -> Any:
    return client.post("/api/v1/training-runs", json.dumps(body), content_type="application/json")


def test_programs_and_commands_say_so_too(
    curator_client: Client, dataset: Dataset, sentence: str
) -> None:
    body = {"datasets": [dataset.pk]}
    send_json: dict[str, Any] = {
        "path": "/api/v1/training-runs",
        "content_type": "application/json",
    }
    answer = curator_client.post(data=json.dumps(body), **send_json)
    assert answer.status_code == 400
    assert sentence in answer.json()["error"]["fields"]["accept_doubts"][0]
    with pytest.raises(CommandError, match="may be days"):
        call_command("training_run", "start", str(dataset.pk))
    assert not TrainingRun.objects.exists()
    answer = start_run(curator_client, {**body, "accept_doubts": True})
    assert answer.status_code == 202
    call_command("training_run", "start", str(dataset.pk), "--accept-doubts")
    assert TrainingRun.objects.count() == 2


def own_names(table: pd.DataFrame) -> str:
    """The same list under names that nobody knows, from two missions in one column."""
    renamed = table[["tid", "pl_orbper", "pl_trandurh", "pl_trandep"]].copy()
    renamed.columns = ["star", "period", "duration", "depth"]
    renamed.insert(0, "mission", ["TESS", "K2"] * (len(table) // 2))
    percent = renamed["mission"] == "K2"
    renamed.loc[percent, "depth"] = renamed.loc[percent, "depth"].astype(float) / 1e4
    return str(renamed.to_csv(index=False))


def test_a_guess_is_doubted_before_anybody_confirms_it(member_client: Client) -> None:
    """Depths in percent in one mission only: the answer to the guess says what the preview did."""
    text = own_names(simulate(Mission.TESS, 60, 3))
    answer = send(member_client, text, "/api/v1/batches/preview").json()
    assert (answer["recognised"], answer["mapping"]["mission_column"]) == (False, "mission")
    [doubt] = [doubt for doubt in answer["doubts"] if doubt["feature"] == "transit_depth"]
    assert (doubt["kind"], doubt["mission"]) == ("depth_percent", "K2")
    assert doubt["rows"] and not any(row % 2 for row in doubt["rows"])
    assert doubt["sentence"] in [problem["sentence"] for problem in answer["problems"]]
    mapped = send(member_client, text, mapping=json.dumps(answer["mapping"]))
    assert doubt["sentence"] in sentences(mapped)


def test_a_preview_tells_what_it_guesses_and_asks(member_client: Client) -> None:
    text = "KIC,period_days,duration,Rp,label\n" + "".join(
        f"{10797460 + n},{9 + n / 7},{2.5 + n / 50},{1 + n},{n % 2}\n" for n in range(12)
    )
    answer = send(member_client, text.encode("cp1252"), "/api/v1/batches/preview").json()
    assert (answer["format"], answer["encoding"]) == ("CSV", "UTF-8")
    guesses = {guess["target"]: guess for guess in answer["guesses"]}
    assert guesses["orbital_period"]["column"] == "period_days"
    assert guesses["orbital_period"]["filled"] and guesses["orbital_period"]["reason"]
    assert guesses["transit_duration"]["samples"] == ["2.5", "2.52", "2.54"]
    assert guesses["transit_duration"]["units"] == [], "no transit lasts 2.5 days of 9"
    assert guesses["planet_radius"]["units"] == ["Jupiter radii", "solar radii"]
    assert [(q["kind"], q["column"], sorted(q["words"])) for q in answer["questions"]] == [
        ("labels", "label", ["0", "1"])
    ]


def checked(client: Client, content: bytes) -> str:
    answer = client.post(
        "/batches/new/", {"file": SimpleUploadedFile("t.csv", content)}, follow=True
    )
    return " ".join(html.unescape(answer.content.decode()).split())


def test_the_check_page_names_format_and_encoding(member_client: Client) -> None:
    table = simulate(Mission.KEPLER, 6, 3)
    table["koi_comment"] = "± André"
    shown = checked(member_client, table.to_csv(index=False).encode("cp1252"))
    assert "The file is CSV, text in Windows-1252." in shown


def test_a_depth_that_is_computed_is_not_said_to_be_left_out(member_client: Client) -> None:
    table = simulate(Mission.KEPLER, 6, 3)
    table["koi_ror"] = (table["koi_depth"].astype(float) * 1e-6) ** 0.5
    content = table.drop(columns="koi_depth").to_csv(index=False).encode()
    shown = checked(member_client, content)
    assert "which is computed from the radius ratio" in shown
    assert "There is no transit depth in this table" not in shown
