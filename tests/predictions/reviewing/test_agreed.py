"""Agreed votes become a dataset that is trained on like any other, and says whose word it is."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from django.contrib.auth.models import User
from django.test import Client

from predictions.catalogue.filling.apart import NotForCatalogue
from predictions.catalogue.models import Signal
from predictions.catalogue.services import dataset_check
from predictions.reviewing.agreed import NothingAgreed, agreed_signals, dataset_from_votes
from predictions.reviewing.forms import AgreementRule
from tests.predictions.reviewing.conftest import MakeSignal, Say
from training.datasets.models import Dataset
from training.datasets.services import dataset_content, dataset_index
from training.ml.evaluation.dataset_report import SignalIndex
from training.ml.fitting.selection import each_signal_once
from training.ml.tables.data_loader import open_table
from training.runs.process import _read

pytestmark = pytest.mark.django_db
People = list[User]


@pytest.fixture
def people(make_user: Callable[..., User]) -> People:
    return [make_user(name) for name in ("ann", "bob", "cyd")]


@pytest.fixture
def voted(make_signal: MakeSignal, people: People, say: Say) -> dict[str, Signal]:
    """Agreed, agreed by two of three, undecidable, and voted on by one alone."""
    made = {
        "all": make_signal("K00001.01", "FALSE POSITIVE"),
        "most": make_signal("TOI-2.01", "CONFIRMED", mission="TESS", planet_radius=2.125),
        "unclear": make_signal("K00003.01", "CANDIDATE"),
        "one": make_signal("K00004.01", "CANDIDATE"),
    }
    for user in people:
        say(made["all"], user, "planet", grounds=["planet-size"])
        say(made["unclear"], user, "cannot tell", grounds=["weak"])
    for user, answer in zip(people, ("false positive", "planet", "false positive"), strict=True):
        say(made["most"], user, answer, grounds=["v-shape"], comment=f"{user} looked")
    say(made["one"], people[0], "planet")
    return made


def names(rule: AgreementRule) -> list[str]:
    return [one.signal.name for one in agreed_signals(rule)]


def test_the_rule_decides(voted: dict[str, Signal]) -> None:
    assert names(AgreementRule(2, 0.8)) == ["K00001.01"]
    assert names(AgreementRule(2, 0.667)) == ["K00001.01", "TOI-2.01"]
    assert names(AgreementRule(1, 1.0)) == ["K00001.01", "K00004.01"]
    assert names(AgreementRule(4, 0.5)) == []


def test_blind_votes_alone(voted: dict[str, Signal], people: People, say: Say) -> None:
    say(voted["all"], people[0], "cannot tell")
    assert names(AgreementRule(3, 0.8)) == []
    assert names(AgreementRule(3, 0.8, only_blind=True)) == ["K00001.01"]


def test_the_dataset_says_whose_word_it_is(
    voted: dict[str, Signal], people: People, curator: User
) -> None:
    rule = AgreementRule(3, 0.6)
    dataset = dataset_from_votes(rule=rule, name="Votes of autumn", user=curator)
    assert (dataset.status, dataset.source, dataset.signals) == ("READY", "votes", 2)
    table = pd.read_csv(dataset_content(dataset)).set_index("identifier")
    assert table["disposition"].to_dict() == {
        "K00001.01": "CONFIRMED",
        "TOI-2.01": "FALSE POSITIVE",
    }
    assert table["mission"].to_dict() == {"K00001.01": "Kepler", "TOI-2.01": "TESS"}
    assert set(table["disposition_from"]) == {"votes of people"}
    assert table.loc["TOI-2.01", "votes_by"] == "ann; cyd"
    assert table.loc["TOI-2.01", "votes_share"] == 0.6667
    assert table.loc["TOI-2.01", "planet_radius"] == 2.125
    kept = dataset.provenance
    assert kept["rule_values"] == {"people": 3, "share": 0.6, "only_blind": False}
    assert (kept["made_by"], kept["people"]) == ("curator", ["ann", "bob", "cyd"])
    against = kept["votes"]["TOI-2.01"][1]
    assert (against["by"], against["answer"], against["comment"]) == ("bob", "planet", "bob looked")
    assert against["blind"] is True and against["at"]
    # The archive's own word stays where it is.
    voted["all"].refresh_from_db()
    assert voted["all"].disposition == "FALSE POSITIVE"


def test_a_training_reads_it_like_any_other(
    voted: dict[str, Signal], people: People, curator: User, say: Say
) -> None:
    """Mission by row; and a signal is known to be the one of the archive's table."""
    dataset = dataset_from_votes(rule=AgreementRule(3, 0.6), name="v", user=curator)
    table, facts = _read(dataset)
    assert dict(zip(table.signals, table.frame["mission"], strict=True)) == {
        "K00001.01": "Kepler",
        "TOI-2.01": "TESS",
    }
    assert table.dispositions.tolist() == ["CONFIRMED", "FALSE POSITIVE"]
    assert table.frame["transit_depth"].tolist() == [1200.0, 1200.0]
    assert (facts.signals, facts.mission) == (2, "")
    koi = b"kepoi_name,kepid,koi_period,koi_duration,koi_depth,koi_disposition\n"
    koi += b"K00001.01,1,3.5,2.5,1200,FALSE POSITIVE\n"
    archive = open_table(io.BytesIO(koi)).table()
    assert set(SignalIndex.of(archive).signals) <= set(dataset_index(dataset).signals)
    older, newer = each_signal_once([archive, table])
    assert (len(older), newer.dispositions.tolist()) == (0, ["CONFIRMED", "FALSE POSITIVE"])
    alone = dataset_from_votes(rule=AgreementRule(3, 1.0), name="one mission", user=curator)
    table, _ = _read(alone)
    assert (alone.mission, len(table)) == ("Kepler", 1)


def test_the_same_votes_by_the_same_rule_are_the_same_dataset(
    voted: dict[str, Signal], curator: User
) -> None:
    rule = AgreementRule(3, 0.6)
    first = dataset_from_votes(rule=rule, name="a", user=curator)
    assert dataset_from_votes(rule=rule, name="b", user=curator) == first


def test_it_is_never_put_in_charge_of_the_catalogue(
    voted: dict[str, Signal], curator: User, curator_client: Client
) -> None:
    dataset = dataset_from_votes(rule=AgreementRule(3, 1.0), name="v", user=curator)
    with pytest.raises(NotForCatalogue, match="people's votes"):
        dataset_check(dataset)
    page = curator_client.get(dataset.get_absolute_url()).content.decode()
    assert "catalogue/charge" not in page
    assert "At least 3 people, of whom at least 100 % say the same" in page
    assert "ann, bob, cyd" in page


def test_nothing_agreed_is_no_dataset(voted: dict[str, Signal], curator: User) -> None:
    with pytest.raises(NothingAgreed, match="Ask for fewer people"):
        dataset_from_votes(rule=AgreementRule(9, 1.0), name="v", user=curator)
    assert not Dataset.objects.filter(source="votes").exists()


# --- The page -------------------------------------------------------------------------------------


def test_a_curator_makes_it_on_the_page(voted: dict[str, Signal], curator_client: Client) -> None:
    page = curator_client.get("/reviewing/agreed/?people=3&share=60")
    assert page.context["counts"] == [("Kepler", 1, 0), ("TESS", 0, 1)]
    assert "told when you have voted" in page.content.decode()
    sent = {"people": "3", "share": "60", "name": "Autumn", "make": "on"}
    made = curator_client.post("/reviewing/agreed/", sent)
    dataset = Dataset.objects.get(source="votes")
    assert made["Location"] == dataset.get_absolute_url()
    again = curator_client.post("/reviewing/agreed/", sent | {"train": "on"})
    assert again["Location"] == f"/training-runs/new/?dataset={dataset.pk}"
    form = curator_client.get(again["Location"]).context["form"]
    assert dataset in form.initial["datasets"]


def test_a_curator_sees_votes_only_where_they_voted(
    voted: dict[str, Signal], curator: User, curator_client: Client, say: Say
) -> None:
    say(voted["all"], curator, "planet")
    page = curator_client.get("/reviewing/agreed/?people=3&share=60")
    seen = {one.signal.name: may_see for one, may_see in page.context["page_obj"]}
    assert seen == {"K00001.01": True, "TOI-2.01": False}


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"people": "0", "share": "80", "name": "x"}, "greater than or equal to 1"),
        ({"people": "2", "share": "50", "name": "x"}, "More than half must say the same"),
        ({"people": "2", "share": "nan", "name": "x"}, "Enter a number"),
        ({"people": "2", "share": "80", "name": ""}, "Give the dataset a name."),
    ],
)
def test_a_rule_that_makes_no_sense_is_said(
    voted: dict[str, Signal], curator_client: Client, sent: dict[str, Any], words: str
) -> None:
    page = curator_client.post("/reviewing/agreed/", sent)
    assert page.status_code == 422
    assert words in page.content.decode()
    assert not Dataset.objects.filter(source="votes").exists()


def test_members_make_no_datasets(voted: dict[str, Signal], member_client: Client) -> None:
    assert member_client.get("/reviewing/agreed/").status_code == 403
    refused = member_client.post("/reviewing/agreed/", {"people": "2", "share": "80", "name": "x"})
    assert refused.status_code == 403
    assert not Dataset.objects.filter(source="votes").exists()
