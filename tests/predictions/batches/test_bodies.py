"""What programs may send to be classified: a table as the body, a list of signals, and the two
endings of an address."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Sequence
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from predictions.batches.models import Batch
from predictions.rest.table_bodies import TABLE_TYPES
from tests.known_signals import KEPLER_10_B
from tests.predictions.batches.test_api import send, send_list
from tests.predictions.conftest import kepler_csv

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("queue")]

NO_MISSION = "identifier,orbital_period,transit_duration,transit_depth\na,3.5,2.5,1200\nb,8,3,900\n"


def send_body(
    client: Client, body: bytes, content_type: str, address: str = "/predict_batch", **headers: str
) -> Any:
    return client.post(address, body, content_type=content_type, headers=headers)


@pytest.mark.parametrize("content_type", [*TABLE_TYPES, "text/csv; charset=utf-8"])
def test_a_table_is_read_from_the_body_whatever_it_is_called(
    member_client: Client, content_type: str
) -> None:
    body = send_body(member_client, kepler_csv(3).encode(), content_type).json()
    assert body == send(member_client, kepler_csv(3)).json()


def test_a_packed_body_is_read_too(member_client: Client) -> None:
    packed = gzip.compress(kepler_csv(3).encode())
    answer = send_body(member_client, packed, "application/gzip")
    assert answer.json() == send(member_client, kepler_csv(3)).json()


def test_parameters_of_the_address_go_with_a_body(member_client: Client) -> None:
    assert send_body(member_client, NO_MISSION.encode(), "text/csv").status_code == 400
    answer = send_body(
        member_client, NO_MISSION.encode(), "text/csv", "/predict_batch?mission=TESS"
    )
    assert answer.json() == send(member_client, NO_MISSION, mission="TESS").json()
    assert send(member_client, NO_MISSION, "/predict_batch?mission=TESS").json() == answer.json()
    mapping = json.dumps(
        {"mission": "K2", "features": {"orbital_period": ["P", "hours"]}, "signal": "N"}
    )
    answer = member_client.post(
        "/api/v1/batches/preview",
        b"N,P\nx,84\n",
        content_type="text/csv",
        query_params={"mapping": mapping},
    )
    assert answer.json()["inputs"][0] == {
        "feature": "orbital_period",
        "columns": ["P"],
        "unit": "hours",
    }


@pytest.mark.parametrize("address", ["/predict_batch", "/api/v1/batches/preview"])
def test_an_unknown_parameter_is_named(member_client: Client, address: str) -> None:
    answer = send_body(member_client, kepler_csv(3).encode(), "text/csv", f"{address}?misson=TESS")
    assert (answer.status_code, set(answer.json()["error"]["fields"])) == (400, {"misson"})


def test_a_large_body_becomes_a_batch_with_its_name(member_client: Client, settings: Any) -> None:
    settings.BATCH_SYNC_ROWS = 2
    header = 'attachment; filename="tonight.csv"'
    answer = send_body(
        member_client, kepler_csv(3).encode(), "text/csv", **{"Content-Disposition": header}
    )
    assert answer.status_code == 202
    assert Batch.objects.get().name == "tonight.csv"


def test_a_body_of_too_many_bytes_is_413_and_leaves_nothing(
    member_client: Client, settings: Any
) -> None:
    settings.BATCH_MAX_BYTES = 1_000
    answer = send_body(member_client, kepler_csv(9).encode(), "text/csv")
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("image/png", "A body of the type “image/png” is not read here."),
        ("", "The type is missing."),
        ("application/x-www-form-urlencoded", "With curl, add -H 'Content-Type: …'."),
    ],
)
def test_another_type_is_told_what_is_read(member_client: Client, sent: str, said: str) -> None:
    answer = send_body(member_client, b"a,b\n1,2\n", sent)
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unsupported_media_type")
    message = answer.json()["error"]["message"]
    assert said in message
    assert "multipart/form-data, application/json, text/csv" in message


def test_the_other_addresses_name_their_types(member_client: Client) -> None:
    answer = send_body(member_client, b"a,b\n1,2\n", "text/csv", "/predict")
    assert answer.json()["error"]["message"].endswith("this address reads application/json.")


# --- lists ---------------------------------------------------------------------------------------


def as_csv(signals: Sequence[Any]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in signals for name in row)))
    writer.writeheader()
    writer.writerows(signals)
    return text.getvalue()


ROWS = [
    KEPLER_10_B | {"identifier": "a"},
    KEPLER_10_B | {"identifier": "b", "transit_depth": None},
    KEPLER_10_B | {"identifier": "c", "orbital_period": -3, "planet_radius": "large"},
    KEPLER_10_B | {"identifier": "d", "mission": "Hubble"},
    {"identifier": "e", "mission": "Kepler"},
]


def test_a_list_is_answered_as_the_same_rows_in_a_table(member_client: Client) -> None:
    listed, tabled = send_list(member_client, ROWS), send(member_client, as_csv(ROWS))
    assert listed.status_code == 200
    results = listed.json()["results"]
    assert [result["identifier"] for result in results] == ["a", "b", "c", "d", "e"]
    for row in tabled.json()["results"]:
        assert row.items() <= results[row["row"] - 1].items()
    assert listed.json()["problems"] == tabled.json()["problems"]
    assert [result["row"] for result in results] == [1, 2, 3, 4, 5]
    assert "transit_depth" in results[1]["missing"]
    assert any("planet_radius" in warning for warning in results[2]["warnings"])
    assert "Hubble" in results[3]["error"]
    assert "error" in results[4]


def test_a_list_beyond_the_limit_becomes_the_same_batch(
    member_client: Client, settings: Any
) -> None:
    settings.BATCH_SYNC_ROWS = 2
    assert send_list(member_client, ROWS).status_code == 202
    with default_storage.open(Batch.objects.get().file) as file:
        stored = file.read().decode()
    assert list(csv.reader(io.StringIO(stored))) == list(csv.reader(io.StringIO(as_csv(ROWS))))


def test_records_of_a_catalogue_are_read_as_that_catalogue(member_client: Client) -> None:
    records = list(csv.DictReader(io.StringIO(kepler_csv(4))))
    listed = send_list(member_client, records).json()
    tabled = send(member_client, kepler_csv(4)).json()
    for answer in (listed, tabled):
        for result in answer["results"]:
            result.pop("identifier", None)
    assert listed == tabled


def test_a_star_in_a_list_counts_its_signals(member_client: Client) -> None:
    pair = [KEPLER_10_B | {"star": "x"}, KEPLER_10_B | {"star": "x", "orbital_period": 8.1}]
    assert send_list(member_client, pair).json() == send(member_client, as_csv(pair)).json()


# --- NaN -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity"])
def test_a_constant_that_json_does_not_have_is_named(member_client: Client, name: str) -> None:
    body = f'{{"mission": "TESS", "planet_radius": {name}}}'.encode()
    answer = send_body(member_client, body, "application/json", "/predict")
    assert answer.status_code == 400
    assert answer.json()["error"]["fields"] == {
        "planet_radius": [
            f"planet_radius is {name}, which JSON does not have; send null for a value that is not"
            " known."
        ]
    }


def test_in_a_list_its_row_is_named(member_client: Client) -> None:
    body = b'[{"mission": "TESS"}, {"mission": "TESS", "planet_radius": NaN}]'
    answer = send_body(member_client, body, "application/json")
    [sentence] = answer.json()["error"]["fields"]["2.planet_radius"]
    assert sentence.startswith("Row 2: planet_radius is NaN")


def test_a_deep_body_with_one_is_a_sentence(member_client: Client) -> None:
    for depth in (50, 900, 50_000):
        body = b"[" * depth + b"NaN" + b"]" * depth
        assert send_body(member_client, body, "application/json").status_code == 400


# --- the end of an address -----------------------------------------------------------------------


@pytest.mark.parametrize("root", ["", "/api/v1"])
def test_a_slash_at_the_end_changes_nothing(member_client: Client, root: str) -> None:
    one = json.dumps(KEPLER_10_B)
    for slash in ("", "/"):
        predict = f"{root}/predict{slash}"
        assert (
            send_body(member_client, one.encode(), "application/json", predict).status_code == 200
        )
        assert send(member_client, kepler_csv(2), f"{root}/predict_batch{slash}").status_code == 200
        assert member_client.get(f"{root}/model/metrics{slash}").status_code == 200


def test_with_a_slash_errors_are_json_and_limits_hold(client: Client, settings: Any) -> None:
    answer = client.post("/predict_batch/", b"", content_type="text/csv")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_authenticated")
    assert client.get("/api/v1/batches/").status_code == 401
