"""Random tables with stated units, written in each format by its own library and read back: every
value is right to 1e-12, or the table is refused with a named error."""

from __future__ import annotations

import io
import json
import math
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from astropy import units as u
from astropy.table import MaskedColumn, Table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from training.ml.errors import TableError
from training.ml.schema import FEATURE_BY_NAME, NUMERIC_NAMES
from training.ml.tables.data_loader import read_signals

EXAMPLES = 8  # of each format
MANY_EXAMPLES = 100  # of each format: over a thousand in all

# Feature: units as files write them, with their worth in our unit, computed by astropy.
UNITS: dict[str, dict[str, float]] = {
    "orbital_period": {"d": 1, "h": 1 / 24, "min": 1 / 1440, "yr": 365.25},
    "transit_duration": {"h": 1, "d": 24, "min": 1 / 60, "s": 1 / 3600},
    "transit_depth": {"ppm": 1, "%": 1e4},
    "planet_radius": {
        "earthRad": 1,
        "jupiterRad": (u.jupiterRad / u.earthRad).to(""),
        "solRad": (u.solRad / u.earthRad).to(""),
    },
    "stellar_radius": {"solRad": 1, "km": (u.km / u.solRad).to("")},
    "stellar_teff": {"K": 1},
    "stellar_distance": {"pc": 1, "kpc": 1000, "lyr": u.lyr.to("pc")},
    "semi_major_axis": {"AU": 1, "solRad": u.solRad.to("AU")},
    "inclination": {"deg": 1, "rad": 180 / math.pi},
    "insolation": {"W/m2": 1 / 1361},
    "stellar_mass": {"solMass": 1},
}
RANGES = {
    name: (FEATURE_BY_NAME[name].low * 1.01, FEATURE_BY_NAME[name].high / 1.01) for name in UNITS
}
FILLERS = (9_999, 99_999, 999_999)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    names = draw(
        st.lists(st.sampled_from(sorted(UNITS)), min_size=1, max_size=6, unique=True).filter(
            lambda chosen: "orbital_period" in chosen or "transit_depth" in chosen
        )
    )
    count = draw(st.integers(1, 6))
    table = Table({"identifier": [f"S {i:03}.01" for i in range(count)]})
    table["mission"] = ["other"] * count
    for name in names:
        unit = draw(st.sampled_from(sorted(UNITS[name])))
        low, high = (bound / UNITS[name][unit] for bound in RANGES[name])
        number = st.one_of(
            st.floats(low, high, exclude_min=True, exclude_max=True),
            st.integers(math.ceil(low), min(math.floor(high), 10**6)).map(float)
            if math.ceil(low) <= min(math.floor(high), 10**6)
            else st.just(low + (high - low) / 3),
        ).filter(lambda value: value not in FILLERS)
        cells = draw(st.lists(st.one_of(number, st.none()), min_size=count, max_size=count))
        table[name] = MaskedColumn(
            [math.nan if cell is None else cell for cell in cells],
            mask=[cell is None for cell in cells],
            dtype=float,
        )
        table[name].unit = u.UnrecognizedUnit(unit)
    return table


def expected(table: Table) -> dict[str, list[float]]:
    return {
        name: [
            math.nan if np.ma.is_masked(cell) else float(cell) * UNITS[name][str(table[name].unit)]
            for cell in table[name]
        ]
        for name in table.colnames[2:]
    }


def by_astropy(table: Table, kind: str, **options: Any) -> bytes:
    buffer = io.StringIO() if kind.startswith("ascii") else io.BytesIO()
    table.write(buffer, format=kind, **options)
    value = buffer.getvalue()
    return value.encode() if isinstance(value, str) else value


def mrt(table: Table) -> bytes:
    """Written so that astropy loses nothing: a column without any number gets bytes in its
    description that its rows do not have, and one with some exponents the precision of those."""
    table = table.copy()
    for name in table.colnames[2:]:
        if np.all(np.ma.getmaskarray(table[name])):
            table[name] = MaskedColumn(["nan"] * len(table), unit=table[name].unit)
        elif any("e" in str(value) for value in table[name].compressed()):
            table[name].format = ".16e"
    return by_astropy(table, "ascii.mrt")


def cells_of(table: Table) -> list[list[Any]]:
    return [
        [
            None if np.ma.is_masked(cell) else cell.item() if hasattr(cell, "item") else str(cell)
            for cell in row
        ]
        for row in zip(*(table[name] for name in table.colnames), strict=True)
    ]


def bracketed(table: Table) -> pd.DataFrame:
    names = [
        f"{name} [{table[name].unit}]" if table[name].unit else name for name in table.colnames
    ]
    return pd.DataFrame(cells_of(table), columns=names)


def csv_with_unit_row(table: Table, separator: str) -> bytes:
    units = [str(table[name].unit or "") for name in table.colnames]
    lines = [table.colnames, units]
    for row in cells_of(table):
        lines.append(["" if c is None else c if isinstance(c, str) else repr(c) for c in row])
    return "\n".join(separator.join(line) for line in lines).encode()


def parquet(table: Table) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = cells_of(table)
    fields, columns = [], []
    for place, name in enumerate(table.colnames):
        array = pa.array([row[place] for row in rows])
        array = array.cast(pa.float64()) if pa.types.is_null(array.type) else array
        unit = table[name].unit
        metadata = {b"unit": str(unit).encode()} if unit else None
        fields.append(pa.field(name, array.type, metadata=metadata))
        columns.append(array)
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(columns, schema=pa.schema(fields)), buffer)
    return buffer.getvalue()


def excel(table: Table) -> bytes:
    buffer = io.BytesIO()
    bracketed(table).to_excel(buffer, index=False)
    return buffer.getvalue()


def records(table: Table) -> list[dict[str, Any]]:
    names = list(bracketed(table).columns)
    return [dict(zip(names, row, strict=True)) for row in cells_of(table)]


WRITERS = {
    "VOTable": lambda t: by_astropy(t, "votable"),
    "VOTable BINARY2": lambda t: by_astropy(t, "votable", tabledata_format="binary2"),
    "FITS": lambda t: by_astropy(t, "fits"),
    "ECSV": lambda t: by_astropy(t, "ascii.ecsv"),
    "IPAC": lambda t: by_astropy(t, "ascii.ipac"),
    "MRT": mrt,
    "Parquet": parquet,
    "CSV": lambda t: csv_with_unit_row(t, ","),
    "TSV": lambda t: csv_with_unit_row(t, "\t"),
    "Excel": excel,
    "JSON": lambda t: json.dumps(records(t)).encode(),
}


def check(name: str, table: Table) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        content = WRITERS[name](table)
        try:
            read = read_signals(io.BytesIO(content))
        except TableError:
            # Only a table that holds no number at all may be refused.
            assert all(math.isnan(v) for values in expected(table).values() for v in values)
            return
    usable = [row for row in range(len(table)) if read.row_signal[row] >= 0]
    assert read.signals.tolist() == [table["identifier"][row] for row in usable]
    for feature, values in expected(table).items():
        want = [values[row] for row in usable]
        np.testing.assert_allclose(read.frame[feature], want, rtol=1e-12, err_msg=feature)
    unsaid = [n for n in NUMERIC_NAMES if n.endswith("_error")]
    assert read.frame[unsaid].isna().all(axis=None)


def randomly(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )


@pytest.mark.parametrize("name", WRITERS)
@randomly(EXAMPLES)
@given(table=tables())
def test_a_random_table_comes_back_as_it_was_or_is_refused_by_name(name: str, table: Table):
    check(name, table)


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITERS)
@randomly(MANY_EXAMPLES)
@given(table=tables())
def test_a_thousand_random_tables_come_back_as_they_were(name: str, table: Table):
    check(name, table)
