"""From the file of a dataset to what the catalogue keeps of each of its signals."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from training.datasets.models import Dataset
from training.datasets.services import dataset_content, limits
from training.ml.libraries import pandas as pd
from training.ml.schema import EPOCH_ZERO, NUMERIC_NAMES, Mission
from training.ml.signal_rows import TEXT_NAMES
from training.ml.sky.names import signal_name
from training.ml.tables.data_loader import ColumnMapping, TableReader, open_table
from training.ml.tables.signal_table import SignalTable


@dataclass(frozen=True)
class Extra:
    """Columns of the archive that are no inputs and that the catalogue keeps. ``else_words``: where
    the word stands in rows that leave its own column empty."""

    names: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    word: str = ""
    else_words: tuple[str, ...] = ()
    created: str = ""
    updated: str = ""

    @property
    def columns(self) -> list[str]:
        single = (self.word, *self.else_words, self.created, self.updated)
        return [name for name in (*self.names, *self.hosts, *single) if name]


EXTRAS: Final = {
    "koi": Extra(
        names=("kepler_name",),
        word="koi_disposition",
        updated="koi_vet_date",
    ),
    "toi": Extra(
        names=("ctoi_alias",),
        word="tfopwg_disp",
        created="toi_created",
        updated="rowupdate",
    ),
    "k2": Extra(
        names=("pl_name", "k2_name", "epic_candname"),
        hosts=("hostname", "epic_hostname", "tic_id"),
        word="disposition",
        updated="rowupdate",
    ),
}
"""By layout. Names, hosts and dates would tell a classifier the answer; here they tell a person
what a signal is called."""


@dataclass(frozen=True)
class Listed:
    """One signal as a table lists it; epochs are BJD, positions degrees."""

    name: str
    listed_name: str
    star_key: str
    ra: float | None
    dec: float | None
    epoch: float | None
    disposition: str
    inputs: dict[str, float | str]
    aliases: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    word: str = ""
    created: str = ""
    updated: str = ""


@dataclass(frozen=True)
class Listing:
    """A whole table; where it names a signal twice, the first row counts."""

    mission: str
    signals: dict[str, Listed] = field(default_factory=dict)


def read_listing(dataset: Dataset) -> Listing:
    """All signals of a dataset that have a name. Errors: subclasses of ``UserError``."""
    return listing_of(reader_of(dataset), dataset.mission)


def reader_of(dataset: Dataset) -> TableReader:
    mapping = ColumnMapping.from_json(dataset.mapping) if dataset.mapping else None
    mission = Mission(dataset.mission) if dataset.mission else None
    content = dataset_content(dataset)
    return open_table(content, mission=mission, mapping=mapping, limits=limits())


def listing_of(reader: TableReader, mission: str) -> Listing:
    listing = Listing(mission)
    for one in listed_in(reader, mission, EXTRAS.get(reader.layout.key, Extra())):
        if one.name:
            listing.signals.setdefault(one.name, one)
    return listing


def listed_in(reader: TableReader, mission: str, extra: Extra) -> Iterator[Listed]:
    """Every signal of the table, also those without a name."""
    table = reader.table()
    cells = _extra_cells(reader, table, extra)
    for at, one in enumerate(_signals(table, mission)):
        more = {name: values[at] for name, values in cells.items()}
        yield Listed(**one, **_told(extra, more))


def _signals(table: SignalTable, mission: str) -> Iterator[dict[str, Any]]:
    positions = table.positions.to_numpy(dtype=np.float64)
    texts = [_texts(column) for column in (table.signals, table.stars, table.dispositions)]
    inputs = _inputs(table.frame)
    for at, (listed, star, disposition) in enumerate(zip(*texts, strict=True)):
        yield {
            "name": signal_name(listed, mission)[:80],
            "listed_name": listed[:80],
            "star_key": star[:80],
            "ra": _known(positions[at, 0]),
            "dec": _known(positions[at, 1]),
            "epoch": _known(table.epochs[at] + EPOCH_ZERO),
            "disposition": disposition,
            "inputs": next(inputs),
        }


def _texts(column: pd.Series[str]) -> list[str]:
    return [text if isinstance(text, str) else "" for text in column]


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _inputs(frame: pd.DataFrame) -> Iterator[dict[str, float | str]]:
    """Per row what is given of the schema's inputs, the mission among them."""
    numbers = frame[list(NUMERIC_NAMES)].to_numpy(dtype=np.float64)
    texts = [frame[name].tolist() for name in TEXT_NAMES]
    for at, given in enumerate(~np.isnan(numbers)):
        row: dict[str, float | str] = {
            name: column[at]
            for name, column in zip(TEXT_NAMES, texts, strict=True)
            if isinstance(column[at], str)
        }
        row |= {NUMERIC_NAMES[n]: float(numbers[at, n]) for n in np.flatnonzero(given)}
        yield row


# --- columns that are no inputs -------------------------------------------------------------------


def _extra_cells(reader: TableReader, table: SignalTable, extra: Extra) -> dict[str, list[str]]:
    """Per column the cell of each signal: of its default row where the table has several, else of
    the first row that fills it."""
    wanted = [name for name in extra.columns if name in reader.columns]
    if not wanted:
        return {}
    cells = pd.concat([block.raw[_present(wanted, reader)] for block in reader.blocks()])
    cells = cells.reset_index(drop=True).assign(signal=table.row_signal)
    if "default_flag" in cells.columns:
        cells = cells.sort_values("default_flag", ascending=False, kind="stable")
    cells = cells[cells["signal"] >= 0].replace("", None)
    first = cells.groupby("signal")[wanted].first().reindex(range(len(table)))
    return {name: _texts(first[name]) for name in wanted}


def _present(wanted: list[str], reader: TableReader) -> list[str]:
    return [*wanted, *(["default_flag"] if "default_flag" in reader.columns else [])]


def _told(extra: Extra, cells: dict[str, str]) -> dict[str, Any]:
    def several(columns: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(text[:80] for name in columns if (text := cells.get(name, "").strip()))

    words = (cells.get(name, "").strip()[:20] for name in (extra.word, *extra.else_words))
    return {
        "aliases": several(extra.names),
        "hosts": several(extra.hosts),
        "word": next((word for word in words if word), ""),
        "created": cells.get(extra.created, "").strip()[:10],
        "updated": cells.get(extra.updated, "").strip()[:10],
    }
