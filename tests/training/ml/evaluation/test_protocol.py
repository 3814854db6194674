from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from tests.training.ml.conftest import TINY
from training.ml.evaluation import protocol
from training.ml.evaluation.backtest import NothingDecided, backtest, decided_later
from training.ml.evaluation.model_card import render
from training.ml.fitting.parameters import Parameters
from training.ml.fitting.training_set import gather
from training.ml.schema import NUMERIC_NAMES
from training.ml.tables.signal_table import SignalTable
from training.ml.train import train


def test_gaps_are_swapped_within_mission_and_values_stay(
    simulated_tables: Sequence[SignalTable],
) -> None:
    signals = gather(simulated_tables)
    before = signals.frame[list(NUMERIC_NAMES)]
    for other in (False, True):
        after = protocol.swap_gaps(signals, other=other, seed=0)[list(NUMERIC_NAMES)]
        kept = after.notna()
        assert (before.to_numpy()[kept] == after.to_numpy()[kept]).all()
        assert kept.to_numpy().sum() < before.notna().to_numpy().sum()


def test_the_evaluation_names_every_figure_and_the_card_prints_them(
    simulated_tables: Sequence[SignalTable], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "BOOTSTRAPS", 20)  # enough for an interval that need not be exact
    parameters = replace(TINY, rounds=4)
    figures = protocol.evaluate_procedure(
        gather(simulated_tables), parameters, seeds=[0, 1], threads=1, report=lambda words: None
    )
    assert set(figures["figures"]) == {"all", "default", "six"}
    assert set(figures["figures"]["all"]) == {"pooled", "Kepler", "TESS", "K2"}
    assert figures["figures"]["all"]["Kepler"]["accuracy"]["std"] >= 0
    assert set(figures["transfer"]) >= {"Kepler → TESS", "Kepler + TESS → K2"}
    assert set(figures["ablation"]) == {"smote", "weights", "none"}
    metadata = train(simulated_tables, seed=0, parameters=parameters, threads=1).metadata
    card = render({**metadata, "evaluation": figures})
    assert f"{figures['figures']['all']['Kepler']['accuracy']['mean']:.4f}" in card
    assert "Kepler + TESS → K2" in card and "nan" not in card


def test_only_open_signals_that_were_decided_since_are_scored(
    simulated_tables: Sequence[SignalTable],
) -> None:
    now = simulated_tables[0]
    then_words = now.dispositions.copy()
    turned = np.flatnonzero((now.dispositions != "CANDIDATE").to_numpy())[:30]
    then_words.iloc[turned] = "CANDIDATE"
    then = replace(now, dispositions=then_words)
    outcome = decided_later(then, now)
    assert sorted(np.flatnonzero(outcome >= 0)) == sorted(turned)
    result = backtest(
        then, now, simulated_tables[1:], parameters=Parameters(planet_rounds=3, rounds=5, leaves=7)
    )
    assert result["decided"] == 30 == result["confirmed"] + result["false_positive"]
    assert 0 <= result["roc_auc_interval"][0] <= result["roc_auc_interval"][1] <= 1
    with pytest.raises(NothingDecided):
        backtest(now, now)
