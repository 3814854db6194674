"""The metrics page of a classifier that was really trained, judged over seeds and in time: nothing
is made up here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page, expect

from predictions.metrics.pages import MetricsPage
from tests.simulator import simulate, write_csv
from training.ml.evaluation import protocol
from training.ml.evaluation.backtest import backtest
from training.ml.fitting.parameters import Parameters
from training.ml.fitting.training_set import TrainingSet, gather
from training.ml.given import Regime
from training.ml.schema import Mission
from training.ml.tables.data_loader import read_signals
from training.ml.tables.signal_table import SignalTable
from training.ml.train import train
from training.models import ModelVersion

TINY = Parameters(leaves=7).at_most(4)


@pytest.fixture(scope="module")
def few_bootstraps() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(protocol, "BOOTSTRAPS", 5)
        yield


@pytest.fixture(scope="module")
def metadata(tmp_path_factory: pytest.TempPathFactory, few_bootstraps: None) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("tables")
    tables = [
        read_signals(write_csv(simulate(mission, 220, seed), folder / f"{mission}.csv"))
        for seed, mission in enumerate((Mission.KEPLER, Mission.TESS))
    ]
    return {
        **train(tables, seed=0, parameters=TINY, threads=1).metadata,
        "evaluation": over_seeds(gather(tables)),
        "backtests": {
            "TESS": {
                **looking_back(tables),
                "then": {"date": "2021-12-12"},
                "now": {"date": "2025-10-04"},
            }
        },
    }


def over_seeds(signals: TrainingSet) -> dict[str, Any]:
    """Part of what `evaluate_procedure` measures: all of it would train for a minute."""
    runs = [protocol.evaluate_seed(signals, TINY, seed=0, threads=1)]
    return {
        "seeds": [0],
        "signals": len(signals),
        "figures": protocol._over_seeds(runs),
        "specialists": {
            regime: protocol.auc_by_mission(signals, np.zeros((len(signals), 3)))
            for regime in Regime
        },
        "transfer": protocol.leave_one_mission_out(signals, TINY, seed=0, threads=1),
    }


def looking_back(tables: Sequence[SignalTable]) -> dict[str, Any]:
    kepler, now = tables
    words = now.dispositions.copy()
    words.iloc[np.flatnonzero((words != "CANDIDATE").to_numpy())[:60]] = "CANDIDATE"
    return backtest(replace(now, dispositions=words), now, [kepler], parameters=TINY)


@pytest.fixture
def version(metadata: dict[str, Any], db: None) -> ModelVersion:
    version = ModelVersion.objects.active()
    version.metadata = metadata
    version.save()
    return version


def test_every_section_is_there_and_nothing_is_unknown(
    member_client: Client, version: ModelVersion
) -> None:
    html = member_client.get("/model/").content.decode()
    for key in (
        "figures",
        "prospective",
        "pooled",
        "kepler",
        "tess",
        "sets",
        "absent",
        "importance",
        "seeds",
        "test",
    ):
        assert f'id="{key}"' in html
    assert 'id="k2"' not in html
    assert "nan" not in html.replace("nano", "").replace("governance", "")
    assert "not known" not in html.split('id="prospective"')[1].split('id="subsets"')[0]
    accuracy = version.metadata["evaluation"]["figures"]["six"]["TESS"]["accuracy"]
    assert (
        f'{accuracy["mean"]:.3f} <span class="muted small">± {accuracy["std"]:.3f}</span>' in html
    )
    assert "60 signals that were open in 2021-12-12 had been decided by 2025-10-04" in html


def test_each_plot_is_drawn(member_client: Client, version: ModelVersion) -> None:
    for plot in ("reliability-pooled", "reliability-kepler", "reliability-tess", "importance"):
        assert member_client.get(f"/model/{version.name}/{plot}.svg").content.count(b"<path") > 5
    assert member_client.get(f"/model/{version.name}/reliability-k2.svg").status_code == 404


def test_programs_get_all_of_it(member_client: Client, version: ModelVersion) -> None:
    body = member_client.get("/model/metrics").json()
    assert body["evaluation"] == version.metadata["evaluation"]
    assert body["backtests"] == version.metadata["backtests"]


def test_the_seed_rows_hold_each_mission_and_set_of_inputs_once(metadata: dict[str, Any]) -> None:
    rows = MetricsPage(metadata, {}).seed_rows
    assert len({(row.mission, row.words) for row in rows}) == len(rows) == 9
    assert all(
        mean is not None and deviation is not None
        for row in rows
        for mean, deviation in row.figures
    )
    assert all(row.specialist is not None for row in rows)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_plots_follow_the_colour_switch(
    page: Page, sign_in: Callable[[User], None], member: User
) -> None:
    page.emulate_media(color_scheme="light")
    sign_in(member)
    page.goto("/model/")
    light, dark = page.locator("img.scheme-light").first, page.locator("img.scheme-dark").first
    expect(light).to_be_visible()
    expect(dark).to_be_hidden()
    page.get_by_role("button", name="Dark").click()
    expect(dark).to_be_visible()
    expect(light).to_be_hidden()
    dark.scroll_into_view_if_needed()
    expect(dark).to_have_js_property("complete", True)
    assert dark.evaluate("image => image.naturalWidth") > 0
    page.wait_for_load_state("networkidle")
