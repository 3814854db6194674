"""The page to classify one signal."""

import re

import pytest
from django.test import Client

from predictions.models import Prediction
from predictions.pages.examples import EXAMPLES
from tests.predictions.stored import typed
from training.ml.inputs import parse_signal
from training.ml.schema import FEATURES
from training.models import ModelVersion

pytestmark = pytest.mark.django_db


def values_of(html: str) -> dict[str, str]:
    """What the text fields of the page hold."""
    inputs = re.findall(r"<input [^>]*>", html)
    pairs = [
        (re.search(r'name="(\w+)"', tag), re.search(r'value="([^"]*)"', tag)) for tag in inputs
    ]
    return {name[1]: value[1] for name, value in pairs if name and value}


def test_it_asks_to_sign_in(client: Client) -> None:
    response = client.get("/classify/")
    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=/classify/"


def test_it_has_a_field_with_unit_and_range_for_every_feature(member_client: Client) -> None:
    html = member_client.get("/classify/").content.decode()
    for feature in FEATURES:
        assert f'name="{feature.name}"' in html
        assert f'id="id_{feature.name}_helptext"' in html
        if feature.unit:
            assert (
                f'<span class="field-unit" id="id_{feature.name}_unit">{feature.unit}</span>'
                in html
            )
    assert "Between 0.05 and 150,000 days." in html


def test_it_classifies_stores_and_shows_the_answer(member_client: Client) -> None:
    response = member_client.post("/classify/", typed(note="seen in Q1"), follow=True)
    prediction = Prediction.objects.get()
    assert response.redirect_chain == [(f"/predictions/{prediction.pk}/", 302)]
    assert prediction.disposition == "CONFIRMED"
    assert prediction.owner.username == "member"
    assert prediction.identifier == "KOI-72.01"
    assert prediction.note == "seen in Q1"
    assert prediction.inputs["orbital_period"] == 0.837495
    assert "mission" not in prediction.inputs
    assert not prediction.shared
    assert "robably a planet" in response.content.decode()


def test_an_eclipsing_binary_is_a_false_positive(member_client: Client) -> None:
    member_client.post("/classify/", typed("koi-698"))
    assert Prediction.objects.get().disposition == "FALSE POSITIVE"


def test_nothing_is_filled_in_that_was_not_given(member_client: Client) -> None:
    signal = {
        "mission": "kepler",
        "orbital_period": "3.5",
        "transit_duration": "2.9",
        "transit_depth": "1,123.5",
    }
    member_client.post("/classify/", signal)
    prediction = Prediction.objects.get()
    assert prediction.mission == "Kepler"
    assert prediction.inputs == {
        "orbital_period": 3.5,
        "transit_duration": 2.9,
        "transit_depth": 1123.5,
    }
    assert "planet_radius" in prediction.answer["missing"]


def test_errors_stand_at_their_fields_in_the_words_of_the_api_and_nothing_is_lost(
    member_client: Client,
) -> None:
    signal = typed(transit_depth="0", stellar_teff="warm", orbital_period="", note="keep me")
    response = member_client.post("/classify/", signal)
    html = response.content.decode()
    assert response.status_code == 400
    assert not Prediction.objects.exists()
    api = member_client.post(
        "/predict", {n: v for n, v in signal.items() if v}, content_type="application/json"
    )
    sentences = {
        name: found
        for name, found in api.json()["error"]["fields"].items()
        if "quotation marks" not in found[0]
    }
    assert set(sentences) == {"transit_depth", "stellar_teff", "orbital_period"}
    for name, (sentence,) in sentences.items():
        escaped = sentence.replace("'", "&#x27;")
        assert f'<a href="#id_{name}">{escaped}</a>' in html
        assert re.search(rf'id="id_{name}_error">{re.escape(escaped)}', html)
        assert re.search(rf'name="{name}"[^>]*aria-invalid="true"', html)
    kept = values_of(html)
    assert kept["transit_depth"] == "0"
    assert kept["stellar_teff"] == "warm"
    assert "keep me" in html


def test_a_folded_group_with_an_error_or_a_value_is_open(member_client: Client) -> None:
    html = member_client.post(
        "/classify/", {"mission": "TESS", "flux_centroid_offset": "far"}
    ).content.decode()
    opened = re.findall(r'<details class="fold"( open)?>\s*<summary>([^<]*)', html)
    assert [title.strip() for is_open, title in opened if is_open] == [
        "Vetting measurements of the Kepler pipeline"
    ]


def test_an_unknown_mission_and_band_are_named(member_client: Client) -> None:
    html = member_client.post(
        "/classify/", typed(mission="Hubble", magnitude_band="Z")
    ).content.decode()
    assert "“Hubble” is not a mission: choose Kepler, TESS, K2 or other." in html
    assert "Magnitude band is “Z”, but must be Kp, T, G or V." in html


def test_an_overlong_identifier_is_refused(member_client: Client) -> None:
    response = member_client.post("/classify/", typed(identifier="x" * 101))
    assert response.status_code == 400
    assert (
        "The identifier has 101 characters; at most 100 are kept. Shorten it."
        in response.content.decode()
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.key)
def test_an_example_fills_the_form_without_a_script(member_client: Client, example) -> None:
    html = member_client.get(f"/classify/?example={example.key}").content.decode()
    held = values_of(html)
    for name, value in example.values.items():
        assert float(held[name]) == value
    assert held["identifier"] == example.full_name
    assert f'<option value="{example.mission}" selected>' in html
    assert example.address.replace("&", "&amp;") in html
    parse_signal({"mission": example.mission, **{name: held[name] for name in example.values}})


def test_an_unknown_example_gives_an_empty_form(member_client: Client) -> None:
    assert (
        values_of(member_client.get("/classify/?example=nibiru").content.decode()).get(
            "orbital_period", ""
        )
        == ""
    )


def test_no_version_in_service_is_said_and_what_was_typed_stays(member_client: Client) -> None:
    ModelVersion.objects.update(is_active=False)
    response = member_client.post("/classify/", typed())
    assert response.status_code == 503
    assert "No model version is in service" in response.content.decode()
    assert values_of(response.content.decode())["orbital_period"] == "0.837495"


# --- a pasted row ---------------------------------------------------------------------------------


def paste(client: Client, text: str) -> tuple[int, str]:
    response = client.post("/classify/", {"row": text, "paste": "yes"})
    return response.status_code, response.content.decode()


def test_a_koi_row_fills_the_form(member_client: Client) -> None:
    status, html = paste(
        member_client,
        "kepid,kepoi_name,koi_disposition,koi_period,koi_duration,koi_depth,koi_prad,koi_score\n"
        "11446443,K00001.01,CONFIRMED,2.470613377,1.74319,14231,13.04,0.81\n",
    )
    held = values_of(html)
    assert status == 200
    assert held["orbital_period"] == "2.470613377"
    assert held["transit_depth"] == "14231"
    assert held["identifier"] == "K00001.01"
    assert '<option value="Kepler" selected>' in html
    assert held.get("signal_count", "") == ""  # one row does not tell how many its table has
    assert not Prediction.objects.exists()


def test_a_k2_row_comes_in_percent(member_client: Client) -> None:
    header = (
        "pl_name,hostname,default_flag,disposition,pl_orbper,pl_trandur,pl_trandep,discoverymethod"
    )
    _, html = paste(member_client, f"{header}\nK2-3 b,K2-3,1,CONFIRMED,10.0546,2.64,0.1321,Transit")
    assert float(values_of(html)["transit_depth"]) == pytest.approx(1321)


def test_name_value_lines_fill_the_form(member_client: Client) -> None:
    text = (
        "mission = TESS\norbital_period = 3.52\ntransit_duration=2.9\n\ntransit_depth:"
        " 1,123.5\nidentifier = TOI-1"
    )
    status, html = paste(member_client, text)
    held = values_of(html)
    assert status == 200
    assert held["orbital_period"] == "3.52"
    assert held["transit_depth"] == "1123.5"
    assert held["identifier"] == "TOI-1"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Paste a header line and a row"),
        ("2.47,1.74,14231", "One line alone does not say what its numbers are"),
        ("orbital_perod = 3.5", "Did you mean orbital_period?"),
        ("a,b,c\n1,2,3", "map its columns or choose another mission"),
        (
            (
                "kepid,kepoi_name,koi_period,koi_duration,koi_depth\n1,K00001.01,2,2,99\n2,"
                "K00002.01,2,2,99"
            ),
            "These are 2 signals; paste one",
        ),
    ],
)
def test_a_paste_that_cannot_be_read_says_why_and_stays(
    member_client: Client, text: str, words: str
) -> None:
    status, html = paste(member_client, text)
    assert status == 400
    assert words in html
    assert text.split("\n")[0] in html


def test_a_pasted_script_is_only_text(member_client: Client) -> None:
    _, html = paste(member_client, "<script>alert(1)</script>")
    assert "<script>alert" not in html


# --- a variation ----------------------------------------------------------------------------------


def test_a_variation_keeps_the_values(member_client: Client) -> None:
    member_client.post("/classify/", typed("toi-700-d"))
    earlier = Prediction.objects.get()
    held = values_of(member_client.get(f"/classify/?from={earlier.pk}").content.decode())
    assert float(held["orbital_period"]) == 37.423684
    assert held["signal_count"] == "4"
    assert held["identifier"] == "TOI-700.02"


def test_a_variation_of_what_is_not_shared_is_not_found(
    member_client: Client, curator_client: Client
) -> None:
    member_client.post("/classify/", typed())
    key = Prediction.objects.get().pk
    assert curator_client.get(f"/classify/?from={key}").status_code == 404
    assert curator_client.get("/classify/?from=nonsense").status_code == 404
