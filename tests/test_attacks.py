"""What an attacker would try first, tried."""

from __future__ import annotations

import csv
import gzip
import io
import json
import logging
import pickle
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from predictions.batches import work as batch_work
from predictions.batches.models import Batch
from predictions.models import Prediction
from tests.conftest import PASSWORD, PROJECT
from tests.predictions.conftest import make_batch, queue  # noqa: F401 - fixtures
from tests.test_access import AUDIENCE, Things, things  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert(1)</script>"
SIGNAL = {
    "mission": "TESS",
    "orbital_period": "3.5",
    "transit_duration": "2.5",
    "transit_depth": "1200",
}
PAGES = (
    "/",
    "/classify/",
    "/predictions/",
    "/batches/",
    "/accounts/tokens/",
    "/api/",
    "/api/reference/",
    "/nowhere/",
)


def upload(client: Client, name: str, content: bytes) -> Any:
    return client.post(
        "/batches/new/", {"file": SimpleUploadedFile(name, content), "mission": ""}, follow=True
    )


# --- the browser ----------------------------------------------------------------------------------


@pytest.mark.parametrize("address", PAGES)
def test_no_page_runs_or_frames_what_is_not_ours(member_client: Client, address: str) -> None:
    answer = member_client.get(address)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    text = answer.content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=|javascript:", text)


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"],
)
def test_signing_in_leads_nowhere_else(member: User, elsewhere: str) -> None:
    form = {"username": "member", "password": PASSWORD, "next": elsewhere}
    answer = Client().post("/accounts/login/", form)
    assert (answer.status_code, answer["Location"]) == (302, "/")


@pytest.mark.parametrize(
    "address", ["/classify/", "/accounts/tokens/", "/accounts/profile/", "/batches/new/"]
)
def test_a_form_from_elsewhere_is_refused(member: User, address: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    assert client.post(address, {"name": "x"}).status_code == 403


BY_SIGNED_LINK = "watching/unsubscribe/"
"""Mail programs send it from elsewhere (RFC 8058); without the signed key it does nothing."""


def test_no_address_at_all_takes_a_form_from_elsewhere(things: Things) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(things.owner)
    routes = [
        route for route in AUDIENCE if route != "accounts/logout/"
    ]  # which would end the session
    found = {}
    for route in [*routes, "accounts/logout/"]:
        address = things.address(route)
        found[route] = {
            client.post(address).status_code,
            client.post(address, "{}", "application/json").status_code,
        }
    assert len(found) > 70
    assert found.pop(BY_SIGNED_LINK) <= {400, 403}
    assert [told for told in found.items() if told[1] - {403, 405, 415} or told[1] == {415}] == []


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"]
)
def test_signing_out_leads_nowhere_else(member_client: Client, elsewhere: str) -> None:
    assert (
        member_client.post("/accounts/logout/", {"next": elsewhere})["Location"]
        == "/accounts/login/"
    )


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost@evil.example"]
)
def test_another_host_is_refused(host: str, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    answer = Client().post(
        "/accounts/password_reset/", {"email": "a@example.org"}, headers={"host": host}
    )
    assert answer.status_code == 400
    assert host not in answer.content.decode()


def test_a_forwarded_host_is_not_believed(member: User, mailoutbox: list[Any]) -> None:
    Client().post(
        "/accounts/password_reset/",
        {"email": member.email},
        headers={"X-Forwarded-Host": "evil.example"},
    )
    assert "evil.example" not in mailoutbox[0].body


def test_cookies_are_out_of_reach_of_scripts(member: User) -> None:
    answer = Client().post("/accounts/login/", {"username": "member", "password": PASSWORD})
    assert answer.cookies["sessionid"]["httponly"]
    assert answer.cookies["sessionid"]["samesite"] == "Lax"


# --- text that wants to be code -------------------------------------------------------------------


def test_identifier_and_note_stay_text(member_client: Client) -> None:
    form = SIGNAL | {"identifier": SCRIPT, "note": f"'\"><img src=x onerror=alert(1)>{SCRIPT}"}
    page = member_client.post("/classify/", form, follow=True)
    assert Prediction.objects.count() == 1
    for text in (page.content.decode(), member_client.get("/predictions/").content.decode()):
        assert "&lt;script&gt;" in text
        assert SCRIPT not in text
        assert "<img src=x" not in text


def test_what_is_typed_wrongly_comes_back_as_text(member_client: Client) -> None:
    page = member_client.post("/classify/", SIGNAL | {"transit_depth": f'">{SCRIPT}'})
    assert page.status_code == 400
    assert SCRIPT not in page.content.decode()


@pytest.mark.parametrize("parameter", ["q", "page", "disposition", "sort", "from", "example"])
def test_addresses_come_back_as_text(member_client: Client, parameter: str) -> None:
    for address in ("/predictions/", "/batches/", "/accounts/login/"):
        assert SCRIPT not in member_client.get(address, {parameter: SCRIPT}).content.decode()


def test_file_name_columns_and_cells_stay_text(member_client: Client) -> None:
    header = f"koi_period,koi_duration,koi_depth,<img src=x onerror=alert(1)>,{SCRIPT}"
    table = f"{header}\n3.5,{SCRIPT},1200,{SCRIPT},<b>x</b>\n".encode()
    page = upload(member_client, f"{SCRIPT}.csv", table).content.decode()
    assert Batch.objects.count() == 1
    listed = member_client.get("/batches/").content.decode()
    for text in (page, listed):
        assert "<script>alert" not in text
        assert "<img src=x" not in text


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "/etc/passwd", "..\\..\\boot.ini", "a\x00.csv", "%2e%2e%2fx"]
)
def test_a_file_name_is_never_a_place(member_client: Client, data_dir: Path, name: str) -> None:
    upload(member_client, name, b"koi_period,koi_duration,koi_depth\n3.5,2.5,1200\n")
    [batch] = Batch.objects.all()
    assert batch.file.startswith(f"batches/{batch.pk}/")
    assert "/" not in batch.name
    assert (data_dir / "media" / batch.file).is_file()


@pytest.mark.parametrize("key", ["..", "%2e%2e", "csv%2f..%2f..", "CSV", "csv.gz"])
def test_a_download_is_never_a_place(member_client: Client, key: str) -> None:
    assert (
        member_client.get(
            f"/batches/00000000-0000-4000-8000-000000000000/download/{key}/"
        ).status_code
        == 404
    )


def test_a_static_address_does_not_climb() -> None:
    for address in (
        "/static/../db.sqlite3",
        "/static/%2e%2e/%2e%2e/secret_key",
        "/static//etc/passwd",
    ):
        assert Client().get(address).status_code == 404


def test_history_as_csv_has_no_formulas(member_client: Client) -> None:
    for text in ("=1+1", "+A1", "-A1", "@SUM(A1)"):
        member_client.post("/classify/", SIGNAL | {"identifier": text})
    assert Prediction.objects.count() == 4
    lines = member_client.get("/predictions/predictions.csv").getvalue().decode()
    assert not re.search(r'(^|,)"?[=+@]', lines, re.MULTILINE)
    assert "=1+1" in lines


def test_answers_as_csv_have_no_formulas(member_client: Client) -> None:
    signal = {
        "mission": "TESS",
        "orbital_period": 3.5,
        "transit_duration": 2.5,
        "transit_depth": 1200,
    }
    signals = [
        signal | {"identifier": text, "note": text} for text in ("=1+1", "+A1", "-A1", "@SUM(A1)")
    ]
    answer = member_client.post(
        "/predict_batch", json.dumps(signals), "application/json", headers={"accept": "text/csv"}
    )
    lines = b"".join(answer).decode().splitlines()
    assert len(lines) == 5
    assert all(row["identifier"].startswith("'") for row in csv.DictReader(lines))
    assert not re.search(r'(^|,)"?[=+@-][A-Z1]', "\n".join(lines), re.MULTILINE)


def test_a_dataset_stays_text(curator_client: Client) -> None:
    header = (
        f"koi_period,koi_duration,koi_depth,koi_disposition,<img src=x onerror=alert(1)>,{SCRIPT}"
    )
    table = f"{header}\n3.5,{SCRIPT},1200,{SCRIPT},{SCRIPT},<b>x</b>\n".encode()
    form = {"file": SimpleUploadedFile(f"{SCRIPT}.csv", table), "mission": ""}
    page = curator_client.post("/datasets/upload/", form, follow=True).content.decode()
    for text in (page, curator_client.get("/datasets/").content.decode()):
        assert "<script>alert" not in text
        assert "<img src=x" not in text


# --- too much -------------------------------------------------------------------------------------


def test_a_large_body_is_413(member_client: Client) -> None:
    body = json.dumps({"note": "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)})
    answer = member_client.post("/predict", body, "application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    page = member_client.post(
        "/classify/", {"note": "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)}
    )
    assert page.status_code == 413


def test_ten_thousand_fields_are_refused(member_client: Client) -> None:
    assert member_client.post("/classify/", {f"f{n}": "1" for n in range(10_000)}).status_code in (
        400,
        413,
    )


@pytest.mark.parametrize(
    "body", ["[" * 100_000, '{"a":' * 100_000, "1e999", "9" * 10_000, '"\\ud800"']
)
def test_json_that_wants_to_hurt_is_400(member_client: Client, body: str) -> None:
    assert member_client.post("/predict", body, "application/json").status_code == 400


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b'
    b' "&a;&a;&a;&a;">]><VOTABLE>&b;</VOTABLE>'
)


def test_xml_is_not_read_at_all(member_client: Client, curator_client: Client) -> None:
    """VOTable is only ever written: an XML file is a text without our columns, and its entities
    stay as they are."""
    assert member_client.post("/predict", LAUGHS, "application/xml").status_code == 415
    answer = member_client.post("/predict_batch", {"file": SimpleUploadedFile("a.xml", LAUGHS)})
    assert answer.status_code == 400
    assert "hahaha" not in answer.content.decode()
    assert "hahaha" not in upload(member_client, "a.vot", LAUGHS).content.decode()
    form = {"file": SimpleUploadedFile("a.xml", LAUGHS), "mission": ""}
    assert (
        "hahaha" not in curator_client.post("/datasets/upload/", form, follow=True).content.decode()
    )


def test_nothing_of_ours_parses_xml() -> None:
    parsers = re.compile(
        r"\b(?:xml\.(?:etree|dom|sax)|lxml|read_xml|votable import parse|parse_single_table)\b"
    )
    files = [
        file
        for room in ("exoplanet_site", "predictions", "training")
        for file in (PROJECT / room).rglob("*.py")
    ]
    assert len(files) > 50
    assert [file for file in files if parsers.search(file.read_text())] == []


def test_a_bomb_is_stopped_while_it_unpacks(
    member_client: Client, curator_client: Client, settings: Any
) -> None:
    """By every way in: the API, the form for batches (tests/predictions/batches/test_pages.py) and
    the one for datasets."""
    settings.BATCH_MAX_BYTES = settings.DATASET_MAX_BYTES = 2_000_000
    bomb = gzip.compress(
        b"koi_period,koi_depth,koi_duration,koi_disposition\n" + b"1,2,3,CONFIRMED\n" * 400_000
    )
    assert len(bomb) < 200_000
    answer = member_client.post("/predict_batch", {"file": SimpleUploadedFile("t.csv.gz", bomb)})
    if (
        answer.status_code == 202
    ):  # its first rows are harmless: it is stopped when it is read whole
        batch_work.batch_execute(batch_id=answer.json()["id"])
        batch = Batch.objects.get()
        assert (batch.status, "too large" in batch.reason) == ("failed", True)
    else:
        assert answer.status_code in (400, 413)
    page = curator_client.post(
        "/datasets/upload/", {"file": SimpleUploadedFile("t.csv.gz", bomb), "mission": ""}
    )
    assert page.status_code in (400, 413, 422)
    assert "The limit is " in page.content.decode() or "larger than" in page.content.decode()


@pytest.mark.parametrize("address", ["/predict_batch", "/api/v1/datasets"])
def test_a_large_file_is_413(curator_client: Client, settings: Any, address: str) -> None:
    settings.BATCH_MAX_BYTES = settings.DATASET_MAX_BYTES = 10_000
    answer = curator_client.post(
        address, {"file": SimpleUploadedFile("t.csv", b"a,b\n" + b"1,2\n" * 10_000)}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


# --- the log, secrets, pickles --------------------------------------------------------------------


def test_a_line_of_the_log_cannot_be_written(
    member_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        Client().get("/nowhere%0a2026-01-01 ERROR root: all is lost")
        Client().get("/nowhere", headers={"user-agent": "x\r\nERROR root: all is lost"})
        Client().post(
            "/accounts/login/", {"username": "x\r\nERROR root: all is lost", "password": "y"}
        )
        upload(member_client, "x\r\nERROR root: all is lost.csv", b"no table at all")
        Client().get("/predict", headers={"Authorization": "Token x\r\nERROR root: all is lost"})
    assert len(caplog.messages) >= 4
    assert not any("\n" in message or "\r" in message for message in caplog.messages)


def test_secrets_are_in_no_page_and_no_log(
    member_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        texts = [member_client.get(address).content.decode() for address in PAGES]
        Client().post("/accounts/login/", {"username": "member", "password": PASSWORD})
        Client().post("/accounts/login/", {"username": "member", "password": "a wrong secret"})
    everything = "\n".join([*texts, *caplog.messages])
    for secret in (settings.SECRET_KEY, settings.ARTIFACT_SIGNING_KEY, PASSWORD, "a wrong secret"):
        assert secret not in everything


def test_a_fault_tells_nobody_what_it_was(
    member_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret detail")

    member_client.raise_request_exception = False
    for target in ("predictions.metrics.api.read_flags", "predictions.signals.views.PasteForm"):
        monkeypatch.setattr(target, break_down)
    for address in ("/model/metrics", "/classify/"):
        answer = member_client.get(address)
        text = answer.content.decode()
        assert answer.status_code == 500
        assert "secret detail" not in text
        assert "Traceback" not in text
        assert settings.SECRET_KEY not in text


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path(settings.DATA_DIR) / "exploded",)


def test_a_swapped_artifact_is_refused_before_it_is_unpickled(
    member_client: Client, data_dir: Path
) -> None:
    [file] = data_dir.rglob("classifier.joblib")
    text = io.BytesIO()
    pickle.dump(Bomb(), text)
    file.chmod(0o600)
    file.write_bytes(text.getvalue())
    from training.versions import artifacts

    artifacts._kept.clear()  # what this process has verified before
    signal = {name: value if name == "mission" else float(value) for name, value in SIGNAL.items()}
    answer = member_client.post("/predict", json.dumps(signal), "application/json")
    assert answer.status_code == 503
    assert not (data_dir / "exploded").exists()
