"""Every kind of table that is known: read in its units, and read alike by its mapping sent back."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.special import chdtri

from tests.training.ml.tables.test_mapping_identity import assert_same
from training.ml.schema import FEATURES, LAYOUTS, Combine, Mission, source_of
from training.ml.tables.data_loader import open_table, read_signals
from training.ml.tables.layouts.all import KNOWN_TABLES
from training.ml.tables.layouts.known import From, KnownTable
from training.ml.tables.mapping import ColumnMapping
from training.ml.tables.preview import preview_table
from training.ml.tables.units import CHI_SQUARE, FLUX_OR_DEPTH, UNITS

ROWS = 9
KEYS = [table.layout.key for table in KNOWN_TABLES] + ["exofop", "own"]
Table = dict[str, Any]


def quantities() -> dict[str, NDArray[np.float64]]:
    """Signals in our units, each value possible."""
    rng = np.random.default_rng(3)
    values = {}
    for feature in FEATURES:
        if feature.is_categorical:
            continue
        low = max(feature.low, 0.0)
        wide = min(feature.high - low, 40.0)
        drawn = low + rng.uniform(wide / 4, 3 * wide / 4, ROWS)
        values[feature.name] = np.ceil(drawn) if feature.integer else drawn
    depth = rng.uniform(500, 9_000, ROWS)
    period = rng.uniform(2, 20, ROWS)
    star = np.ones(ROWS)
    return values | {
        "orbital_period": period,
        "transit_duration": 1.5 * np.cbrt(period),
        "transit_depth": depth,
        "stellar_radius": star,
        "stellar_logg": 4.4 * star,
        "stellar_teff": 5_700 * star,
        "planet_radius": 109.076 * np.sqrt(depth * 1e-6),
    }


def as_written(place: From, feature: str, ours: NDArray[np.float64]) -> Table:
    """The columns of a place that hold ``ours``."""
    unit = next((unit for unit in UNITS[feature] if unit.name == place.unit), UNITS[feature][0])
    if unit.name == FLUX_OR_DEPTH and not feature.endswith("_error"):
        given = 1 - ours * 1e-6
    elif unit.name == CHI_SQUARE:
        given = chdtri(1, ours)
    else:
        given = ours / unit.factor
    match place.combine:
        case Combine.HYPOT:
            parts = [0.6 * given, -0.8 * given]
        case Combine.DIFFERENCE:
            parts = [10 + given, np.full(ROWS, 10.0)]
        case Combine.MEAN_ABS if len(place.columns) == 2:
            parts = [given, -given]
        case _:
            parts = [given]
    return dict(zip(place.columns, parts, strict=True))


def places_of(key: str) -> dict[str, From]:
    known = {table.layout.key: table for table in KNOWN_TABLES}.get(key)
    if known:
        return {name: places[0] for name, places in known.places.items() if places}
    found = {}
    for feature in FEATURES:
        source = None if feature.is_categorical else source_of(feature, key)
        if source:
            units = UNITS[feature.name]
            unit = next((unit for unit in units if unit.factor == source.factor), units[0])
            found[feature.name] = From(source.columns, unit.name, source.combine)
    return found


def texts_of(key: str) -> Table:
    stars = [259377017 + 1000 * row for row in range(ROWS)]
    known = {table.layout.key: table for table in KNOWN_TABLES}.get(key)
    if known is None:
        layout = LAYOUTS[key]
        texts: Table = {
            layout.signal_column: [f"{star}.01" for star in stars],
            layout.star_column: stars,
            layout.disposition_column: ["CONFIRMED"] * ROWS,
        }
        return texts | ({"mission": ["TESS"] * ROWS} if key == "own" else {})
    return known_texts(known, stars)


def known_texts(known: KnownTable, stars: list[int]) -> Table:
    first = {
        known.star: stars,
        known.signal: [f"{star}01" for star in stars],
        known.suffix: [1] * ROWS,
        known.disposition: ["PC"] * ROWS,
        known.mission: ["TESS"] * ROWS,
        known.method: ["Transit"] * ROWS,
        known.epoch: [(known.layout.epoch_zero and 1_500.5) or 2_458_500.5] * ROWS,
        known.ra: [100.0 + row for row in range(ROWS)],
        known.dec: [-50.0 + row for row in range(ROWS)],
    }
    return {names[0]: cells for names, cells in first.items() if names}


def content_of(key: str) -> tuple[bytes, dict[str, NDArray[np.float64]]]:
    ours, table, written = quantities(), texts_of(key), {}
    for name, place in places_of(key).items():
        if not set(place.columns) & table.keys():
            table |= as_written(place, name, ours[name])
            written[name] = ours[name]
    known = {k.layout.key: k for k in KNOWN_TABLES}.get(key)
    for names in known.marks if known else ():
        if not set(names) & table.keys():
            table[names[0]] = [7.5] * ROWS
    return pd.DataFrame(table).to_csv(index=False).encode(), written


def sent_back(mapping: ColumnMapping) -> ColumnMapping:
    return ColumnMapping.from_json(json.loads(json.dumps(mapping.as_json(), sort_keys=True)))


def mission_of(content: bytes) -> Mission | None:
    """Given where nothing in the table tells it."""
    preview = preview_table(io.BytesIO(content))
    return None if preview.recognised else Mission.TESS


@pytest.mark.parametrize("key", KEYS)
def test_its_own_columns_are_read_in_their_units(key: str) -> None:
    content, written = content_of(key)
    table = read_signals(io.BytesIO(content), mission=mission_of(content))
    assert table.layout.key == key
    assert {"orbital_period", "transit_depth"} <= written.keys() or key == "exoplanet-eu"
    for name, values in written.items():
        np.testing.assert_allclose(table.frame[name], values, rtol=1e-9, err_msg=name)


@pytest.mark.parametrize("key", KEYS)
def test_its_mapping_sent_back_reads_it_alike(key: str) -> None:
    content, _ = content_of(key)
    mission = mission_of(content)
    mapping = sent_back(preview_table(io.BytesIO(content), mission=mission).mapping)
    plan = open_table(io.BytesIO(content), mission=mission).plan
    assert plan == open_table(io.BytesIO(content), mapping=mapping).plan
    assert_same(
        read_signals(io.BytesIO(content), mission=mission),
        read_signals(io.BytesIO(content), mapping=mapping),
    )


@pytest.mark.parametrize("key", KEYS)
def test_another_unit_changes_that_input_alone(key: str) -> None:
    content, _ = content_of(key)
    mapping = preview_table(io.BytesIO(content), mission=mission_of(content)).mapping
    was = read_signals(io.BytesIO(content), mapping=mapping).frame
    tried = 0
    for name, (column, unit) in mapping.features.items():
        others = [o.name for o in UNITS[name] if o.name != unit and not o.conversion]
        shared = [f for f, (c, _) in mapping.features.items() if c == column]
        if not others or len(shared) > 1:
            continue
        tried += 1
        changed = replace(mapping, features={**mapping.features, name: (column, others[0])})
        now = read_signals(io.BytesIO(content), mapping=changed).frame
        derived = {"transit_depth", "transit_duration"} - mapping.features.keys()
        differ = {str(c) for c in was.columns if not was[c].equals(now[c])} - derived
        if name == "orbital_period":
            differ -= {"signal_count", "sibling_period_ratio"}  # counted by periods
        assert differ == {name}, (name, others[0])
    assert tried >= 2


def test_odd_and_even_depths_of_events_are_compared_as_in_the_koi_table() -> None:
    """A χ² of 9 is three sigma: 0.27 % by chance."""
    rows = "kepid,tce_plnt_num,tce_period,tce_duration,tce_depth,tce_bin_oedp_stat\n"
    rows += "757099,1,0.36,2.1,8000,9.0\n757280,1,82.7,7.2,700,0.0\n757450,1,8.88,2.1,15000,-1\n"
    frame = read_signals(io.BytesIO(rows.encode())).frame
    np.testing.assert_allclose(frame["odd_even_significance"], [0.0026998, 1.0, np.nan], rtol=1e-4)


def test_siblings_within_a_list_of_events_are_distinct_periods_only() -> None:
    """Pipelines find one signal again and again, at its period and with another number."""
    rows = "kepid,tce_plnt_num,tce_period,tce_period_err,tce_duration,tce_depth\n"
    for number, period in enumerate([9.48804, 54.41838, 9.48810, 54.4180, 9.48790], 1):
        rows += f"10797460,{number},{period},0.0002,2.9,{600 + number}\n"
    rows += "6922244,1,3.52250,0.00001,3.2,9145\n"
    table = read_signals(io.BytesIO(rows.encode()))
    assert table.frame["signal_count"].tolist() == [2, 2, 2, 2, 2, 1]
    np.testing.assert_allclose(
        table.frame["sibling_period_ratio"][:5], 54.41838 / 9.48804, rtol=1e-3
    )
