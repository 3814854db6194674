"""Labels of predictions: put on one or on many, filtered by, and nobody else's business."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from predictions.history import services
from predictions.history.services import labels_change, labels_set
from predictions.models import Label, Prediction
from tests.predictions.history.test_list import shown
from tests.predictions.stored import stored
from training.labels import MOST_LABELS

pytestmark = pytest.mark.django_db
ADDRESS = "/predictions/label/"


@pytest.fixture
def three(member: User) -> list[Prediction]:
    return [stored(member, key) for key in ("kepler-10-b", "koi-698", "toi-700-d")]


def names(prediction: Prediction) -> list[str]:
    return [label.name for label in prediction.labels.all()]


def keys(*predictions: Prediction) -> str:
    return " ".join(str(prediction.pk) for prediction in predictions)


def test_those_that_were_selected_are_labelled_at_once(
    member_client: Client, three: list[Prediction]
) -> None:
    html = member_client.get(
        ADDRESS, {"key": [str(three[0].pk), str(three[2].pk)]}
    ).content.decode()
    assert "Label these 2 predictions" in html and "KOI-72.01" in html and "K00698" not in html
    answer = member_client.post(
        ADDRESS, {"key": keys(three[0], three[2]), "add": "to observe, paper;Paper"}, follow=True
    )
    assert "2 predictions are labelled anew." in answer.content.decode()
    assert [names(one) for one in three] == [["Paper", "to observe"], [], ["Paper", "to observe"]]


def test_a_label_is_taken_away_and_goes_with_the_last_that_has_it(
    member: User, member_client: Client, three: list[Prediction]
) -> None:
    labels_change(user=member, predictions=three, add=["old"], take=[])
    member_client.post(ADDRESS, {"key": keys(three[0]), "add": "new", "take": "old"})
    assert [names(one) for one in three] == [["new"], ["old"], ["old"]]
    member_client.post(ADDRESS, {"key": keys(*three), "take": ["old", "new"]})
    assert not Label.objects.exists()


def test_one_spelling_is_kept(member: User, three: list[Prediction]) -> None:
    labels_set(prediction=three[0], names=["To observe"])
    labels_change(user=member, predictions=three[:2], add=["to OBSERVE"], take=[])
    assert names(three[1]) == ["To observe"] and Label.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Name a label to add, or choose one to take away."),
        ({"add": "x" * 31}, "is longer than 30 characters"),
        ({"add": ", ".join("abcdefghijklm")}, "These are 13 labels; a prediction has at most 12."),
        ({"take": "nothing of the kind"}, "Select a valid choice"),
    ],
)
def test_what_makes_no_sense_is_said_and_changes_nothing(
    member_client: Client, three: list[Prediction], data: dict[str, str], words: str
) -> None:
    answer = member_client.post(ADDRESS, {"key": keys(three[0]), **data})
    assert answer.status_code == 400 and words in answer.content.decode()
    assert not Label.objects.exists()


def test_a_prediction_has_so_many_at_most(
    member: User, member_client: Client, three: list[Prediction]
) -> None:
    labels_set(prediction=three[0], names=[f"label {n}" for n in range(MOST_LABELS)])
    answer = member_client.post(ADDRESS, {"key": keys(*three), "add": "one more"})
    assert "KOI-72.01 would have more than 12 labels" in answer.content.decode()
    assert [len(names(one)) for one in three] == [MOST_LABELS, 0, 0]
    assert not Label.objects.filter(name="one more").exists()


def test_a_person_has_so_many_at_most(
    member_client: Client, three: list[Prediction], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_OWN", 2)
    labels_set(prediction=three[0], names=["a", "b"])
    for address, data in (
        (ADDRESS, {"key": keys(three[1]), "add": "c"}),
        (f"/predictions/{three[1].pk}/edit/", {"identifier": "x", "labels": "c"}),
    ):
        answer = member_client.post(address, data)
        assert answer.status_code == 400
        assert "You have 2 labels, and 2 is the most" in answer.content.decode()
    assert names(three[1]) == [] and Prediction.objects.get(pk=three[1].pk).identifier != "x"


def test_nobody_elses_are_labelled_or_seen(
    member: User, member_client: Client, curator: User, curator_client: Client
) -> None:
    hers = stored(curator, shared=True)
    labels_set(prediction=hers, names=["secret"])
    assert "select at least one" in (
        member_client.post(
            ADDRESS, {"key": keys(hers), "add": "mine"}, follow=True
        ).content.decode()
    )
    assert names(hers) == ["secret"]
    assert "secret" not in member_client.get(hers.get_absolute_url()).content.decode()
    assert "secret" in curator_client.get(hers.get_absolute_url()).content.decode()
    stored(member)
    assert len(shown(member_client, "/predictions/?label=secret")) == 1  # as if it were not given


def test_the_history_is_filtered_by_a_label(
    member: User, member_client: Client, three: list[Prediction]
) -> None:
    assert 'name="label"' not in member_client.get("/predictions/").content.decode()
    labels_change(user=member, predictions=three[:2], add=["to observe"], take=[])
    labels_set(prediction=three[0], names=["to observe", "paper"])
    assert shown(member_client, "/predictions/?label=to+observe") == ["K00698.01", "KOI-72.01"]
    assert shown(member_client, "/predictions/?label=paper&mission=Kepler") == ["KOI-72.01"]
    assert shown(member_client, "/predictions/?label=paper&q=698") == []
    assert len(shown(member_client, "/predictions/?label=unknown")) == 3
    html = member_client.get("/predictions/").content.decode()
    assert 'href="?label=to%20observe">to observe</a>' in html


def test_the_page_of_a_prediction_changes_its_labels(
    member_client: Client, three: list[Prediction]
) -> None:
    address = f"/predictions/{three[0].pk}/edit/"
    member_client.post(address, {"identifier": "mine", "note": "", "labels": "b, a"})
    assert names(three[0]) == ["a", "b"]
    assert 'value="a, b"' in member_client.get(three[0].get_absolute_url()).content.decode()
    member_client.post(address, {"identifier": "mine"})  # a form that knows no labels
    assert names(three[0]) == ["a", "b"]
    member_client.post(address, {"identifier": "mine", "labels": ""})
    assert names(three[0]) == [] and not Label.objects.exists()


def test_the_file_has_them(member_client: Client, three: list[Prediction]) -> None:
    labels_set(prediction=three[2], names=["=cmd", "b"])
    answer: Any = member_client.get("/predictions/predictions.csv")
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert [row["labels"] for row in rows] == ["'=cmd|b", "", ""]


def test_deleting_a_prediction_deletes_labels_of_nothing_else(
    member_client: Client, three: list[Prediction]
) -> None:
    labels_set(prediction=three[0], names=["only here"])
    member_client.post("/predictions/delete/", {"key": keys(three[0])})
    assert not Label.objects.exists()


def test_a_page_of_labelled_rows_asks_no_more_often(
    member: User, member_client: Client, three: list[Prediction], django_assert_max_num_queries: Any
) -> None:
    labels_change(user=member, predictions=three, add=["a", "b"], take=[])
    with django_assert_max_num_queries(10):
        member_client.get("/predictions/")
