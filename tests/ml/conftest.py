"""A tiny classifier that is really trained, on simulated tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.simulator import simulate, write_csv
from training.ml.data_loader import read_signals
from training.ml.model import ExoplanetClassifier
from training.ml.preprocess import Parameters
from training.ml.schema import Mission
from training.ml.signal_table import SignalTable
from training.ml.train import train

TINY = Parameters(rounds=12, leaves=7)
SIGNALS = {Mission.KEPLER: 260, Mission.TESS: 240, Mission.K2: 200}


@pytest.fixture(scope="session")
def simulated_tables(tmp_path_factory: pytest.TempPathFactory) -> Sequence[SignalTable]:
    folder = tmp_path_factory.mktemp("simulated")
    return [
        read_signals(write_csv(simulate(mission, count, seed=1), folder / f"{mission}.csv"))
        for mission, count in SIGNALS.items()
    ]


@pytest.fixture(scope="session")
def tiny_classifier(simulated_tables: Sequence[SignalTable]) -> ExoplanetClassifier:
    return train(simulated_tables, seed=3, parameters=TINY, threads=1)


@pytest.fixture
def artifact(tiny_classifier: ExoplanetClassifier, tmp_path: Path) -> Path:
    folder = tmp_path / "artifact"
    tiny_classifier.save(folder, b"k" * 32)
    return folder
