"""One JSON shape for programs, one page for people."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory
from rest_framework import exceptions

from exoplanet_site import errors
from exoplanet_site.errors import api_exception_handler, field_sentences
from tests.conftest import PASSWORD
from training.ml.errors import EmptyTable, InvalidSignal


def answer(error: Exception) -> tuple[int, Any]:
    response = api_exception_handler(error, {})
    assert response is not None
    return response.status_code, response.data["error"]


def test_an_invalid_signal_keeps_its_sentences_per_field() -> None:
    status, error = answer(InvalidSignal({"transit_depth": ["It is too deep."]}))
    assert status == 400
    assert error == {
        "code": "invalid_signal",
        "message": "It is too deep.",
        "fields": {"transit_depth": ["It is too deep."]},
    }


def test_any_error_of_a_user_is_a_400_with_its_code() -> None:
    status, error = answer(EmptyTable())
    assert (status, error["code"], error["fields"]) == (400, "empty_table", {})


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (exceptions.ParseError(), 400, "parse_error"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.AuthenticationFailed(), 401, "authentication_failed"),
        (exceptions.PermissionDenied(), 403, "permission_denied"),
        (PermissionDenied(), 403, "permission_denied"),
        (exceptions.NotFound(), 404, "not_found"),
        (Http404(), 404, "not_found"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.NotAcceptable(), 406, "not_acceptable"),
        (RequestDataTooBig(), 413, "too_large"),
        (exceptions.UnsupportedMediaType("text/csv"), 415, "unsupported_media_type"),
        (exceptions.Throttled(), 429, "throttled"),
    ],
)
def test_every_status_has_one_shape(error: Exception, status: int, code: str) -> None:
    found_status, body = answer(error)
    assert (found_status, body["code"], body["fields"]) == (status, code, {})
    assert body["message"].endswith(".")


def test_who_is_throttled_learns_for_how_long() -> None:
    response = api_exception_handler(exceptions.Throttled(wait=2.2), {})
    assert response is not None
    assert response.headers["Retry-After"] == "3"


def test_an_unknown_error_is_left_to_the_log() -> None:
    assert api_exception_handler(ZeroDivisionError(), {}) is None


def test_nested_validation_errors_are_flattened() -> None:
    detail = {
        "rows": [{}, {"period": ["No."]}],
        "non_field_errors": ["Neither."],
        "mission": "Which?",
    }
    assert field_sentences(detail) == {
        "rows.1.period": ["No."],
        "": ["Neither."],
        "mission": ["Which?"],
    }


@pytest.mark.parametrize(
    ("path", "accept", "is_json"),
    [
        ("/predictions/", "text/html", False),
        ("/predictions/", "*/*", False),
        ("/predictions/", "application/json", True),
        ("/predict", "*/*", True),
        ("/api/v1/anything", "text/html", True),
        ("/api", "text/html", False),
    ],
)
def test_programs_get_json_and_people_a_page(path: str, accept: str, is_json: bool) -> None:
    response = errors.page_not_found(
        RequestFactory().get(path, headers={"accept": accept}), Http404()
    )
    assert response.status_code == 404
    assert (response.headers["Content-Type"] == "application/json") is is_json
    text = response.content.decode()
    assert errors.SENTENCES["not_found"] in (
        json.loads(text)["error"]["message"] if is_json else text
    )


@pytest.mark.parametrize(
    ("response", "status"),
    [
        (lambda request: errors.bad_request(request, ValueError()), 400),
        (lambda request: errors.bad_request(request, RequestDataTooBig()), 413),
        (lambda request: errors.permission_denied(request, PermissionDenied()), 403),
        (lambda request: errors.csrf_failure(request), 403),
        (lambda request: errors.locked_out(request), 429),
        (lambda request: errors.server_error(request), 500),
    ],
)
def test_every_error_page_has_a_title_and_a_sentence(response: Any, status: int) -> None:
    answered: HttpResponse = response(RequestFactory().get("/somewhere"))
    assert answered.status_code == status
    assert errors.TITLES[status] in answered.content.decode()


def test_the_page_for_a_server_error_needs_no_database(django_db_blocker: Any) -> None:
    with django_db_blocker.block():
        assert errors.server_error(RequestFactory().get("/")).status_code == 500


def test_the_site_answers_unknown_addresses_this_way(db: None) -> None:
    page, program = Client().get("/nowhere/"), Client().get("/api/v1/nowhere")
    assert errors.SENTENCES["not_found"] in page.content.decode()
    assert (page.status_code, program.status_code) == (404, 404)
    assert program.json()["error"]["code"] == "not_found"


def test_a_sixth_guess_of_a_password_is_stopped(db: None, member: Any) -> None:
    guess = {"username": "member", "password": "a guess"}
    statuses = [Client().post("/accounts/login/", guess).status_code for _ in range(6)]
    assert statuses[0] == 200
    assert statuses[-1] == 429
    page = Client().post("/accounts/login/", guess)
    assert errors.SENTENCES["locked_out"].format(wait="15 minutes") in page.content.decode()


def test_one_attacker_does_not_lock_out_people_elsewhere(db: None, member: Any) -> None:
    for _ in range(6):
        Client(REMOTE_ADDR="203.0.113.9").post(
            "/accounts/login/", {"username": "member", "password": "a guess"}
        )
    form = {"username": "member", "password": PASSWORD}
    assert Client(REMOTE_ADDR="203.0.113.9").post("/accounts/login/", form).status_code == 429
    assert Client(REMOTE_ADDR="198.51.100.7").post("/accounts/login/", form).status_code == 302


def test_a_database_that_is_away_is_said_with_503(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "connection", SimpleNamespace(vendor="postgresql"))
    page = RequestFactory().get("/predictions/", headers={"Accept": "text/html"})
    program = RequestFactory().get("/api/v1/batches/")
    try:
        raise OperationalError("the server closed the connection unexpectedly")
    except OperationalError:
        shown, told = errors.server_error(page), errors.server_error(program)
    assert (shown.status_code, shown["Retry-After"]) == (503, "10")
    assert "database is away for a moment; what was stored before is safe" in shown.text
    assert (told.status_code, json.loads(told.content)["error"]["code"]) == (503, "database_away")
    assert errors.server_error(page).status_code == 500, "any other error is ours"


@pytest.mark.parametrize(
    "fault",
    [
        OperationalError("database or disk is full"),
        OperationalError('could not extend file "base/5": No space left on device'),
        OSError(28, "No space left on device"),
    ],
    ids=["SQLite", "PostgreSQL", "file"],
)
def test_a_full_disk_names_itself(fault: Exception) -> None:
    page = RequestFactory().get("/predictions/", headers={"Accept": "text/html"})
    program = RequestFactory().get("/api/v1/batches/")
    try:
        raise fault
    except (OSError, OperationalError):
        shown, told = errors.server_error(page), errors.server_error(program)
    assert (shown.status_code, told.status_code) == (503, 503)
    assert "The site&#x27;s disk is full" in shown.text
    assert json.loads(told.content)["error"]["code"] == "disk_full"
