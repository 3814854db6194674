"""A small catalogue: simulated tables, put in charge."""

from __future__ import annotations

import io
from collections.abc import Callable

import pandas as pd
import pytest

from predictions.catalogue import finding
from predictions.catalogue.models import CatalogueTable
from predictions.catalogue.scoring import scores_make
from predictions.catalogue.services import charge_create, table_execute
from tests.simulator import simulate
from training.datasets.models import Dataset
from training.datasets.services import dataset_upload
from training.ml.schema import Mission

Fill = Callable[..., CatalogueTable]


def upload(table: pd.DataFrame, name: str, mission: Mission) -> Dataset:
    file = io.BytesIO(table.to_csv(index=False).encode())
    return dataset_upload(file=file, name=name, mission=mission).dataset


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Numbers of tables begin anew with each test's database; on a site they do not."""
    finding._index.cache_clear()


@pytest.fixture
def fill(db: None) -> Fill:
    """`fill(frame, "koi_2025.10.04.csv", Mission.KEPLER)`: in charge at once, as by the command."""

    def put(
        table: pd.DataFrame,
        name: str = "koi_2025.10.04.csv",
        mission: Mission = Mission.KEPLER,
        *,
        sure: bool = False,
    ) -> CatalogueTable:
        dataset = upload(table, name, mission)
        made = charge_create(dataset=dataset, user=None, sure=sure)
        table_execute(made.pk)
        made.refresh_from_db()
        assert made.status == CatalogueTable.Status.READY, made.reason
        return made

    return put


@pytest.fixture
def koi() -> pd.DataFrame:
    return simulate(Mission.KEPLER, 60, 3)


@pytest.fixture
def catalogue(fill: Fill, koi: pd.DataFrame) -> CatalogueTable:
    """Sixty Kepler signals with the scores of the version in service."""
    table = fill(koi)
    assert scores_make() == len(koi)
    return table
