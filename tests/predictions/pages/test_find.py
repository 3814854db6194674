"""The one box of the first page: a name, a row, rows or a file, and where each leads."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from predictions.batches.models import Batch
from predictions.models import Prediction
from predictions.pages.examples import EXAMPLES
from tests.predictions.conftest import kepler_csv
from tests.predictions.stored import stored
from training.models import ModelVersion

pytestmark = pytest.mark.django_db

HEADER = "kepoi_name,koi_period,koi_duration,koi_depth,koi_prad,koi_steff,koi_srad\n"
ROW = "K00752.01,9.488036,2.9575,615.8,2.26,5455,0.927\n"


def say(client: Client, what: str) -> tuple[int, str, str]:
    """Status, where it leads, and the page."""
    answer = client.post("/find/", {"what": what})
    html = "" if answer.status_code == 302 else answer.content.decode()
    return answer.status_code, answer.get("Location", ""), html


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.key)
def test_a_known_name_leads_to_its_verdict(member_client: Client, example: object) -> None:
    name = example.name  # type: ignore[attr-defined]
    status, address, _ = say(member_client, name)
    assert status == 302
    prediction = Prediction.objects.get(pk=address.split("/")[-2])
    assert prediction.identifier == example.full_name  # type: ignore[attr-defined]
    assert prediction.inputs == dict(example.values)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "name", ["kepler-10b", "Kepler 10 b", "KOI-72.01", "K00072.01", "koi 72.01"]
)
def test_any_spelling_of_a_name_will_do(member_client: Client, name: str) -> None:
    _, address, _ = say(member_client, name)
    prediction = Prediction.objects.get(pk=address.split("/")[-2])
    assert prediction.identifier == "Kepler-10 b (KOI-72.01)"


def test_a_name_that_one_has_classified_leads_there(member_client: Client, member: User) -> None:
    mine = stored(member, identifier="my dip 7")
    assert say(member_client, "My  Dip 7")[1] == mine.get_absolute_url()


def test_not_to_what_somebody_else_has(member_client: Client, curator: User) -> None:
    stored(curator, identifier="my dip 7", shared=True)
    assert say(member_client, "my dip 7")[0] == 422


def test_a_signal_that_was_learnt_from_fills_the_form(member_client: Client) -> None:
    status, _, html = say(member_client, "KOI-752.01")
    assert status == 200 and "The version in service has learnt from K00752.01" in html
    assert 'value="9.488' in html and "add duration and depth" in html


def test_a_name_that_nobody_knows_is_answered_with_what_is_like_it(member_client: Client) -> None:
    status, _, html = say(member_client, "Keppler-10 b")
    assert status == 422 and "is no signal that the site knows" in html
    assert 'name="what" value="Kepler-10 b"' in html
    assert "Keppler-10 b</textarea>" in html  # nothing typed is lost
    status, _, html = say(member_client, "<script>")
    assert status == 422 and "<script>" not in html.split("<main")[1]
    assert "Did you mean" not in say(member_client, "qqqqqqqq zzz 99")[2]


def test_nothing_is_said_to_be_nothing(member_client: Client) -> None:
    assert "Type a name, paste a row" in say(member_client, "  ")[2]


@pytest.mark.parametrize(
    "text",
    [
        HEADER + ROW,
        (HEADER + ROW).replace(",", "\t"),
        json.dumps(
            {
                "mission": "Kepler",
                "orbital_period": 9.488036,
                "transit_duration": 2.9575,
                "transit_depth": 615.8,
            }
        ),
        "Kepler, 9.488036, 2.9575, 615.8",
        "K00752.01\t9.488036\t2.9575\t615.8\t2.26\t5455\t0.927",
        "orbital_period = 9.488036\ntransit_duration = 2.9575\ntransit_depth = 615.8",
    ],
    ids=["csv", "tsv", "json", "three numbers", "six numbers", "lines"],
)
def test_a_row_fills_the_form(member_client: Client, text: str) -> None:
    status, _, html = say(member_client, text)
    assert status == 200 and "Filled from the pasted row" in html
    for value in ("9.488036", "2.9575", "615.8"):
        assert f'value="{value}"' in html
    assert Prediction.objects.count() == 0  # nobody has looked at it yet


def test_a_row_without_a_header_says_how_it_was_read(member_client: Client) -> None:
    html = say(member_client, "Kepler, 9.488036, 2.9575, 615.8")[2]
    assert "read in this order: orbital period [days], transit duration [hours]" in html
    status, _, html = say(member_client, "1, 2, 3, 4, 5, 6, 7, 8, 9")
    assert status == 422 and "paste the header line above it" in html


def test_several_rows_lead_to_the_check_page(member_client: Client) -> None:
    status, address, _ = say(member_client, HEADER + ROW + ROW.replace("752", "753"))
    batch = Batch.objects.get()
    assert (status, address) == (302, f"/batches/{batch.pk}/check/")
    assert batch.is_draft and member_client.get(address).status_code == 200


def test_a_file_leads_to_the_check_page(member_client: Client) -> None:
    file = SimpleUploadedFile("signals.csv", kepler_csv().encode())
    answer = member_client.post("/find/", {"what": "", "file": file})
    assert answer["Location"] == f"/batches/{Batch.objects.get().pk}/check/"
    bad = SimpleUploadedFile("signals.csv", b"\x00\x01")
    answer = member_client.post("/find/", {"file": bad})
    assert answer.status_code in (400, 422) and Batch.objects.count() == 1


def test_the_examples_are_a_table_to_download_and_to_try(member_client: Client) -> None:
    answer = member_client.post("/find/", {"examples": "yes"})
    assert Batch.objects.get().name == "examples.csv"
    assert "Kepler-10 b" in member_client.get(answer["Location"]).content.decode()
    text = member_client.get("/examples.csv").content.decode()
    assert len(text.splitlines()) == 1 + len(EXAMPLES) == 9
    assert text.startswith("identifier,mission,orbital_period,")


def test_without_a_version_a_known_name_says_so(member_client: Client) -> None:
    ModelVersion.objects.update(is_active=False)
    status, _, html = say(member_client, "Kepler-10 b")
    assert status == 503 and "No model version is in service" in html


def test_the_box_and_the_signals_to_try_stand_on_the_first_page(member_client: Client) -> None:
    html = member_client.get("/").content.decode()
    assert '<form class="find" method="post" action="/find/" enctype="multipart/form-data">' in html
    for example in EXAMPLES:
        assert f'name="what" value="{example.name}"' in html


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_looking_changes_nothing(member_client: Client, method: str) -> None:
    assert getattr(member_client, method)("/find/").status_code == 405
