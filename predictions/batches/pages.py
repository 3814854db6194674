"""What the pages of batches show, worked out: templates only lay it out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import numpy as np
from django.conf import settings
from django.core.paginator import Paginator
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from predictions.batch_downloads import FORMATS
from predictions.batch_models import Batch
from predictions.batch_outcome import RowFilter, rows_chosen
from predictions.batch_plots import KINDS, histogram, period_radius
from predictions.batch_results import frame_of_row, index_kept, rows_named, rows_read
from predictions.presentation import ShownAnswer
from predictions.services import signal_classify, signal_inputs
from predictions.tables import JOINT
from predictions.words import absent_groups
from training import figures
from training.ml.harmonise import Problem, merge_problems
from training.ml.preview import Preview
from training.ml.schema import DISPOSITIONS, FEATURE_BY_NAME, REQUIRED_NAMES, Feature
from training.ml.signal_rows import SignalRows
from training.models import ModelVersion

ROWS_PER_PAGE: Final = 50
FORGOTTEN_AFTER: Final = timedelta(minutes=2)
"""Waiting longer than this is worth a word: workers take turns of seconds, so perhaps there is none."""
_PROBLEMS: Final = 40
_SAMPLE_ROWS: Final = 5
_SAMPLE_COLUMNS: Final = 8
_ROW_COLUMNS: Final = (
    "identifier", "predicted_disposition", "p_confirmed", "p_candidate", "p_false_positive", "planet_score",
    "prediction_set", "warnings", "given", "orbital_period", "planet_radius",
)  # fmt: skip


def limits() -> dict[str, str]:
    return {"rows": f"{settings.BATCH_MAX_ROWS:,}", "bytes": filesizeformat(settings.BATCH_MAX_BYTES)}


# --- before ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FedFeature:
    """One feature and the columns that feed it, in the unit in which they are read."""

    feature: Feature
    sources: Sequence[str]
    unit: str

    @property
    def columns(self) -> str:
        return ", ".join(self.sources)


def preview_facts(preview: Preview) -> dict[str, Any]:
    shown = preview.raw.iloc[:_SAMPLE_ROWS, :_SAMPLE_COLUMNS]
    facts: dict[str, Any] = {
        "sample_columns": list(shown.columns),
        "sample_rows": [[cell[:60] for cell in row] for row in shown.itertuples(index=False)],
        "columns_not_shown": max(0, len(preview.columns) - _SAMPLE_COLUMNS),
    }
    if preview.plan is None:
        return facts
    absent = [name for name in preview.plan.absent_features]
    return facts | {
        "fed": list(_fed(preview)),
        "needed_absent": [FEATURE_BY_NAME[name] for name in REQUIRED_NAMES if name in absent],
        "absent": [FEATURE_BY_NAME[name] for name in absent],
        "absent_groups": _absent_groups(absent, preview),
        "problems": preview.problems,
    }


def _fed(preview: Preview) -> Iterator[FedFeature]:
    from training.ml.units import UNITS

    assert preview.plan is not None  # noqa: S101  # nosec B101  # asked by preview_facts
    for source in preview.plan.features:
        feature = FEATURE_BY_NAME[source.feature]
        names = {unit.factor: unit.name for unit in UNITS[feature.name]}
        unit = source.unit or names.get(source.factor, feature.unit)
        yield FedFeature(feature, source.columns, unit)


def _absent_groups(absent: Sequence[str], preview: Preview) -> list[Any]:
    version = ModelVersion.objects.filter(is_active=True).first()
    mission = preview.plan.mission if preview.plan else None
    return absent_groups(absent, str(mission or ""), version.metrics if version else {})


# --- meanwhile -------------------------------------------------------------------------------------------------------


def progress_facts(batch: Batch) -> dict[str, Any]:
    done, left = batch.rows_done(), batch.seconds_left()
    waits = batch.status == Batch.Status.QUEUED
    return {
        "others": Batch.objects.active().exclude(pk=batch.pk).count() if waits else 0,
        "seems_forgotten": waits and timezone.now() - (batch.started_at or batch.created_at) > FORGOTTEN_AFTER,
        "rows_done": done,
        "rows_unusable": batch.rows_unusable(),
        "percent": 100 * done // batch.rows if batch.rows else 0,
        "time_left": None if left is None else time_text(left),
        "problems": problems_of(batch),
    }


def time_text(seconds: float) -> str:
    """About as precisely as one can know it."""
    if seconds < 50:
        return f"about {max(5, 5 * round(seconds / 5))} seconds"
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return "about a minute" if minutes == 1 else f"about {minutes} minutes"
    hours = round(minutes / 60)
    return "about an hour" if hours == 1 else f"about {hours} hours"


def problems_of(batch: Batch) -> list[Problem]:
    """What looked wrong, added up over the chunks."""
    stored = [*batch.problems, *(p for found in batch.chunk_problems() for p in found)]
    return merge_problems(Problem(**{**problem, "rows": tuple(problem["rows"])}) for problem in stored)[:_PROBLEMS]


# --- afterwards ------------------------------------------------------------------------------------------------------


def outcome_facts(batch: Batch) -> dict[str, Any]:
    summary = batch.summary
    counts = summary["dispositions"]
    total = max(1, summary["signals"])
    return {
        "summary": summary,
        "counts": [
            {"disposition": str(d), "kind": kind, "count": count, "share": count / total}
            for d, kind, count in zip(DISPOSITIONS, KINDS, counts, strict=True)
        ],
        "shares": {str(d): count / total for d, count in zip(DISPOSITIONS, counts, strict=True)},
        "histogram": histogram(summary["planet_scores"]),
        "plot": period_radius(summary["plot"]),
        "agreement": agreement(summary["agreement"]),
        "problems": problems_of(batch),
    }


def agreement(found: dict[str, Any] | None) -> dict[str, Any] | None:
    """The comparison with the dispositions in the table, over stars that the version has not learnt from."""
    if found is None:
        return None
    matrix = np.array(found["matrix"])
    rows = [
        {
            "disposition": str(disposition),
            "cells": [{"count": int(count), "same": number == column} for column, count in enumerate(matrix[number])],
            "total": int(matrix[number].sum()),
            "recall": matrix[number, number] / matrix[number].sum() if matrix[number].sum() else None,
        }
        for number, disposition in enumerate(DISPOSITIONS)
    ]
    known = np.array(found["matrix_trained_on"])
    return found | {
        "rows": rows,
        "dispositions": [str(disposition) for disposition in DISPOSITIONS],
        "accuracy": matrix.trace() / matrix.sum() if matrix.sum() else None,
        "accuracy_trained_on": known.trace() / known.sum() if known.sum() else None,
    }


def formats(batch: Batch) -> list[dict[str, Any]]:
    possible = (batch.rows or 0) <= settings.BATCH_TABLE_ROWS
    return [{"key": f.key, "title": f.title, "possible": possible or not f.limited} for f in FORMATS.values()]


# --- rows ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownRow:
    number: int
    identifier: str
    disposition: str
    probability: str
    planet_score: str
    members: int
    given: str
    warnings: list[str]
    period: str
    radius: str


class _Positions(Sequence[int]):
    """Row positions for a paginator, without making a list of a million numbers."""

    def __init__(self, rows: Any) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, places: Any) -> Any:
        return self._rows[places]


def rows_facts(batch: Batch, wanted: RowFilter, search: str, page: str | None) -> dict[str, Any]:
    """One page of rows; only the chunks in which they stand are read."""
    index = index_kept(batch.index_file)
    named = rows_named(batch.index_file, search) if search else None
    found = Paginator(_Positions(rows_chosen(index, wanted, named)), ROWS_PER_PAGE)
    page_obj = found.get_page(page)
    paths = list(batch.chunks.values_list("result", flat=True))
    answers = rows_read(paths, np.asarray(page_obj.object_list, dtype=np.intp), _ROW_COLUMNS)
    seen = index.trained_on
    rows = [(_shown(answer), bool(seen[answer["row"] - 1])) for answer in answers.to_dict("records")]
    return {"page_obj": page_obj, "rows": rows, "found": found.count, "wanted": wanted, "sort": wanted.sort}


def _shown(answer: dict[Any, Any]) -> ShownRow:
    members = answer["prediction_set"]
    score, probabilities = answer["planet_score"], [answer[f"p_{name}"] for name in _P_NAMES]
    return ShownRow(
        number=int(answer["row"]),
        identifier=_text(answer["identifier"]),
        disposition=answer["predicted_disposition"],
        probability="" if probabilities[0] != probabilities[0] else figures.probability_text(max(probabilities)),
        planet_score="" if score != score else figures.figure_text(score),
        members=len(members.split(JOINT)) if members else 0,
        given=_text(answer["given"]),
        warnings=answer["warnings"].split(JOINT) if answer["warnings"] else [],
        period=_quantity("orbital_period", answer["orbital_period"]),
        radius=_quantity("planet_radius", answer["planet_radius"]),
    )


_P_NAMES: Final = ("confirmed", "candidate", "false_positive")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _quantity(name: str, value: float) -> str:
    return figures.NOT_GIVEN if value != value else figures.rounded_text(value, FEATURE_BY_NAME[name].unit)


def _readable(inputs: dict[str, float | int | str]) -> dict[str, float | int | str]:
    """Without the last bits of means that were computed: 0.11, not 0.10999999999999999."""
    return {name: float(f"{value:.12g}") if isinstance(value, float) else value for name, value in inputs.items()}


def row_facts(batch: Batch, number: int) -> dict[str, Any]:
    """One row with its explanation, by the version that classified the batch."""
    paths = list(batch.chunks.values_list("result", flat=True))
    answers = rows_read(paths, np.array([number - 1]))
    answer = answers.to_dict("records")[0]
    facts: dict[str, Any] = {"row": _shown(answer), "star": _text(answer["star"]), "trained_on": answer["trained_on"]}
    if not answer["predicted_disposition"] or batch.model_version is None:
        return facts | {"shown": None}
    signal = SignalRows.of_frame(frame_of_row(answers))
    verdict = signal_classify(signal, version=batch.model_version).as_json()
    # The row's own notes (a value out of range, for one) stand in the table's warnings only.
    verdict["warnings"] = facts["row"].warnings
    shown = ShownAnswer(verdict, _readable(signal_inputs(signal)), str(signal["mission"][0]), batch.model_version)
    return facts | {"shown": shown}
