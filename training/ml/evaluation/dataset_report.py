"""What is in a labelled table, told before anything is trained on it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

import numpy as np
import numpy.typing as npt

from training.ml.answers import hash_key
from training.ml.evaluation.drift import Profile, Shift, count_bins_of, reference_group, shifts
from training.ml.evaluation.shapes import (
    Adds,
    Contradiction,
    Duplicate,
    Duplicates,
    LeftOut,
    Overlap,
    Report,
    ReportFeature,
    ShiftJson,
    StoredProblem,
    Unusable,
)
from training.ml.libraries import pandas as pd
from training.ml.schema import DISPOSITIONS, FEATURE_BY_NAME, NUMERIC_NAMES
from training.ml.sky.names import is_planet_form, signal_name
from training.ml.tables.columns import Plan
from training.ml.tables.data_loader import SignalTable, TableReader, star_groups
from training.ml.tables.doubting.doubts import find_doubts
from training.ml.tables.harmonise import Problem

EXAMPLES: Final = 10
NO_DISPOSITION: Final = "no disposition"

LEAKS: Final = {
    "koi_score": "the pipeline's own verdict",
    "koi_pdisposition": "the pipeline's own verdict",
    "koi_fpflag_*": "set when somebody decided on a false positive",
    "koi_comment": "says why somebody decided",
    "koi_vet_*": "says when and how somebody decided",
    "koi_disp_prov": "says who decided",
    "kepler_name": "only confirmed planets have one",
    "koi_datalink_*": "names the report of the vetting",
    "rowupdate": "tells when somebody last looked at the signal",
    "toi": "numbers grow with time, and older signals are decided",
    "toi_created": "tells the age of the entry",
    "ctoi_alias": "given to signals of interest to somebody",
    "soltype": "says whether the planet is published as confirmed",
    "sy_pnum": "counts confirmed planets",
    "pl_name": "its form follows the disposition",
    "k2_name": "only confirmed planets have one",
    "disp_refname": "says who decided",
    "disc_*": "exists for discovered planets",
    "discoverymethod": "exists for discovered planets",
    "pl_bmass*": "a measured mass comes with the confirmation",
    "pl_mass*": "a measured mass comes with the confirmation",
    "pl_msini*": "a measured mass comes with the confirmation",
    "pl_orbeccen*": "a measured eccentricity comes with the confirmation",
    "koi_eccen*": "filled in where somebody followed the signal up",
    "pl_letter": "only planets have one",
}
"""Columns of the archive that hold the answer, or how well a signal was followed up."""


@dataclass(frozen=True, eq=False)
class SignalIndex:
    """Who is in a table and as what, in 64-bit hashes: (n,) each; truth −1 where there is no
    disposition."""

    signals: npt.NDArray[np.uint64]  # 0 where the table names no signal
    stars: npt.NDArray[np.uint64]
    truth: npt.NDArray[np.int8]
    names: npt.NDArray[np.str_] = field(
        default_factory=lambda: np.empty(0, dtype="U1")
    )  # as the table has them

    def __len__(self) -> int:
        return len(self.signals)

    @classmethod
    def of(cls, table: SignalTable) -> SignalIndex:
        number = {str(disposition): k for k, disposition in enumerate(DISPOSITIONS)}
        named = _index_names(table)
        truth = table.dispositions.map(number).fillna(-1).to_numpy().astype(np.int8)
        names = np.array(table.signals.fillna("").tolist(), dtype=np.str_)
        return cls(_hashes(named), _hashes(table.stars), truth, names)

    def pack(self) -> bytes:
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer, signals=self.signals, stars=self.stars, truth=self.truth, names=self.names
        )
        return buffer.getvalue()

    @classmethod
    def unpack(cls, content: bytes) -> SignalIndex:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            return cls(stored["signals"], stored["stars"], stored["truth"], stored["names"])


def _index_names(table: SignalTable) -> pd.Series[str]:
    """One spelling per signal, whatever form its name has; TOIs by their bare number, as the
    archive writes it and the indexes of earlier versions have it."""
    pairs = zip(table.frame["mission"].astype(str), table.signals, strict=True)
    names = [
        f"{mission} {signal_name(name, mission).removeprefix('TOI-')}"
        if isinstance(name, str)
        else None
        for mission, name in pairs
    ]
    return pd.Series(names, dtype="str")


def _hashes(texts: pd.Series[str]) -> npt.NDArray[np.uint64]:
    found = (hash_key(text) if isinstance(text, str) else 0 for text in texts)
    return np.fromiter(found, dtype=np.uint64, count=len(texts))


@dataclass(frozen=True)
class ReferenceData:
    """What a table is compared with: an earlier dataset, or what the version in service was trained
    on."""

    name: str
    index: SignalIndex
    address: str = ""


def validate(
    reader: TableReader,
    table: SignalTable,
    *,
    earlier: Sequence[ReferenceData] = (),
    in_service: ReferenceData | None = None,
    profile: Profile | None = None,
) -> Report:
    """The report on ``table``, which ``reader`` has read; compared with earlier datasets and the
    version in service."""
    index = SignalIndex.of(table)
    groups = star_groups([table])[0]
    doubts = find_doubts(table, reader.plan)
    return Report(
        rows=reader.rows,
        signals=len(table),
        stars=len(np.unique(groups)),
        layout=table.layout.title,
        missions=_dispositions(table),
        unusable=_unusable(table),
        problems=[
            _problem(problem) for problem in (*(doubt.problem for doubt in doubts), *table.problems)
        ],
        features=list(_features(table, reader.plan)),
        left_out=left_out(reader),
        ignored=_ignored(reader),
        duplicates=_duplicates(table, index),
        overlaps=[_overlap(table, index, other) for other in earlier],
        adds=_adds(index, in_service),
        shifts=list(_shifts(table.frame, profile)) if profile else [],
        shift_against=in_service.name if in_service and profile else "",
        doubts=[doubt.as_json() for doubt in doubts],
        format=reader.format,
        encoding=reader.encoding,
    )


def _problem(problem: Problem) -> StoredProblem:
    return {
        "code": problem.code,
        "sentence": problem.sentence,
        "column": problem.column,
        "count": int(problem.count),
        "rows": [int(row) for row in problem.rows],
        "template": problem.template,
        "feature": problem.feature,
    }


def _dispositions(table: SignalTable) -> dict[str, dict[str, int]]:
    words = table.dispositions.fillna(NO_DISPOSITION)
    counted = {}
    for mission in table.frame["mission"].unique():
        own = words[(table.frame["mission"] == mission).to_numpy()].value_counts()
        counted[str(mission)] = {
            word: int(own.get(word, 0)) for word in (*map(str, DISPOSITIONS), NO_DISPOSITION)
        }
    return counted


def _unusable(table: SignalTable) -> Unusable:
    rows = sorted(table.row_reasons.items())
    return {
        "count": len(rows),
        "examples": [{"row": row + 1, "reason": why} for row, why in rows[:EXAMPLES]],
    }


def _features(table: SignalTable, plan: Plan) -> Iterator[ReportFeature]:
    columns = {fed.feature: list(fed.columns) for fed in plan.features}
    missing = table.frame[list(NUMERIC_NAMES)].isna().sum()
    for name in NUMERIC_NAMES:
        feature = FEATURE_BY_NAME[name]
        yield {
            "feature": name,
            "label": feature.label,
            "unit": feature.unit,
            "columns": columns.get(name, []),
            "missing": int(missing[name]),
            "share": float(missing[name] / max(len(table), 1)),
        }


def left_out(reader: TableReader) -> list[LeftOut]:
    """The columns that would leak the answer and can never become a feature, with the reason."""
    names = (reader.plan.signal, reader.plan.star)
    return [
        {"column": c, "why": why}
        for c in reader.columns
        if c not in names and (why := _leak(c.lower()))
    ]


def _leak(column: str) -> str | None:
    return next((why for pattern, why in LEAKS.items() if fnmatchcase(column, pattern)), None)


def _ignored(reader: TableReader) -> list[str]:
    plan = reader.plan
    used = {
        *plan.number_columns,
        plan.signal,
        plan.star,
        plan.ra,
        plan.dec,
        plan.disposition,
        plan.mission_column,
    }
    used |= {plan.band_column, plan.discovery_method, plan.publication_date, plan.default_flag}
    return [column for column in reader.columns if column not in used and not _leak(column.lower())]


def _first_rows(table: SignalTable) -> npt.NDArray[np.int64]:
    """The number, from 1, of the first row of each signal."""
    usable = np.flatnonzero(table.row_signal >= 0)
    _, first = np.unique(table.row_signal[usable], return_index=True)
    return usable[first] + 1


def _duplicates(table: SignalTable, index: SignalIndex) -> Duplicates:
    known = np.flatnonzero(index.signals)
    keys, counts = np.unique(index.signals[known], return_counts=True)
    repeated, rows = keys[counts > 1], _first_rows(table)
    examples: list[Duplicate] = []
    for key in repeated[:EXAMPLES]:
        at = np.flatnonzero(index.signals == key)
        examples.append(
            {"signal": str(table.signals.iloc[at[0]]), "rows": rows[at][:EXAMPLES].tolist()}
        )
    return {"count": len(repeated), "examples": examples}


def _overlap(table: SignalTable, index: SignalIndex, other: ReferenceData) -> Overlap:
    """Shared signals, and those of them whose disposition is another one there."""
    here, there = _matches(index, other.index)
    truth, other_truth = index.truth[here], other.index.truth[there]
    contradicting = np.flatnonzero((truth >= 0) & (other_truth >= 0) & (truth != other_truth))
    rows = _first_rows(table)
    examples: list[Contradiction] = [
        {
            "signal": str(table.signals.iloc[here[k]]),
            "row": int(rows[here[k]]),
            "here": str(DISPOSITIONS[truth[k]]),
            "there": str(DISPOSITIONS[other_truth[k]]),
        }
        for k in contradicting[:EXAMPLES]
    ]
    return {
        "name": other.name,
        "address": other.address,
        "shared": len(here),
        "contradictions": len(contradicting),
        "examples": examples,
    }


def _matches(
    index: SignalIndex, other: SignalIndex
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Positions of the same signals, each once."""
    _, here, there = np.intersect1d(index.signals, other.signals, return_indices=True)
    named = index.signals[here] != 0
    return here[named], there[named]


def _adds(index: SignalIndex, in_service: ReferenceData | None) -> Adds:
    labelled = index.truth >= 0
    if in_service is None:
        return {"version": "", "labelled": int(labelled.sum())}
    known = in_service.index
    new = labelled & ~np.isin(index.signals, known.signals)
    # A planet's name on a star that is known stands for one of its signals under another name.
    planets = np.array([is_planet_form(name) for name in index.names.tolist()], dtype=bool)
    if len(planets) == len(new):
        new &= ~(planets & (index.stars != 0) & np.isin(index.stars, known.stars))
    new_stars = np.setdiff1d(index.stars[labelled], known.stars)
    here, there = _matches(index, known)
    changed = (index.truth[here] >= 0) & (index.truth[here] != known.truth[there])
    return {
        "version": in_service.name,
        "labelled": int(labelled.sum()),
        "signals": int(new.sum()),
        "stars": int((new_stars != 0).sum()),
        "dispositions": {
            str(d): int((index.truth[new] == k).sum()) for k, d in enumerate(DISPOSITIONS)
        },
        "changed": int(changed.sum()),
    }


def _shifts(frame: pd.DataFrame, profile: Profile) -> Iterator[ShiftJson]:
    for mission, own in frame.groupby("mission", sort=True):
        group = profile[reference_group(profile, str(mission))]
        for shift in shifts(group, count_bins_of(own, group)):
            yield shift_json(shift, str(mission))


def shift_json(shift: Shift, mission: str) -> ShiftJson:
    feature = FEATURE_BY_NAME[shift.feature]
    return {
        "mission": mission,
        "feature": shift.feature,
        "label": feature.label,
        "unit": feature.unit,
        "index": shift.index,
        "signals": shift.signals,
        "size": shift.size,
        "enough": shift.enough,
        "edges": list(shift.edges),
        "expected": list(shift.expected),
        "found": list(shift.found),
    }
