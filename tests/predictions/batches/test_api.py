"""`POST /predict_batch` and the batches under /api/v1/."""

from __future__ import annotations

import csv
import errno
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from predictions.answers import ANSWER_COLUMNS
from predictions.batches import work as batch_work
from predictions.batches.models import Batch
from tests.known_signals import KEPLER_10_B
from tests.predictions.conftest import kepler_csv
from training.datasets.mappings import mapping_save
from training.ml.tables.mapping import ColumnMapping

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("queue")]

MakeBatch = Callable[..., Batch]
ADDRESSES = ("/predict_batch", "/api/v1/predict_batch")


def send(client: Client, text: str | bytes, address: str = "/predict_batch", **more: Any) -> Any:
    content = text.encode() if isinstance(text, str) else text
    headers = more.pop("headers", {})
    return client.post(
        address, {"file": SimpleUploadedFile("t.csv", content), **more}, headers=headers
    )


def send_list(client: Client, body: object, accept: str = "application/json") -> Any:
    return client.post(
        "/predict_batch",
        json.dumps(body),
        content_type="application/json",
        headers={"accept": accept},
    )


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_small_table_is_answered_at_once(member_client: Client, address: str) -> None:
    answer = send(member_client, kepler_csv(), address)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["rows"], body["unusable"], len(body["results"])) == (25, 0, 25)
    assert [result["row"] for result in body["results"]] == list(range(1, 26))
    assert not Batch.objects.exists(), "nothing is kept"


def test_one_signal_gets_exactly_the_numbers_of_predict(member_client: Client) -> None:
    single = member_client.post(
        "/predict?explain=false", json.dumps(KEPLER_10_B), content_type="application/json"
    ).json()
    [listed] = send_list(member_client, [KEPLER_10_B]).json()["results"]
    assert {name: listed[name] for name in single} == single
    # A table counts the signals on its star: without a star there is nothing to count, as in the
    # form.
    text = ",".join(KEPLER_10_B) + "\n" + ",".join(map(str, KEPLER_10_B.values())) + "\n"
    [tabled] = send(member_client, text).json()["results"]
    assert {name: tabled[name] for name in single} == single


def test_csv_comes_by_content_negotiation(member_client: Client) -> None:
    answer = send(member_client, kepler_csv(), headers={"accept": "text/csv"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [row[: len(rows[0]) - len(ANSWER_COLUMNS)] for row in rows] == list(
        csv.reader(io.StringIO(kepler_csv()))
    )
    answer = send_list(member_client, [KEPLER_10_B | {"identifier": "=1+1"}], "text/csv")
    assert b"'=1+1," in b"".join(answer.streaming_content)


def test_what_is_no_signal_is_named_by_row_and_name(member_client: Client) -> None:
    answer = send_list(
        member_client,
        [KEPLER_10_B, "text", KEPLER_10_B | {"colour": 1}, KEPLER_10_B | {"note": "x" * 9_999}],
    )
    assert answer.status_code == 400
    fields = answer.json()["error"]["fields"]
    assert set(fields) == {"2", "3.colour", "4.note"}
    assert fields["3.colour"][0].startswith("Row 3: “colour” is not an input of a signal.")


@pytest.mark.parametrize("body", [[], {}, "x", 3, None])
def test_what_is_no_list_of_signals_is_400(member_client: Client, body: object) -> None:
    assert send_list(member_client, body).status_code == 400


def test_rows_and_columns_of_what_looks_wrong_are_listed(member_client: Client) -> None:
    text = "identifier,mission,orbital_period,transit_duration,transit_depth\n"
    body = send(member_client, text + "a,TESS,3,2,500\nb,TESS,x,2,500\nc\n").json()
    assert body["unusable"] == 1
    assert "1 cell" in body["results"][2]["error"]
    assert {(problem["column"], tuple(problem["rows"])) for problem in body["problems"]} >= {
        ("orbital_period", (2,))
    }


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"a,b\n1,2\n", "no_signal_columns"),
        (b"", None),
        (b"<html>", "not_a_table"),
        (b"koi_period,koi_period\n1,2\n", "duplicate_columns"),
    ],
)
def test_what_cannot_be_read_is_400(
    member_client: Client, content: bytes, code: str | None
) -> None:
    answer = send(member_client, content)
    assert answer.status_code == 400
    assert code is None or answer.json()["error"]["code"] == code


def test_a_mapping_can_be_sent_along(member_client: Client) -> None:
    mapping = {
        "mission": "TESS",
        "features": {
            "orbital_period": ["P", "days"],
            "transit_depth": ["D", "percent"],
            "transit_duration": ["T", "hours"],
        },
    }
    answer = send(member_client, "P,D,T\n3,0.1,2\n", mapping=json.dumps(mapping))
    assert answer.status_code == 200
    expected = send_list(
        member_client,
        [{"mission": "TESS", "orbital_period": 3, "transit_depth": 1000, "transit_duration": 2}],
    )
    assert (
        answer.json()["results"][0]["probabilities"]
        == expected.json()["results"][0]["probabilities"]
    )
    for wrong in (
        "{",
        "[]",
        '{"features": 3}',
        '{"mission": "TESS", "features": {"orbital_period": ["Q", "days"]}}',
    ):
        assert send(member_client, "P,D,T\n3,0.1,2\n", mapping=wrong).status_code == 400


OWN = "Object,P [d],T14 (h),Depth (%)\nA-1,3.52,2.5,1.2\nA-2,12.1,3.1,0.08\n"


def test_a_preview_says_how_a_table_would_be_read(member_client: Client) -> None:
    body = send(member_client, kepler_csv(), "/api/v1/batches/preview").json()
    assert (body["recognised"], body["layout"], body["mission"], body["refusal"]) == (
        True,
        "koi",
        "Kepler",
        None,
    )
    assert {"feature": "transit_depth", "columns": ["koi_depth"], "unit": "ppm"} in body["inputs"]
    assert "stellar_distance" in body["absent"]
    assert "stellar_distance" not in [fed["feature"] for fed in body["inputs"]]
    assert not Batch.objects.exists(), "nothing is kept"


def test_a_guessed_mapping_can_be_corrected_and_sent_back(
    member_client: Client, member: User, settings: Any
) -> None:
    body = send(member_client, OWN, "/api/v1/batches/preview").json()
    assert body["recognised"] is False
    assert body["refusal"]
    assert body["mapping"]["features"]["transit_depth"] == ["Depth (%)", "percent"]
    assert 0.5 < body["confidence"]["transit_depth"] <= 1
    mapping = body["mapping"] | {"mission": "TESS"}
    checked = send(
        member_client, OWN, "/api/v1/batches/preview", mapping=json.dumps(mapping)
    ).json()
    assert (checked["recognised"], checked["mission"]) == (True, "TESS")
    at_once = send(member_client, OWN, mapping=json.dumps(mapping)).json()["results"]
    mapping_save(
        owner=member,
        name="my survey",
        columns=body["columns"],
        mapping=ColumnMapping.from_json(mapping),
    )
    assert send(member_client, OWN, "/api/v1/batches/preview").json()["saved_mappings"] == [
        "my survey"
    ]
    assert send(member_client, OWN, mapping="my survey").json()["results"] == at_once
    settings.BATCH_SYNC_ROWS = 1
    assert send(member_client, OWN, mapping="my survey").status_code == 202
    batch_work.batch_execute(batch_id=str(Batch.objects.get().pk))
    assert Batch.objects.get().is_done


def test_reasons_are_made_in_the_background(member_client: Client) -> None:
    answer = send(member_client, kepler_csv(3), top_contributions="2")
    assert answer.status_code == 202
    batch = Batch.objects.get()
    batch_work.batch_execute(batch_id=str(batch.pk))
    result = member_client.get(f"/api/v1/batches/{batch.pk}/results/csv")
    header = b"".join(result.streaming_content).decode().splitlines()[0]  # type: ignore[attr-defined]
    assert header.endswith("reason_2,reason_2_value,reason_2_contribution")


@pytest.mark.parametrize("wrong", ["-1", "21", "x", "1e9", "9" * 30, "٣"])
def test_a_number_of_reasons_that_is_none_is_400(member_client: Client, wrong: str) -> None:
    answer = send(member_client, kepler_csv(3), top_contributions=wrong)
    assert (answer.status_code, set(answer.json()["error"]["fields"])) == (
        400,
        {"top_contributions"},
    )


def test_mappings_of_others_are_not_found(member_client: Client, curator: User) -> None:
    mapping_save(owner=curator, name="theirs", columns=["P"], mapping=ColumnMapping())
    answer = send(member_client, OWN, mapping="theirs")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_mapping")
    assert "You keep no mapping called “theirs”" in answer.json()["error"]["message"]


def test_a_preview_names_units_that_look_wrong(member_client: Client) -> None:
    text = "identifier,mission,orbital_period,transit_duration,transit_depth\n"
    rows = "".join(f"s{n},TESS,{3 + n},0.1,0.0{n + 1}\n" for n in range(9))
    problems = send(member_client, text + rows, "/api/v1/batches/preview").json()["problems"]
    codes = {problem["code"] for problem in problems}
    assert "duration_days" in codes
    assert any(code.startswith("depth_") for code in codes)


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"koi_period,koi_period\n1,2\n", b"a,b\n1,\x00\n"]
)
def test_a_preview_of_what_is_no_table_is_400(member_client: Client, content: bytes) -> None:
    assert send(member_client, content, "/api/v1/batches/preview").status_code == 400


@pytest.mark.parametrize("as_list", [False, True])
def test_a_large_one_is_accepted_and_followed(
    member_client: Client, settings: Any, as_list: bool
) -> None:
    settings.BATCH_SYNC_ROWS = 5
    answer = (
        send_list(member_client, [KEPLER_10_B] * 6)
        if as_list
        else send(member_client, kepler_csv(6))
    )
    assert answer.status_code == 202
    address = answer["Location"].removeprefix("http://testserver")
    assert address == f"/api/v1/batches/{Batch.objects.get().pk}"
    assert member_client.get(address).json()["status"] == "queued"
    batch_work.batch_execute(batch_id=str(Batch.objects.get().pk))
    body = member_client.get(address).json()
    assert (body["status"], body["rows_done"], sum(body["dispositions"].values())) == (
        "succeeded",
        6,
        6,
    )
    result = member_client.get(body["results"]["csv"].removeprefix("http://testserver"))
    assert len(b"".join(result.streaming_content).decode().splitlines()) == 7  # type: ignore[attr-defined]
    assert [row["id"] for row in member_client.get("/api/v1/batches").json()] == [body["id"]]


def test_a_full_disk_is_503_and_leaves_nothing(
    member_client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BATCH_SYNC_ROWS = 5
    written: list[Path] = []

    def half_written(self: Any, name: str, content: Any) -> str:
        written.append(Path(self.path(name)))
        written[0].parent.mkdir(parents=True)
        written[0].write_bytes(content.read(100))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", half_written)
    answer = send(member_client, kepler_csv(6))
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "no_room")
    assert "disk is full" in answer.json()["error"]["message"]
    assert written and not written[0].exists()
    assert not Batch.objects.exists()


def test_the_same_key_starts_no_second_batch(
    member_client: Client, settings: Any, queue: list[Any]
) -> None:
    settings.BATCH_SYNC_ROWS = 5
    headers = {"Idempotency-Key": "abc"}
    first = send(member_client, kepler_csv(6), headers=headers)
    second = send(member_client, kepler_csv(6), headers=headers)
    assert (first.status_code, second.status_code) == (202, 202)
    assert first["Location"] == second["Location"]
    assert Batch.objects.count() == 1
    other = send(member_client, kepler_csv(7), headers=headers)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_key_reused")


def test_keys_of_two_people_do_not_meet(
    member_client: Client, curator_client: Client, settings: Any
) -> None:
    settings.BATCH_SYNC_ROWS = 5
    answers = [
        send(client, kepler_csv(6), headers={"Idempotency-Key": "abc"})
        for client in (member_client, curator_client)
    ]
    assert answers[0]["Location"] != answers[1]["Location"]


def test_a_large_table_that_is_not_recognised_is_refused_at_once(
    member_client: Client, settings: Any
) -> None:
    settings.BATCH_SYNC_ROWS = 1
    assert send(member_client, "a,b\n1,2\n3,4\n").status_code == 400
    assert not Batch.objects.exists()


def test_too_many_bytes_are_413(member_client: Client, settings: Any) -> None:
    settings.BATCH_MAX_BYTES = 1_000
    answer = send(member_client, kepler_csv())
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


def test_others_find_nothing(make_batch: MakeBatch, curator_client: Client) -> None:
    batch = make_batch(done=True)
    assert curator_client.get(f"/api/v1/batches/{batch.pk}").status_code == 404
    assert curator_client.delete(f"/api/v1/batches/{batch.pk}").status_code == 404
    assert curator_client.post(f"/api/v1/batches/{batch.pk}/cancel").status_code == 404
    assert curator_client.get(f"/api/v1/batches/{batch.pk}/results/csv").status_code == 404
    assert curator_client.get("/api/v1/batches").json() == []


def test_cancel_resume_and_delete(make_batch: MakeBatch, member_client: Client) -> None:
    batch = make_batch()
    assert member_client.post(f"/api/v1/batches/{batch.pk}/cancel").json()["status"] == "cancelled"
    assert member_client.post(f"/api/v1/batches/{batch.pk}/resume").json()["status"] == "queued"
    batch_work.batch_execute(batch_id=str(batch.pk))
    assert member_client.get(f"/api/v1/batches/{batch.pk}").json()["status"] == "succeeded"
    done = make_batch(done=True)
    assert member_client.post(f"/api/v1/batches/{done.pk}/cancel").status_code == 409
    assert member_client.post(f"/api/v1/batches/{done.pk}/resume").status_code == 409
    assert member_client.delete(f"/api/v1/batches/{done.pk}").status_code == 204
    assert member_client.get(f"/api/v1/batches/{done.pk}").status_code == 404


@pytest.mark.parametrize("address", ["/predict_batch", "/api/v1/batches"])
def test_nobody_is_asked_to_sign_in(client: Client, address: str) -> None:
    assert client.post(address).status_code in (401, 405)
    assert client.get("/api/v1/batches").status_code == 401


def test_a_list_of_batches_asks_the_database_as_often_for_four_as_for_one(
    member_client: Client,
    make_batch: Callable[..., Batch],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    text = kepler_csv().splitlines()
    odd = "\n".join([*text, text[-1].replace(",", ",x", 1)]) + "\n"
    batches = [make_batch(odd, done=True, name=f"{number}.csv") for number in range(3)] + [
        make_batch()
    ]
    with django_assert_max_num_queries(6) as asked:
        listed = member_client.get("/api/v1/batches").json()
    alone = [member_client.get(f"/api/v1/batches/{batch.pk}").json() for batch in reversed(batches)]
    assert listed == alone
    assert listed[1]["rows_done"] == len(text)
    assert not [
        query
        for query in asked.captured_queries
        if '"training_modelversion"."metadata"' in query["sql"]
    ]
