"""Scores as they stood before a decision, kept and judged by it; none made after counts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from django.test import Client

from predictions.catalogue import tasks
from predictions.catalogue.foresight.models import Foresight, ProspectiveCard
from predictions.catalogue.foresight.services import (
    cards_are_stale,
    cards_update,
    decisions_since,
    figures_by_mission,
    known_until,
)
from predictions.catalogue.models import CatalogueTable, Score, Signal
from predictions.catalogue.scoring import scores_make
from tests.predictions.catalogue.conftest import Fill
from tests.simulator import simulate
from training.ml.answers import HeldOut
from training.ml.errors import HistoryIsKept
from training.ml.schema import Mission
from training.ml.simulation.tables import INVENTED
from training.models import ModelVersion

pytestmark = pytest.mark.django_db
AFTER = "koi_2026.11.04.csv"  # than the tables of the bundled version


@pytest.fixture
def koi() -> pd.DataFrame:
    """Under numbers that nothing has learnt from."""
    return simulate(Mission.KEPLER, 60, 3, numbers=INVENTED)


@pytest.fixture
def decided(catalogue: CatalogueTable, fill: Fill, koi: pd.DataFrame) -> pd.DataFrame:
    """All open signals of the catalogue, decided by a younger table with other numbers: every
    second one is a planet."""
    newer = koi.copy()
    rows = newer.index[newer["koi_disposition"] == "CANDIDATE"]
    assert len(rows) >= 4
    newer.loc[rows[::2], "koi_disposition"] = "CONFIRMED"
    newer.loc[rows[1::2], "koi_disposition"] = "FALSE POSITIVE"
    newer.loc[rows, "koi_depth"] = 40_000.0
    fill(newer, AFTER)
    return newer.loc[rows]


def test_what_was_said_before_is_kept_when_the_signal_is_scored_anew(
    catalogue: CatalogueTable, fill: Fill, koi: pd.DataFrame, decided: pd.DataFrame
) -> None:
    before = {said.change.signal_id: said for said in Foresight.objects.all()}
    assert len(before) == len(decided)
    scores = dict(Score.objects.values_list("signal_id", "planet_score"))
    assert {signal: said.planet_score for signal, said in before.items()} == {
        signal: scores[signal] for signal in before
    }
    assert scores_make() == len(koi)
    after = Score.objects.filter(signal__in=before)
    assert any(score.planet_score != before[score.signal_id].planet_score for score in after)
    assert all(score.made_at > before[score.signal_id].made_at for score in after)
    assert [said.planet_score for said in Foresight.objects.order_by("pk")] == [
        said.planet_score for said in before.values()
    ]


def test_the_figures_are_those_of_the_scores_before(decided: pd.DataFrame) -> None:
    version = ModelVersion.objects.active()
    kept = Foresight.objects.select_related("change__signal")
    said = {one.change.signal.listed_name: one for one in kept}
    truth = decided.set_index("kepoi_name")["koi_disposition"]
    scores_make()
    found = figures_by_mission(decisions_since(version))
    assert set(found) == {"pooled", "Kepler"}
    figures = found["Kepler"]
    became_of = {str(name): str(became) for name, became in truth.items()}
    score = {name: float(one.planet_score or 0) for name, one in said.items()}
    right = [(score[name] >= 0.5) == (became == "CONFIRMED") for name, became in became_of.items()]
    held = [became in said[name].set_members for name, became in became_of.items()]
    pairs = [
        (score[a] > score[b]) + 0.5 * (score[a] == score[b])
        for a in truth.index[truth == "CONFIRMED"]
        for b in truth.index[truth == "FALSE POSITIVE"]
    ]
    assert figures["decided"] == len(truth) == figures["confirmed"] + figures["false_positive"]
    assert figures["accuracy"] == pytest.approx(sum(right) / len(right))
    assert figures["coverage"] == pytest.approx(sum(held) / len(held))
    assert figures["roc_auc"] == pytest.approx(sum(pairs) / len(pairs))
    low, high = figures["roc_auc_interval"]
    assert low <= (figures["roc_auc"] or 0) <= high
    assert (figures["since"], figures["until"]) == ("2026-11-04", "2026-11-04")


def test_what_the_version_may_have_known_does_not_count(
    catalogue: CatalogueTable, fill: Fill, koi: pd.DataFrame
) -> None:
    newer = koi.replace({"koi_disposition": {"CANDIDATE": "CONFIRMED"}})
    fill(newer, "koi_2025.10.04.csv", sure=True)  # the day of the version's own table
    assert Foresight.objects.exists()
    assert decisions_since(ModelVersion.objects.active()) == []


def test_what_it_had_learnt_as_decided_does_not_count(
    decided: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A catalogue that was behind hears late of what its version knew."""
    version = ModelVersion.objects.active()
    learnt = {name: number for number, name in enumerate(decided["kepoi_name"].iloc[:3])}

    def learnt_as(self: HeldOut, names: pd.Series[str]) -> npt.NDArray[np.int8]:
        short = names.str.removeprefix("Kepler ")
        return np.array([learnt.get(name, -1) for name in short], dtype=np.int8)

    monkeypatch.setattr(HeldOut, "learnt_as", learnt_as)
    counted = {one.said.change.signal.listed_name for one in decisions_since(version)}
    open_then = decided["kepoi_name"].iloc[1]  # learnt as CANDIDATE, the second of the three
    assert counted == {open_then, *decided["kepoi_name"].iloc[3:]}


@pytest.mark.shared_data
def test_what_the_bundled_version_knew_is_found_by_name(shared_data: Path) -> None:
    file = shared_data / "archive/TOI_2025.10.04.csv"
    table = pd.read_csv(file, comment="#", dtype=str).head(300)
    names = "TESS " + table["toi"]
    learnt = ModelVersion.objects.active().classifier.held_out.learnt_as(names)
    assert (learnt >= 0).mean() > 0.99
    of = {"CP": 0, "KP": 0, "PC": 1, "APC": 1, "FP": 2, "FA": 2}
    said = table["tfopwg_disp"].map(of)
    assert (learnt == said.fillna(-1)).mean() > 0.98


def test_what_is_open_again_or_was_decided_otherwise(
    fill: Fill, koi: pd.DataFrame, decided: pd.DataFrame
) -> None:
    version = ModelVersion.objects.active()
    first, second = decided["kepoi_name"].iloc[:2]
    newest = koi.set_index("kepoi_name")
    newest.loc[decided["kepoi_name"], "koi_disposition"] = "CONFIRMED"
    newest.loc[first, "koi_disposition"] = "CANDIDATE"
    fill(newest.reset_index(), "koi_2026.12.04.csv")
    became = {one.said.change.signal.listed_name: one.became for one in decisions_since(version)}
    assert first not in became
    assert became[second] == "CONFIRMED"
    assert len(became) == len(decided) - 1


def test_a_signal_without_a_score_has_no_foresight(fill: Fill, koi: pd.DataFrame) -> None:
    fill(koi)
    fill(koi.replace({"koi_disposition": {"CANDIDATE": "CONFIRMED"}}), AFTER)
    assert not Foresight.objects.exists()


def test_it_is_never_rewritten(decided: pd.DataFrame) -> None:
    with pytest.raises(HistoryIsKept):
        Foresight.objects.update(planet_score=1.0)


@pytest.mark.parametrize(
    ("tables", "day"),
    [
        ([{"mission": "Kepler", "date": "2025-10-04"}], date(2025, 10, 4)),
        ([{"mission": "Kepler", "date": "2025-10"}], date(2025, 10, 31)),
        ([{"mission": "TESS", "date": "2025-10-01"}], date(2025, 10, 1)),
        (
            [{"mission": "Kepler", "date": d} for d in ("2024-01-01", "2025-02-03")],
            date(2025, 2, 3),
        ),
        ([{"mission": "Kepler", "date": ""}], None),
        ([], None),
    ],
)
def test_until_when_a_version_may_know_decisions(
    tables: list[dict[str, str]], day: date | None
) -> None:
    version = ModelVersion.objects.active()
    version.metadata["tables"] = tables
    assert known_until(version, "Kepler") == (day or version.created_at.date())


def test_the_page_and_programs_say_none_yet(
    catalogue: CatalogueTable, member_client: Client
) -> None:
    assert "None yet: no signal" in member_client.get("/model/").content.decode()
    told = member_client.get("/api/v1/model/metrics").json()["prospective"]
    assert told["missions"] == {}
    assert told["sentence"].startswith("None yet")


def test_the_page_and_programs_grow_with_a_table(
    decided: pd.DataFrame, member_client: Client
) -> None:
    assert cards_are_stale()
    assert cards_update() == 1
    assert not cards_are_stale()
    assert cards_update() == 0
    page = member_client.get("/model/").content.decode()
    sentence = f"{len(decided)} signals on"
    assert sentence in page
    assert "Coverage of the sets" in page
    told = member_client.get("/api/v1/model/metrics").json()["prospective"]
    assert told["missions"]["Kepler"]["decided"] == len(decided)
    assert sentence in told["sentence"]


def test_the_worker_counts_after_a_table(
    catalogue: CatalogueTable, fill: Fill, koi: pd.DataFrame
) -> None:
    newer = koi.replace({"koi_disposition": {"CANDIDATE": "FALSE POSITIVE"}})
    table = fill(newer, AFTER)
    tasks.fill_table(table.pk)  # delivered once more
    card = ProspectiveCard.objects.get()
    assert card.state == table.pk
    assert card.missions["pooled"]["roc_auc"] is None, "all went one way"
    assert card.missions["pooled"]["roc_auc_interval"] == []
    assert Signal.objects.waiting_for(ModelVersion.objects.active()).count() == 0
