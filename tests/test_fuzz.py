"""Thousands of requests that nobody would send on purpose: no 500, no stack trace, and a sentence
for what is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exoplanet_site.errors import API_PATHS
from tests.conftest import PASSWORD
from tests.every_page import all_seeing  # noqa: F401 - a fixture
from tests.predictions.conftest import make_batch, queue  # noqa: F401 - fixtures
from tests.test_access import AUDIENCE, Things, ask, things  # noqa: F401 - a fixture
from training.ml.schema import FEATURE_NAMES

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
texts = st.text(max_size=30) | st.sampled_from(
    ["", "0", "-1", "1e999", "nan", "1,5", "\0", "=1+1", "<b>", "9" * 400]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
any_json = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4)
)
names = st.sampled_from(["mission", *FEATURE_NAMES[:12], "identifier", "note"]) | texts
near_signals = st.fixed_dictionaries(
    {
        "mission": st.sampled_from(["TESS", "kepler", "K2", "other", "Hubble"]) | scalars,
        "orbital_period": st.floats(-1, 1000) | scalars,
        "transit_duration": st.floats(-1, 50) | scalars,
        "transit_depth": st.floats(-1, 1e6) | scalars,
    }
)
FORMS = {
    "classify/": [
        "mission",
        "orbital_period",
        "transit_duration",
        "transit_depth",
        "identifier",
        "note",
        "paste",
    ],
    "accounts/tokens/": ["name", "days", "scopes"],
    "accounts/profile/": ["first_name", "last_name", "email"],
    "accounts/password_change/": ["old_password", "new_password1", "new_password2"],
    "accounts/password_reset/": ["email"],
    "accounts/login/": ["username", "password", "next"],
    "accounts/sign-up/": ["username", "email", "password1", "password2"],
    "accounts/second-factor/": ["code", "passkey", "next"],
    "accounts/second-factors/codes/begin/": ["password"],
    "accounts/second-factors/codes/": ["code"],
    "accounts/second-factors/recovery/": ["password"],
    "accounts/second-factors/passkeys/begin/": ["password", "name"],
    "accounts/second-factors/passkeys/finish/": ["passkey"],
    "accounts/second-factors/off/": ["password"],
    "accounts/with/<slug:key>/": ["next"],
    "accounts/with/<slug:key>/connect/": ["password"],
    "accounts/identities/<int:pk>/disconnect/": ["password"],
    "batches/new/": ["file", "mission"],
    "curves/new/": ["file"],
    "curves/<uuid:pk>/check/": ["name", "teff", "radius", "time_column", "time_unit", "time_zero"],
    "curves/<uuid:pk>/again/": ["signal", "period", "epoch", "name", "mission", "teff", "radius"],
    "curves/<uuid:pk>/share/": ["shared"],
    "curves/folders/new/": ["file", "mission", "time_column", "time_unit", "time_zero"],
    "curves/folders/<uuid:folder_id>/cancel/": [],
    "curves/folders/<uuid:folder_id>/resume/": [],
    "curves/folders/<uuid:folder_id>/delete/": [],
    "curves/<uuid:pk>/cancel/": [],
    "curves/<uuid:pk>/restart/": [],
    "curves/<uuid:pk>/delete/": [],
    "datasets/upload/": ["file", "mission"],
    "accounts/invitations/": ["note"],
    "predictions/<uuid:key>/edit/": ["identifier", "note", "labels"],
    "predictions/<uuid:key>/share/": ["shared"],
    "batches/<uuid:pk>/share/": ["shared"],
    "datasets/map/": ["upload", "mission", "save_as", "column-0", "unit-0"],
    "datasets/fetch/": ["mission"],
    "catalogue/charge/<int:pk>/": ["seen"],
    "catalogue/lists/join/<int:pk>/": ["name", "source", "citation", "mission", "sure"],
    "catalogue/lists/<slug:key>/remove/": ["seen"],
    "catalogue/filling/start/": [],
    "catalogue/filling/cancel/": ["fill"],
    "reviewing/signals/<str:slug>/": ["answer", "grounds", "comment", "knew"],
    "reviewing/agreed/": ["people", "share", "only_blind", "name"],
    "model-versions/<str:name>/activate/": ["reason", "override"],
    "model-versions/<str:name>/notes/": ["notes"],
    "model-versions/<str:name>/name/": ["title", "labels"],
    "training-runs/new/": [
        "datasets",
        "seed",
        "balance",
        "masking",
        "search_trials",
        "rounds",
        "notes",
    ],
    "accounts/reset/<uidb64>/<token>/": ["new_password1", "new_password2"],
    "accounts/logout/": ["next"],
    "accounts/tokens/<int:pk>/revoke/": [],
    "predictions/<uuid:key>/again/": [],
    "predictions/delete/": ["key"],
    "predictions/label/": ["key", "add", "take"],
    "predictions/views/": ["page", "name", "query", "next"],
    "predictions/views/<int:pk>/": ["name"],
    "predictions/views/<int:pk>/delete/": [],
    "find/": ["text", "file"],
    "demo/": ["wish"],
    "watching/add/": ["kind", "slug", "query", "next"],
    "watching/mail/": ["mail"],
    "watching/unsubscribe/": ["key"],
    "watching/feed/renew/": [],
    "watching/webhooks/": ["address"],
    "watching/<int:pk>/": ["name", "threshold"],
    "watching/<int:pk>/stop/": ["next"],
    "watching/webhooks/<uuid:hook>/delete/": [],
    "watching/webhooks/<uuid:hook>/test/": [],
    "watching/webhooks/<uuid:hook>/resume/": [],
    "watching/deliveries/<uuid:delivery>/again/": ["next"],
    "batches/<uuid:pk>/check/": ["mission", "save_as", "column-0", "unit-0"],
    "batches/<uuid:pk>/rows/<int:row>/mark/": ["decision", "note", "next"],
    "batches/<uuid:pk>/cancel/": [],
    "batches/<uuid:pk>/resume/": [],
    "batches/<uuid:pk>/delete/": [],
    "datasets/<int:pk>/archive/": [],
    "training-runs/<int:pk>/cancel/": [],
    "model-versions/roll-back/": ["reason"],
    "model-versions/<str:name>/delete/": [],
}
# What a file may hold: nothing, noise, half a table, a name that is a place.
files = st.builds(
    SimpleUploadedFile,
    st.sampled_from(["t.csv", "t.csv.gz", "t.zip", "t.xml", "../t", "t"]) | texts.filter(bool),
    st.binary(max_size=200)
    | st.sampled_from([b"\x1f\x8b", b"PK\x03\x04", b"koi_period\n1\n", b'"a\n', b"a,a\n1,2\n"]),
)
NO_FORMS = {"favicon.ico", "accounts/password_change/done/"}  # Django's own answers to any method
LOOKS = (
    "/predictions/",
    "/predictions/predictions.csv",
    "/batches/",
    "/curves/",
    "/curves/folders/new/",
    "/accounts/audit/",
    "/classify/",
    "/model-versions/",
    "/catalogue/",
    "/catalogue/find/",
    "/catalogue/nearest/",
    "/catalogue/changes/",
    "/catalogue/lists/",
    "/catalogue/tonight/",
    "/catalogue/tonight.csv",
    "/catalogue/tonight.ics",
    "/catalogue/signals.csv",
    "/reviewing/",
    "/reviewing/next/",
    "/reviewing/agreed/",
    "/watching/",
    "/watching/deliveries/",
    "/watching/feed.atom",
    "/watching/unsubscribe/",
)


@settings(max_examples=1500, deadline=None, suppress_health_check=SHARED)
@given(body=any_json | st.dictionaries(names, any_json, max_size=8) | near_signals)
def test_predict_answers_any_json(member_client: Client, body: Any) -> None:
    answer = member_client.post("/predict?explain=false", json.dumps(body), "application/json")
    assert answer.status_code in (200, 400)
    if answer.status_code == 400:
        error = answer.json()["error"]
        assert error["message"]
        assert "Traceback" not in error["message"]
    else:  # nothing was guessed: every name is ours, and what is required was given
        assert isinstance(body, dict)
        assert {"mission", "orbital_period", "transit_duration", "transit_depth"} <= set(body)
        assert set(body) <= {"mission", "identifier", "note", *FEATURE_NAMES}


@pytest.mark.django_db
def test_a_number_longer_than_the_databases_is_no_dataset(administrator_client: Client) -> None:
    """Found by the test below."""
    assert (
        administrator_client.post("/training-runs/new/", {"datasets": ["9" * 400]}).status_code
        < 500
    )


def test_every_form_is_fuzzed(all_seeing: Things) -> None:
    """Every page of the table of addresses that does not refuse POST as a method."""
    client, taken = Client(), set()
    for route in AUDIENCE:
        client.force_login(all_seeing.owner)  # anew: one of them signs out
        is_page = not route.startswith("api/") and f"/{route}".rstrip("/") not in API_PATHS
        if is_page and ask(client, "post", all_seeing.address(route)).status_code != 405:
            taken.add(route)
    assert taken - NO_FORMS == set(FORMS)


@settings(max_examples=600, deadline=None, suppress_health_check=SHARED)
@given(data=st.data())
def test_forms_answer_anything(all_seeing: Things, settings: Any, data: Any) -> None:
    client = Client()
    client.force_login(all_seeing.owner)
    route = data.draw(st.sampled_from(sorted(FORMS)))
    settings.SIGN_UP = "invitation" if route == "accounts/invitations/" else "open"
    settings.SECOND_FACTORS = True
    fields = st.sampled_from([*FORMS[route], "csrfmiddlewaretoken"]) | texts
    form = data.draw(st.dictionaries(fields, texts | st.lists(texts, max_size=3), max_size=8))
    if "password" in FORMS[route]:  # else nothing behind it would be reached
        form["password"] = PASSWORD
    if "file" in FORMS[route] and data.draw(st.booleans()):
        form["file"] = data.draw(files)
    answer = client.post(all_seeing.address(route), form)
    assert answer.status_code < 500
    assert "Traceback" not in answer.content.decode()


parameters = st.sampled_from(
    ["q", "page", "sort", "mission", "disposition", "since", "from", "example", "key", "watched"]
)


@settings(max_examples=200, deadline=None, suppress_health_check=SHARED)
@given(address=st.sampled_from(LOOKS), query=st.dictionaries(parameters | texts, texts, max_size=5))
def test_addresses_answer_anything(
    administrator_client: Client, address: str, query: dict[str, str]
) -> None:
    assert administrator_client.get(address, query).status_code < 500
