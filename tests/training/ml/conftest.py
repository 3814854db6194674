"""A tiny classifier that is really trained, on simulated tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.simulator import simulate, write_csv
from training.ml.artifact import CLASSIFIER_FILE, METADATA_FILE, sign
from training.ml.fitting import bundled
from training.ml.fitting.parameters import Parameters
from training.ml.given import FULL_NAMES
from training.ml.model import ExoplanetClassifier
from training.ml.schema import FEATURE_BY_NAME, Mission
from training.ml.tables.data_loader import read_signals
from training.ml.tables.signal_table import SignalTable
from training.ml.train import train

TINY = Parameters(planet_rounds=6, rounds=8, open_rounds=4, open_seeds=2, full_rounds=8, leaves=7)
SIGNALS = {Mission.KEPLER: 260, Mission.TESS: 240, Mission.K2: 200}


def complete(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with all that Kepler's table says of its signals: the simulated one says less."""
    generator, filled = np.random.default_rng(0), frame.copy()
    kepler = frame["mission"] == Mission.KEPLER
    for name in FULL_NAMES:
        missing = (kepler & frame[name].isna()).to_numpy()
        feature = FEATURE_BY_NAME[name]
        drawn = generator.lognormal(0, 1, missing.sum()).clip(feature.low, feature.high)
        filled.loc[missing, name] = drawn.round() if feature.integer else drawn
    return filled


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
    folder.mkdir()
    for name, content in tiny_classifier.pack(b"k" * 32).items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="session")
def bundled_classifier() -> ExoplanetClassifier:
    folder = Path(bundled.__file__).parent
    files = {name: (folder / name).read_bytes() for name in (CLASSIFIER_FILE, METADATA_FILE)}
    return ExoplanetClassifier.unpack(sign(files, b"k" * 32), b"k" * 32)
