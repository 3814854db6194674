"""A list beside the missions: joined by star and period, scored, never counted as theirs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from predictions.catalogue.filling.apart import NotForCatalogue
from predictions.catalogue.models import (
    CatalogueTable,
    DispositionChange,
    Name,
    Score,
    Signal,
    Star,
)
from predictions.catalogue.others.models import OtherList, OtherSignal, OtherTable
from predictions.catalogue.others.services import (
    Described,
    ListRefused,
    list_remove,
    other_charge_create,
)
from predictions.catalogue.scoring import scores_make
from predictions.catalogue.services import ChargeHeld, charge_create
from predictions.catalogue.twins.models import Twin
from tests.predictions.catalogue.conftest import Fill, upload
from tests.predictions.catalogue.others.conftest import CTOI, Join, ctoi_rows
from training.datasets.models import Dataset
from training.ml.schema import Mission
from training.runs.models import TrainingRun

pytestmark = pytest.mark.django_db


def of_missions() -> list[Any]:
    """All that the missions' part of the catalogue holds, apart from names of its stars."""
    signals = Signal.objects.order_by("pk").values()
    return [*signals, *Score.objects.values_list("pk"), *DispositionChange.objects.values_list()]


def test_signals_join_the_missions_and_stay_apart(
    tess: CatalogueTable, join: Join, ctoi: pd.DataFrame
) -> None:
    scores_make()
    before, stars, twins = of_missions(), Star.objects.count(), list(Twin.objects.values_list())
    table = join(ctoi)
    assert scores_make() == 6
    assert of_missions() == before
    assert list(Twin.objects.values_list()) == twins
    assert Star.objects.count() == stars + 2
    assert (table.signals, table.is_first, table.counts) == (6, True, {})
    listed = {one.listed_name: one for one in OtherSignal.objects.select_related("same_as")}
    first = listed[ctoi["CTOI"][0]]
    assert (first.name, first.list_says, first.list_word) == (
        f"CTOI {ctoi['CTOI'][0]}",
        "FALSE POSITIVE",
        "FP",
    )
    assert first.same_as is not None
    assert first.star_id == first.same_as.star_id
    assert first.period == pytest.approx(first.same_as.period)
    # The archive's word stands beside the list's own, and is never replaced by it.
    assert first.disposition == first.same_as.disposition
    assert first.epoch == 2_459_000.5
    own = listed["900000001.01"]
    assert (own.same_as, own.disposition, own.list_says) == (None, "", "CANDIDATE")
    assert own.planet_score is not None
    assert own.open_score is not None
    assert own.basis == "unseen"
    assert own.map_cell is not None
    assert own.derived_by


def test_a_signal_that_a_version_learnt_from_is_answered_as_the_mission_s(
    tess: CatalogueTable, join: Join, ctoi: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    from predictions.catalogue.others.models import known_as

    join(ctoi)
    same = OtherSignal.objects.exclude(same_as=None).select_related("same_as")[0]
    assert same.same_as is not None
    assert known_as(same) == (f"TESS {same.same_as.listed_name}", same.same_as.star_key)
    own = OtherSignal.objects.get(listed_name="900000001.01")
    assert known_as(own) == ("", "TIC 900000001")  # no mission's name, whatever its number


def test_a_newer_table_takes_charge_and_the_earlier_one_is_history(
    listed: OtherTable, join: Join, ctoi: pd.DataFrame, toi: pd.DataFrame
) -> None:
    newer = pd.concat([ctoi.iloc[1:], ctoi_rows(toi, range(10, 13))], ignore_index=True)
    newer.loc[0, "User Disposition"] = "FP"
    renamed = newer.index[newer["CTOI"] == "900000002.01"][0]
    newer.loc[renamed, "CTOI"] = "900000002.02"
    table = join(newer, "ctoi_2025-11-20.csv")
    assert table.counts == {"new": 3, "gone": 1, "back": 0, "renamed": 1, "changed": 1}
    listed.refresh_from_db()
    assert (listed.is_current, table.is_current) == (False, True)
    gone = OtherSignal.objects.get(listed_name=ctoi["CTOI"][0])
    assert not gone.is_listed
    kept = OtherSignal.objects.get(listed_name="900000002.02")
    assert kept.slug == "CTOI-900000002.01"  # its address stays
    assert [one.kind for one in kept.changes.all()] == ["renamed"]
    assert scores_make() == 8
    # The same file again counts nothing.
    again = other_charge_create(
        dataset=table.dataset, described=replace(CTOI, mission="TESS"), user=None
    )
    assert again.pk == table.pk


def test_a_table_that_shrank_is_asked_about(
    listed: OtherTable, join: Join, ctoi: pd.DataFrame
) -> None:
    with pytest.raises(ChargeHeld, match="download that broke off"):
        join(ctoi.iloc[:4], "ctoi_2025-11-20.csv")
    assert OtherTable.objects.count() == 1
    assert join(ctoi.iloc[:4], "ctoi_2025-11-20.csv", sure=True).counts["gone"] == 2
    with pytest.raises(ChargeHeld, match="older than the table in charge"):
        join(ctoi.iloc[:5], "ctoi_2024-11-20.csv")


def test_a_mission_s_newer_table_joins_what_it_lists_now(
    listed: OtherTable, fill: Fill, toi: pd.DataFrame
) -> None:
    own = OtherSignal.objects.get(listed_name="900000001.01", same_as=None)
    row = toi.iloc[[4]].assign(toi="5001.01", tid=900000001, ra=own.ra, dec=own.dec)
    fill(pd.concat([toi, row]), "TOI_2025.11.04.csv", Mission.TESS)
    own.refresh_from_db()
    assert own.same_as is not None
    assert own.same_as.name == "TOI-5001.01"
    assert own.scored_by is None  # what answered knows it by another name now
    # Listed no longer, it is the list's alone again.
    fill(toi, "TOI_2025.12.04.csv", Mission.TESS, sure=True)
    assert OtherSignal.objects.filter(pk=own.pk, same_as=None, disposition="").exists()


def test_a_list_moves_no_star(tess: CatalogueTable, join: Join, toi: pd.DataFrame) -> None:
    """A place between two of the missions' stars would make them one, if it were a mission's."""
    star = Star.objects.exclude(dec=None)[0]
    assert star.dec is not None
    near = Star.objects.create(name="near", slug="near", ra=star.ra, dec=star.dec + 8 / 3600)
    between = ctoi_rows(toi, range(1)).assign(RA=star.ra, Dec=star.dec + 4.5 / 3600)
    between["TIC ID"], between["CTOI"] = 900000009, "900000009.01"
    join(between)
    assert Star.objects.filter(pk__in=(star.pk, near.pk)).count() == 2
    assert OtherSignal.objects.get().star_id == near.pk


def test_nothing_learns_from_it_and_no_mission_has_it(
    listed: OtherTable, join: Join, toi: pd.DataFrame, ctoi: pd.DataFrame
) -> None:
    dataset = listed.dataset
    dataset.refresh_from_db()
    assert dataset.other_list == "CTOI"
    assert dataset not in Dataset.objects.usable()
    with pytest.raises(NotForCatalogue, match="never mixed"):
        charge_create(dataset=dataset, user=None)
    mission = Dataset.objects.exclude(pk=dataset.pk).get()
    with pytest.raises(NotForCatalogue, match="no other list"):
        other_charge_create(dataset=mission, described=CTOI, user=None)
    learnt = upload(ctoi.iloc[:3], "learnt.csv", Mission.TESS)
    run = TrainingRun.objects.create(created_at=learnt.created_at)
    run.datasets.add(learnt)
    with pytest.raises(NotForCatalogue, match="has learnt from"):
        other_charge_create(dataset=learnt, described=CTOI, user=None)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "TESS"}, "name"),
        ({"name": "<script>"}, "name"),
        ({"source": "javascript:alert(1)"}, "source"),
        ({"source": "exofop"}, "source"),
        ({"citation": ""}, "citation"),
        ({"mission": "Hubble"}, "mission"),
        ({"mission": "Kepler"}, "mission"),
    ],
)
def test_what_is_said_of_a_list_is_checked(
    db: None, ctoi: pd.DataFrame, wrong: dict[str, str], field: str
) -> None:
    dataset = upload(ctoi, "ctoi.csv", Mission.TESS)
    with pytest.raises(ListRefused) as refused:
        other_charge_create(dataset=dataset, described=replace(CTOI, **wrong), user=None)
    assert refused.value.field == field
    assert not OtherList.objects.exists()


@pytest.mark.parametrize(
    "written", ["10.26134/ExoFOP3", "doi:10.26134/ExoFOP3", "https://doi.org/10.26134/ExoFOP3"]
)
def test_a_doi_has_one_spelling(written: str) -> None:
    said = Described("CTOI", CTOI.source, written, "TESS").checked()
    assert said.citation == "doi:10.26134/ExoFOP3"
    assert OtherList(citation=said.citation).doi == "10.26134/ExoFOP3"


def test_a_survey_s_own_words_and_signals_without_names(db: None, join: Join) -> None:
    """No column names the signals, so that stars do; two of one star are told apart by number."""
    table = pd.DataFrame(
        {
            "TIC ID": [11, 11, 22],
            "Period (days)": [9.5, 3.25, 1.5],
            "Duration (hrs)": [3.0, 2.0, 1.5],
            "Depth ppm": [900.0, 400.0, 5000.0],
        }
    )
    own = Described("Our survey", "https://example.org/survey", "Someone et al. 2026", "TESS")
    join(table, "survey.csv", own)
    named = dict(OtherSignal.objects.values_list("name", "period"))
    assert named == {"TIC 11 (1)": 3.25, "TIC 11 (2)": 9.5, "TIC 22": 1.5}


def test_a_list_goes_with_all_that_was_made_of_it(listed: OtherTable, tess: CatalogueTable) -> None:
    dataset, stars = listed.dataset, Star.objects.count()
    before = of_missions()
    assert list_remove(whole=listed.list, user=None) == 6
    assert not OtherList.objects.exists()
    assert not OtherSignal.objects.exists()
    assert of_missions() == before
    assert Star.objects.count() == stars - 2
    assert not Name.objects.filter(name__contains="900000001").exists()
    dataset.refresh_from_db()
    assert dataset.other_list == ""
