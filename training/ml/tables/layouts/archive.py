"""The archive's tables of planets of all missions, ps and pscomppars: named and measured as in the
K2 table, with the observatory of the discovery in each row."""

from __future__ import annotations

from typing import Final

from training.ml.schema import FEATURES, Combine, Source, source_of
from training.ml.tables.layouts.known import From, KnownTable, layout
from training.ml.tables.units import UNITS

PLANETS_LAYOUT: Final = layout("ps", "planets of all missions (ps or pscomppars)", None)


def _from(name: str, source: Source) -> From:
    unit = next((unit for unit in UNITS[name] if unit.factor == source.factor), UNITS[name][0])
    return From(source.columns, unit.name, source.combine)


PLANETS: Final = KnownTable(
    PLANETS_LAYOUT,
    marks=(("pl_name",), ("pl_orbper",)),
    signal=("pl_name",),
    star=("hostname", "pl_hostname"),
    mission=("disc_facility", "pl_facility"),
    method=("discoverymethod", "pl_discmethod"),
    transit_flag=("tran_flag", "pl_tranflag"),
    epoch=("pl_tranmid",),
    bands={"sy_gaiamag": "G"},
    places={
        feature.name: (
            _from(feature.name, source),
            *(
                (From(source.columns[:1], _from(feature.name, source).unit, Combine.MEAN_ABS),)
                if source.combine is Combine.MEAN_ABS
                else ()
            ),
        )
        for feature in FEATURES
        if not feature.is_categorical and (source := source_of(feature, "k2")) is not None
    },
)
