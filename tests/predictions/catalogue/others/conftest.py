"""A list of community candidates in ExoFOP's columns, over a small table of TESS's."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from predictions.catalogue.models import CatalogueTable
from predictions.catalogue.others.models import OtherTable
from predictions.catalogue.others.services import (
    Described,
    other_charge_create,
    other_table_execute,
)
from predictions.catalogue.scoring import scores_make
from tests.predictions.catalogue.conftest import Fill, upload
from tests.simulator import simulate
from training.ml.schema import Mission

CTOI = Described("CTOI", "https://exofop.ipac.caltech.edu/tess/", "10.26134/ExoFOP3", "TESS")
Join = Callable[..., OtherTable]


@pytest.fixture
def toi() -> pd.DataFrame:
    return simulate(Mission.TESS, 40, 5)


def ctoi_rows(toi: pd.DataFrame, rows: range) -> pd.DataFrame:
    """The same stars and transits as community candidates call them."""
    some = toi.iloc[list(rows)]
    return pd.DataFrame(
        {
            "TIC ID": some["tid"].astype(int),
            "CTOI": [f"{int(tic)}.01" for tic in some["tid"]],
            "RA": some["ra"],
            "Dec": some["dec"],
            "TESS Mag": some["st_tmag"],
            "Transit Epoch (BJD)": [2_459_000.5 + at for at in rows],
            "Period (days)": some["pl_orbper"],
            "Duration (hrs)": some["pl_trandurh"],
            "Depth ppm": some["pl_trandep"],
            "Planet Radius (R_Earth)": some["pl_rade"],
            "Stellar Eff Temp (K)": some["st_teff"],
            "Stellar Radius (R_Sun)": some["st_rad"],
            "TFOPWG Disposition": "",
            "User Disposition": "PC",
        }
    )


@pytest.fixture
def ctoi(toi: pd.DataFrame) -> pd.DataFrame:
    """Six candidates: four that TESS's table has, two on stars of their own."""
    table = ctoi_rows(toi, range(6)).reset_index(drop=True)
    own = pd.Index([4, 5])
    table.loc[own, "TIC ID"] = [900000001, 900000002]
    table.loc[own, "CTOI"] = ["900000001.01", "900000002.01"]
    table.loc[own, ["RA", "Dec"]] = [[10.25, -70.5], [11.25, -71.5]]
    table.loc[0, "User Disposition"] = "FP"
    table.loc[own, "User Disposition"] = ["PC", "FP"]
    return table


@pytest.fixture
def join(db: None) -> Join:
    """`join(frame, "ctoi_2025-10-04.csv")`: in charge at once, as by the command."""

    def put(
        table: pd.DataFrame,
        name: str = "ctoi_2025-10-04.csv",
        described: Described = CTOI,
        *,
        sure: bool = False,
    ) -> OtherTable:
        dataset = upload(table, name, Mission(described.mission))
        made = other_charge_create(dataset=dataset, described=described, user=None, sure=sure)
        other_table_execute(made.pk)
        made.refresh_from_db()
        assert made.status == OtherTable.Status.READY, made.reason
        return made

    return put


@pytest.fixture
def tess(fill: Fill, toi: pd.DataFrame) -> CatalogueTable:
    return fill(toi, "TOI_2025.10.04.csv", Mission.TESS)


@pytest.fixture
def listed(tess: CatalogueTable, join: Join, ctoi: pd.DataFrame) -> OtherTable:
    table = join(ctoi)
    scores_make()
    return table
