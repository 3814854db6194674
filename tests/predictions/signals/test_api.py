"""`POST /predict`: one signal as JSON, its verdict as JSON, and every mistake as a sentence with
the right status."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from knox.models import AuthToken

from predictions.models import Prediction
from tests.known_signals import KEPLER_10_B
from training.ml.inputs import parse_signal
from training.ml.schema import DISPOSITIONS, FEATURE_BY_NAME, FEATURE_NAMES, REQUIRED_NAMES
from training.models import ModelVersion
from training.versions import artifacts

pytestmark = pytest.mark.django_db

ANSWER_KEYS = {
    "open_score",
    "planet_set",
    "learnt_from",
    "out_of_fold",
    "helpful",
    "disposition",
    "probabilities",
    "planet_score",
    "prediction_set",
    "explanation",
    "missing",
    "absent_groups",
    "warnings",
    "model_version",
}


def post(client: Client, body: object, query: str = "", **more: Any) -> Any:
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(
        f"/predict{query}",
        content,
        content_type=more.pop("content_type", "application/json"),
        **more,
    )


def error_of(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    body = answer.json()
    assert list(body) == ["error"]
    assert set(body["error"]) == {"code", "message", "fields"}
    assert body["error"]["message"].rstrip("”").endswith((".", "?"))
    assert all(isinstance(sentences, list) for sentences in body["error"]["fields"].values())
    error: dict[str, Any] = body["error"]
    return error


def test_it_answers_with_verdict_and_reasons(member_client: Client) -> None:
    answer = post(member_client, KEPLER_10_B).json()
    assert set(answer) == ANSWER_KEYS
    assert set(answer["probabilities"]) == {str(disposition) for disposition in DISPOSITIONS}
    assert math.isclose(sum(answer["probabilities"].values()), 1)
    assert answer["disposition"] == max(
        answer["probabilities"], key=answer["probabilities"].__getitem__
    )
    p = answer["probabilities"]
    assert math.isclose(
        answer["planet_score"], p["CONFIRMED"] / (p["CONFIRMED"] + p["FALSE POSITIVE"])
    )
    assert set(answer["prediction_set"]) <= set(p)
    assert answer["missing"] == [name for name in FEATURE_NAMES if name not in KEPLER_10_B]
    assert answer["model_version"] == ModelVersion.objects.active().name


def test_it_says_which_groups_are_absent_and_what_that_costs(member_client: Client) -> None:
    measured = {
        (row["group"], row["mission"]): row
        for row in ModelVersion.objects.active().metadata["metrics"]["absent_cost"]
    }
    absent = post(member_client, KEPLER_10_B).json()["absent_groups"]
    assert {row["group"] for row in absent} == {"uncertainties", "vetting measurements"}
    assert absent[0]["accuracy_loss"] >= absent[1]["accuracy_loss"]
    for row in absent:
        figures = measured[row["group"], "Kepler"]
        assert row == {name: figures[name] for name in ("group", "accuracy_loss", "roc_auc_loss")}
    assert post(member_client, {**KEPLER_10_B, "transit_depth_error": 2}).json()[
        "absent_groups"
    ] == [row for row in absent if row["group"] != "uncertainties"]


def test_contributions_add_up_to_the_raw_score(member_client: Client) -> None:
    explanation = post(member_client, KEPLER_10_B).json()["explanation"]
    contributions = explanation["contributions"]
    assert contributions
    assert all(
        set(c) == {"feature", "label", "unit", "value", "contribution"} for c in contributions
    )
    total = explanation["base_value"] + sum(c["contribution"] for c in contributions)
    assert math.isclose(total, explanation["raw_score"], abs_tol=1e-9)
    assert explanation["sentences"]


def test_it_gives_the_classifiers_own_numbers(member_client: Client) -> None:
    answer = post(member_client, KEPLER_10_B).json()
    expected = ModelVersion.objects.active().classifier.predict(parse_signal(KEPLER_10_B))
    assert list(answer["probabilities"].values()) == expected.probabilities[0].tolist()


@pytest.mark.parametrize(
    ("name", "text", "given"),
    [
        ("transit_depth", "152", {"transit_depth": 152}),
        ("transit_depth", " 1,234.5 ", {"transit_depth": 1234.5}),
        ("transit_depth", "152 ± 3 ppm", {"transit_depth": 152, "transit_depth_error": 3}),
        ("transit_depth", "1 %", {"transit_depth": 10_000}),
        ("transit_duration", "90 min", {"transit_duration": 1.5}),
        ("orbital_period", "0.8375(2)", {"orbital_period": 0.8375, "orbital_period_error": 2e-4}),
        ("equilibrium_temperature", "1900 °C", {"equilibrium_temperature": 2173.15}),
    ],
)
def test_a_text_means_what_it_means_in_a_table(
    member_client: Client, name: str, text: str, given: dict[str, float]
) -> None:
    as_text = post(member_client, KEPLER_10_B | {name: text})
    assert as_text.status_code == 200
    as_numbers = post(member_client, KEPLER_10_B | given)
    assert as_text.json()["probabilities"] == as_numbers.json()["probabilities"]
    assert as_text.json()["missing"] == as_numbers.json()["missing"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("about a percent", "which is not a number"),
        ("1,234", "comma can be read in two ways"),
        ("<500", "a limit and no value"),
        ("500 d", "whose unit is none of this quantity"),
        ("nan", "not a number (NaN)"),
        ("1" * 81, "of 81 letters"),
        ("200 %", "is 2,000,000 ppm"),
    ],
)
def test_a_text_that_spells_no_depth_is_refused(
    member_client: Client, text: str, words: str
) -> None:
    error = error_of(post(member_client, KEPLER_10_B | {"transit_depth": text}), 400)
    assert words in error["fields"]["transit_depth"][0]


def test_it_is_the_same_under_api_v1(member_client: Client) -> None:
    first = member_client.post(
        "/api/v1/predict", json.dumps(KEPLER_10_B), content_type="application/json"
    )
    assert first.json() == post(member_client, KEPLER_10_B).json()


def test_it_echoes_identifier_and_note(member_client: Client) -> None:
    answer = post(
        member_client,
        KEPLER_10_B | {"identifier": " KOI-72.01 ", "note": "First rocky one.\nReally"},
    ).json()
    assert answer["identifier"] == "KOI-72.01"
    assert answer["note"] == "First rocky one.\nReally"
    assert set(answer) == ANSWER_KEYS | {"identifier", "note"}


def test_it_leaves_the_explanation_out_when_asked(member_client: Client) -> None:
    assert set(post(member_client, KEPLER_10_B, "?explain=false").json()) == ANSWER_KEYS - {
        "explanation"
    }


def test_it_stores_nothing_unless_asked(member_client: Client) -> None:
    post(member_client, KEPLER_10_B)
    post(member_client, KEPLER_10_B, "?save=false")
    assert not Prediction.objects.exists()


def test_it_stores_when_asked(member_client: Client, member: User) -> None:
    answer = post(member_client, KEPLER_10_B | {"identifier": "KOI-72.01"}, "?save=true")
    assert answer.status_code == 200
    [prediction] = Prediction.objects.all()
    assert prediction.owner == member
    assert prediction.identifier == "KOI-72.01"
    assert prediction.mission == "Kepler"
    assert prediction.inputs == {
        name: value for name, value in KEPLER_10_B.items() if name != "mission"
    }
    assert answer.json()["id"] == str(prediction.pk)
    assert answer.json()["url"] == f"http://testserver/predictions/{prediction.pk}/"
    assert prediction.answer == {
        name: value for name, value in answer.json().items() if name in ANSWER_KEYS
    }


# --- who may ask ----------------------------------------------------------------------------------


def test_it_takes_a_token(client: Client, member: User) -> None:
    _, token = AuthToken.objects.create(member)
    assert post(client, KEPLER_10_B, HTTP_AUTHORIZATION=f"Token {token}").status_code == 200


def test_nobody_is_asked_to_sign_in(client: Client) -> None:
    answer = post(client, KEPLER_10_B)
    assert error_of(answer, 401)["code"] == "not_authenticated"
    assert answer["WWW-Authenticate"].startswith("Token")


def test_a_wrong_token_is_401(client: Client) -> None:
    error_of(post(client, KEPLER_10_B, HTTP_AUTHORIZATION="Token nonsense"), 401)


def test_a_session_without_csrf_token_is_403(member: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    error_of(post(client, KEPLER_10_B), 403)


# --- what is wrong with the request ---------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    ["{", " ", "{'mission': 'Kepler'}", b"\xff\xfe", "[" * 50_000],
)
def test_what_is_no_json_is_400(member_client: Client, body: str | bytes) -> None:
    assert error_of(post(member_client, body), 400)["code"] == "parse_error"


@pytest.mark.parametrize("body", [[], [KEPLER_10_B], "text", 5, None, True])
def test_what_is_no_object_is_400(member_client: Client, body: object) -> None:
    error = error_of(post(member_client, json.dumps(body)), 400)
    assert error["code"] == "invalid_signal"
    assert "one flat JSON object" in error["message"]


def test_nothing_at_all_lacks_everything(member_client: Client) -> None:
    assert list(error_of(post(member_client, ""), 400)["fields"]) == ["mission", *REQUIRED_NAMES]


def test_a_name_given_twice_is_400(member_client: Client) -> None:
    body = '{"mission": "Kepler", "mission": "TESS", "orbital_period": 1}'
    error = error_of(post(member_client, body), 400)
    assert error["fields"] == {"mission": ["“mission” is given more than once; send one value."]}


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml"]
)
def test_another_content_type_is_415(member_client: Client, content_type: str) -> None:
    error = error_of(post(member_client, json.dumps(KEPLER_10_B), content_type=content_type), 415)
    assert "application/json" in error["message"]


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_another_method_is_405(member_client: Client, method: str) -> None:
    answer = getattr(member_client, method)("/predict")
    assert error_of(answer, 405)["code"] == "method_not_allowed"
    assert "POST" in answer["Allow"]


def test_another_kind_of_answer_is_406(member_client: Client) -> None:
    error_of(post(member_client, KEPLER_10_B, HTTP_ACCEPT="application/xml"), 406)


def test_a_huge_body_is_413(member_client: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    error_of(post(member_client, KEPLER_10_B | {"note": "x" * 1000}), 413)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("?save=maybe", "save"),
        ("?explain=", "explain"),
        ("?save=true&save=false", "save"),
        ("?sav=true", "sav"),
        ("?save=1", "save"),
        ("?%ED%A0%80=1", "\ufffd\ufffd\ufffd"),
    ],
)
def test_an_unclear_parameter_is_400(member_client: Client, query: str, name: str) -> None:
    assert name in error_of(post(member_client, KEPLER_10_B, query), 400)["fields"]
    assert not Prediction.objects.exists()


def test_without_a_version_in_service_it_is_503(member_client: Client) -> None:
    ModelVersion.objects.update(is_active=False)
    error = error_of(post(member_client, KEPLER_10_B), 503)
    assert error["code"] == "no_version_in_service"
    assert "activate" in error["message"]


def test_a_forged_classifier_is_503(member_client: Client, settings: Any) -> None:
    settings.ARTIFACT_SIGNING_KEY = "another key"
    artifacts._kept.clear()  # what this process has verified before
    error = error_of(post(member_client, KEPLER_10_B), 503)
    assert "not loaded" in error["message"]


# --- what is wrong with the signal ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        (
            {"transit_depth": None},
            {
                "transit_depth": (
                    "Transit depth is missing: give a number between 0.1 and 1,000,000 ppm."
                )
            },
        ),
        (
            {"mission": "Hubble"},
            {"mission": "“Hubble” is not a mission: choose Kepler, TESS, K2 or other."},
        ),
        (
            {"stellar_tef": 5},
            {
                "stellar_tef": (
                    "“stellar_tef” is not an input of a signal. Did you mean stellar_teff?"
                )
            },
        ),
        (
            {"orbital_period": -1, "stellar_teff": 1},
            {
                "orbital_period": (
                    "Orbital period is −1 days, but must be between 0.05 and 150,000 days: "
                    "check the number and its unit (days)."
                ),
                "stellar_teff": (
                    "Stellar effective temperature is 1 K, but must be between 2,000 and 60,000 K: "
                    "check the number and its unit (K)."
                ),
            },
        ),
        (
            {"identifier": "x" * 101},
            {"identifier": "The identifier has 101 characters; at most 100 are kept. Shorten it."},
        ),
        ({"identifier": 5}, {"identifier": "The identifier must be text in quotation marks."}),
        (
            {"note": "x" * 2001, "stellar_teff": "hot"},
            {
                "note": "The note has 2,001 characters; at most 2,000 are kept. Shorten it.",
                "stellar_teff": (
                    "Stellar effective temperature is “hot”, which is not a number. "
                    "Give a number between 2,000 and 60,000 K, or leave it out."
                ),
            },
        ),
        (
            {"identifier": "a\x00b"},
            {
                "identifier": (
                    "The identifier “a\ufffdb” holds characters that cannot be shown; remove them."
                )
            },
        ),
    ],
)
def test_each_mistake_gets_its_sentence(
    member_client: Client, changes: dict[str, object], sentences: dict[str, str]
) -> None:
    error = error_of(post(member_client, KEPLER_10_B | changes, "?save=true"), 400)
    assert error["code"] == "invalid_signal"
    assert error["fields"] == {name: [sentence] for name, sentence in sentences.items()}
    assert not Prediction.objects.exists()


any_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | st.just(10**400),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
names = st.sampled_from(["mission", "identifier", "note", *FEATURE_NAMES]) | st.text(max_size=20)
in_range = st.sampled_from(
    [name for name, f in FEATURE_BY_NAME.items() if not f.is_categorical]
).flatmap(
    lambda name: st.tuples(
        st.just(name),
        st.floats(FEATURE_BY_NAME[name].low, FEATURE_BY_NAME[name].high, allow_nan=False),
    )
)


@settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(any_json | st.dictionaries(names, any_json, max_size=8), st.booleans())
def test_any_json_gets_an_answer_or_a_sentence(
    member_client: Client, body: Any, complete: bool
) -> None:
    sent = KEPLER_10_B | body if complete and isinstance(body, dict) else body
    answer = post(member_client, sent, "?explain=false")
    assert answer.status_code in (200, 400), answer.content
    if answer.status_code == 400:
        error_of(answer, 400)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(in_range, max_size=10))
def test_every_signal_in_range_gets_an_answer(
    member_client: Client, values: list[tuple[str, float]]
) -> None:
    whole = {name: float(int(v)) if FEATURE_BY_NAME[name].integer else v for name, v in values}
    sent = KEPLER_10_B | whole
    answer = post(member_client, sent)
    if sent["transit_duration"] >= 24 * sent["orbital_period"]:
        assert "a transit ends before" in error_of(answer, 400)["message"]
        return
    assert answer.status_code == 200, answer.content
    assert all(math.isfinite(p) for p in answer.json()["probabilities"].values())
