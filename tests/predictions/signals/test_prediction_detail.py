"""The page of one prediction, its JSON and image, its note, and who may see it."""

import re
import uuid

import pytest
from django.contrib.auth.models import User
from django.test import Client

from predictions.models import Prediction
from predictions.signals.services import prediction_rows, signal_classify
from tests.predictions.stored import stored

pytestmark = pytest.mark.django_db

PARTS = (
    "/predictions/{}/",
    "/predictions/{}.json",
    "/predictions/{}/waterfall.png",
    "/predictions/{}/again/",
)


def page_of(client: Client, prediction: Prediction) -> str:
    response = client.get(f"/predictions/{prediction.pk}/")
    assert response.status_code == 200
    return response.content.decode()


def test_it_says_the_verdict_first(member_client: Client, member: User) -> None:
    prediction = stored(member)
    html = page_of(member_client, prediction)
    heading = re.search(r"<h1>(.*?)</h1>", html)
    assert heading and re.match("(Very p|P)robably a planet: planet score ", heading[1])
    assert re.search("The catalogue would (very )?probably call it CONFIRMED today: ", html)
    assert "If it is still open: of 100 open signals with this score about " in html
    assert re.search(r'<rect class="bar-confirmed" x="0.000%" y="1" width="[\d.]+%"', html)
    assert "At 90 % it is CONFIRMED" in html
    assert f"<dd>{prediction.planet_score:.3f}</dd>" in html


def test_it_never_says_100_percent(member_client: Client, member: User) -> None:
    prediction = stored(member)
    prediction.answer["planet_score"] = 0.9999
    prediction.answer["probabilities"] = {
        "CONFIRMED": 0.9996,
        "CANDIDATE": 0.0004,
        "FALSE POSITIVE": 0.0,
    }
    prediction.save()
    html = page_of(member_client, prediction)
    assert "Very probably a planet: planet score more than 99\u202f%" in html
    assert "less than 1\u202f%" in html
    assert "100\u202f%" not in html


def test_an_answer_of_before_open_signals_were_judged_still_shows(
    member_client: Client, member: User
) -> None:
    prediction = stored(member)
    for name in ("open_score", "planet_set", "learnt_from", "out_of_fold", "helpful"):
        del prediction.answer[name]
    prediction.save()
    html = page_of(member_client, prediction)
    assert "If it is still open" not in html
    assert "Open score" not in html


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"learnt_from": True, "out_of_fold": True}, "a classifier that had never seen its star"),
        ({"learnt_from": True, "out_of_fold": False}, "is no test of it"),
        ({"learnt_from": False, "out_of_fold": False}, None),
    ],
)
def test_an_answer_about_what_was_learnt_from_says_so(
    member_client: Client, member: User, flags: dict[str, bool], words: str | None
) -> None:
    prediction = stored(member)
    prediction.answer |= flags
    prediction.save()
    html = page_of(member_client, prediction)
    assert ("The version has learnt from this" in html) == (words is not None)
    assert words is None or words in html


def test_a_star_of_the_training_is_marked_by_its_name(member_client: Client, member: User) -> None:
    inputs = {"orbital_period": "0.837", "transit_duration": "1.81", "transit_depth": "152"}
    for identifier, learnt in (("KOI-72.01", True), ("my signal", False)):
        texts = {"mission": "Kepler", "identifier": identifier, **inputs}
        answer = member_client.post("/classify/", texts)
        prediction = Prediction.objects.get(pk=answer["Location"].split("/")[-2])
        assert prediction.answer["learnt_from"] is learnt
        assert prediction.answer["out_of_fold"] is False


def test_the_waterfall_leads_from_the_average_signal_to_this_one(
    member_client: Client, member: User
) -> None:
    prediction = stored(member)
    html = page_of(member_client, prediction)
    table = html.split('class="waterfall"')[1].split("</table>")[0]
    numbers = [
        float(n.replace("−", "-")) for n in re.findall(r'<td class="number">([+−\d.]+)</td>', table)
    ]
    first, *contributions, last = numbers
    assert len(contributions) == 21  # until the rest is less than the largest
    assert first + sum(contributions) == pytest.approx(
        last, abs=0.07
    )  # each is rounded to two decimals
    explanation = prediction.answer["explanation"]
    assert last == round(explanation["raw_score"], 2)
    assert table.count("<rect") == len(contributions)
    assert explanation["sentences"][0].split("'")[0] in html


def test_it_shows_what_was_given_with_its_unit_and_what_was_not(
    member_client: Client, member: User
) -> None:
    html = page_of(member_client, stored(member))
    assert "0.8374950 ± 0.0000050\xa0d" in html
    assert "152.0 ± 4.0\xa0ppm" in html
    assert "1.056 ± 0.021\xa0R☉" in html
    assert "Not given" in html
    assert "What would help most, as measured on other Kepler signals:" in html
    assert re.search(r"names \d+ more of 100 Kepler signals rightly|ranks a Kepler planet", html)


def test_warnings_stand_in_place(member_client: Client, member: User) -> None:
    html = page_of(member_client, stored(member, "koi-698"))
    assert (
        '<p class="notice notice-warning">Planet radius 120 Earth radii contradicts depth and star'
        in html
    )


def test_version_and_time_and_links(member_client: Client, member: User) -> None:
    prediction = stored(member)
    html = page_of(member_client, prediction)
    assert prediction.version.name in html
    assert f'datetime="{prediction.created_at.isoformat()}"' in html
    assert 'href="https://exofop.ipac.caltech.edu/kepler/edit_target.php?id=72"' in html
    assert 'href="https://exoplanetarchive.ipac.caltech.edu/overview/KOI-72"' in html


def test_json_beside_it_is_what_the_api_said(member_client: Client, member: User) -> None:
    prediction = stored(member, note="a note")
    answer = member_client.get(f"/predictions/{prediction.pk}.json").json()
    assert answer["id"] == str(prediction.pk)
    assert answer["note"] == "a note"
    assert answer["inputs"]["mission"] == "Kepler"
    assert answer["inputs"]["orbital_period"] == 0.837495
    assert answer["probabilities"] == prediction.answer["probabilities"]
    assert answer["explanation"] == prediction.answer["explanation"]


def test_the_waterfall_is_an_image_too(member_client: Client, member: User) -> None:
    prediction = stored(member)
    light = member_client.get(f"/predictions/{prediction.pk}/waterfall.png")
    dark = member_client.get(f"/predictions/{prediction.pk}/waterfall.png?dark")
    assert light["Content-Type"] == "image/png"
    assert light.content.startswith(b"\x89PNG")
    assert light.content != dark.content
    assert light["Cache-Control"].startswith("private")


def test_text_of_people_is_only_text(member_client: Client, member: User) -> None:
    html = page_of(
        member_client, stored(member, identifier="<script>alert(1)</script>", note="</textarea><b>")
    )
    assert "<script>alert" not in html
    assert "</textarea><b>" not in html


# --- who may see it -------------------------------------------------------------------------------


@pytest.mark.parametrize("part", PARTS)
def test_what_is_not_shared_is_not_found(curator_client: Client, member: User, part: str) -> None:
    assert curator_client.get(part.format(stored(member).pk)).status_code == 404


@pytest.mark.parametrize("part", PARTS)
def test_what_is_shared_can_be_read_by_everyone_signed_in(
    curator_client: Client, member: User, part: str
) -> None:
    assert curator_client.get(part.format(stored(member, shared=True).pk)).status_code == 200


@pytest.mark.parametrize("part", PARTS)
def test_nobody_reads_it_without_signing_in(client: Client, member: User, part: str) -> None:
    response = client.get(part.format(stored(member, shared=True).pk))
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("part", PARTS)
def test_an_unknown_prediction_is_not_found(member_client: Client, part: str) -> None:
    assert member_client.get(part.format(uuid.uuid4())).status_code == 404


@pytest.mark.parametrize("part", ["edit", "share"])
@pytest.mark.parametrize("shared", [False, True])
def test_only_its_owner_may_change_it(
    curator_client: Client, member: User, part: str, shared: bool
) -> None:
    prediction = stored(member, shared=shared, note="mine")
    body = {"identifier": "taken", "note": "over", "shared": "yes"}
    assert curator_client.post(f"/predictions/{prediction.pk}/{part}/", body).status_code == 404
    prediction.refresh_from_db()
    assert (prediction.identifier, prediction.note, prediction.shared) == (
        "KOI-72.01",
        "mine",
        shared,
    )


def test_a_reader_sees_the_note_but_no_form(curator_client: Client, member: User) -> None:
    html = page_of(curator_client, stored(member, shared=True, note="two lines\nof note"))
    assert "two lines<br>of note" in html
    assert "classified by member" in html
    assert "/edit/" not in html
    assert "/share/" not in html


def test_sharing_can_be_taken_back(
    member_client: Client, curator_client: Client, member: User
) -> None:
    prediction = stored(member)
    address = f"/predictions/{prediction.pk}/"
    html = member_client.post(f"{address}share/", {"shared": "yes"}, follow=True).content.decode()
    assert f"http://testserver{address}" in html
    assert curator_client.get(address).status_code == 200
    member_client.post(f"{address}share/", {"shared": "no"})
    assert curator_client.get(address).status_code == 404


# --- note -----------------------------------------------------------------------------------------


def test_identifier_and_note_can_be_changed_and_nothing_else(
    member_client: Client, member: User
) -> None:
    prediction = stored(member)
    body = {"identifier": "TIC 1", "note": "later", "disposition": "CANDIDATE", "shared": "on"}
    member_client.post(f"/predictions/{prediction.pk}/edit/", body)
    prediction.refresh_from_db()
    assert (prediction.identifier, prediction.note) == ("TIC 1", "later")
    assert (prediction.disposition, prediction.shared) == ("CONFIRMED", False)


def test_an_overlong_note_is_said_and_kept_in_the_form(member_client: Client, member: User) -> None:
    prediction = stored(member, note="short")
    response = member_client.post(
        f"/predictions/{prediction.pk}/edit/", {"identifier": "x", "note": "n" * 2001}
    )
    assert response.status_code == 400
    assert "The note has 2,001 characters; at most 2,000 are kept." in response.content.decode()
    assert "n" * 2001 in response.content.decode()
    prediction.refresh_from_db()
    assert prediction.note == "short"


@pytest.mark.parametrize("part", ["edit", "share"])
def test_changes_need_a_post(member_client: Client, member: User, part: str) -> None:
    assert member_client.get(f"/predictions/{stored(member).pk}/{part}/").status_code == 405


# --- again with the version in service ------------------------------------------------------------


def test_again_shows_the_difference_and_stores_nothing(member_client: Client, member: User) -> None:
    prediction = stored(member)
    now = signal_classify(prediction_rows(prediction))
    before = {"CONFIRMED": 0.25, "CANDIDATE": 0.5, "FALSE POSITIVE": 0.25}
    Prediction.objects.update(
        answer={**prediction.answer, "probabilities": before, "disposition": "CANDIDATE"}
    )
    html = member_client.get(f"/predictions/{prediction.pk}/again/").content.decode()
    assert "Nothing has been stored so far." in html
    change = 100 * (now.probabilities[now.disposition] - 0.25)
    assert f"+{change:.1f} points" in html
    assert Prediction.objects.count() == 1


def test_again_keeps_the_answer_when_asked(
    member_client: Client, curator_client: Client, member: User
) -> None:
    prediction = stored(member, shared=True, note="private thought")
    curator_client.post(f"/predictions/{prediction.pk}/again/")
    kept = Prediction.objects.exclude(pk=prediction.pk).get()
    assert kept.owner.username == "curator"
    assert kept.answer["probabilities"] == prediction.answer["probabilities"]
    assert kept.inputs == prediction.inputs
    assert (kept.note, kept.shared) == ("", False)


def test_its_title_names_the_signal_and_it_can_be_cited(
    member_client: Client, member: User
) -> None:
    prediction = stored(member, identifier="my dip 7")
    html = page_of(member_client, prediction)
    title = re.search(r"<title>(.*?)</title>", html, re.DOTALL)
    assert title and title[1].strip().startswith("my dip 7: ")
    citation = html.split('id="citation" class="wraps">')[1].split("</span>")[0]
    for part in ("my dip 7", prediction.version.name, prediction.version.sha256[:12]):
        assert part in citation
    assert f"http://testserver/predictions/{prediction.pk}/" in citation
    assert 'data-copy="#citation" hidden' in html  # until a script says that it works
