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

from predictions.batches.downloads import FORMATS
from predictions.batches.models import Batch
from predictions.batches.outcome import RowFilter
from predictions.batches.plots import KINDS, histogram, likely_words, period_radius
from predictions.batches.results import frame_of_row, index_kept, rows_read
from predictions.curves.folders.lights import lights_of
from predictions.signals.pages import ShownAnswer
from predictions.signals.services import signal_classify, signal_inputs
from predictions.signals.words import absent_groups, most_helpful
from predictions.triage.asked import positions_of
from predictions.triage.services import decision_counts, marks_of
from training import figures
from training.datasets.uploads import too_large_sentence
from training.ml.errors import ArtifactError
from training.ml.schema import DISPOSITIONS, FEATURE_BY_NAME, REQUIRED_NAMES, Feature
from training.ml.signal_rows import SignalRows
from training.ml.tables.derived import derivable
from training.ml.tables.doubting.doubts import DOUBT_KINDS
from training.ml.tables.harmonise import Problem, merge_problems
from training.ml.tables.preview import Preview
from training.models import ModelVersion

ROWS_PER_PAGE: Final = 30
LONG_WAIT: Final = timedelta(minutes=2)
"""Waiting longer than this is worth a word: workers take turns of seconds, so perhaps there is
none."""
_PROBLEMS: Final = 40
_SAMPLE_ROWS: Final = 5
_SAMPLE_COLUMNS: Final = 8
_ROW_COLUMNS: Final = (
    "identifier",
    "predicted_disposition",
    "p_confirmed",
    "p_candidate",
    "p_false_positive",
    "planet_score",
    "prediction_set",
    "open_score",
    "learnt_from",
    "out_of_fold",
    "warnings",
    "given",
    "orbital_period",
    "planet_radius",
)


def limits() -> dict[str, str]:
    return {
        "rows": f"{settings.BATCH_MAX_ROWS:,}",
        "bytes": filesizeformat(settings.BATCH_MAX_BYTES),
        "most_bytes": settings.BATCH_MAX_BYTES,
        "too_large": too_large_sentence(settings.BATCH_MAX_BYTES),
    }


# --- before ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FedFeature:
    """One feature and the columns that feed it, in the unit in which they are read."""

    feature: Feature
    sources: Sequence[str]
    unit: str

    @property
    def columns(self) -> str:
        return ", ".join(self.sources)


def preview_context(preview: Preview) -> dict[str, Any]:
    shown = preview.raw.iloc[:_SAMPLE_ROWS, :_SAMPLE_COLUMNS]
    context: dict[str, Any] = {
        "sample_columns": list(shown.columns),
        "sample_rows": [[cell[:60] for cell in row] for row in shown.itertuples(index=False)],
        "columns_not_shown": max(0, len(preview.columns) - _SAMPLE_COLUMNS),
    }
    if preview.plan is None:
        return context
    absent = [name for name in preview.plan.absent_features]
    return context | {
        "fed": list(_fed(preview)),
        "needed_absent": [
            FEATURE_BY_NAME[name]
            for name in REQUIRED_NAMES
            if name in absent and name not in derivable(preview.plan)
        ],
        "absent": [FEATURE_BY_NAME[name] for name in absent],
        **_cost_of(absent, preview),
        "problems": preview.problems,
    }


def _fed(preview: Preview) -> Iterator[FedFeature]:
    from training.ml.tables.units import UNITS

    assert preview.plan is not None  # noqa: S101  # nosec B101  # asked by preview_context
    for source in preview.plan.features:
        feature = FEATURE_BY_NAME[source.feature]
        names = {unit.factor: unit.name for unit in UNITS[feature.name]}
        unit = source.unit or names.get(source.factor, feature.unit)
        yield FedFeature(feature, source.columns, unit)


def _cost_of(absent: Sequence[str], preview: Preview) -> dict[str, Any]:
    """What the mission's signals gained most by, as measured; by group where that is not known."""
    version = ModelVersion.objects.filter(is_active=True).first()
    metrics = version.metrics if version else {}
    mission = str(preview.plan.mission or "") if preview.plan else ""
    helpful = most_helpful(absent, mission, metrics) if mission else []
    return {
        "helpful": helpful,
        "absent_groups": [] if helpful else absent_groups(absent, mission, metrics),
    }


# --- meanwhile ------------------------------------------------------------------------------------


def progress_context(batch: Batch) -> dict[str, Any]:
    done, left = batch.rows_done(), batch.seconds_left()
    waits = batch.status == Batch.Status.QUEUED
    return {
        "others": Batch.objects.active().exclude(pk=batch.pk).count() if waits else 0,
        "seems_forgotten": (
            waits and timezone.now() - (batch.started_at or batch.created_at) > LONG_WAIT
        ),
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
    return merge_problems(
        Problem(**{**problem, "rows": tuple(problem["rows"])}) for problem in stored
    )[:_PROBLEMS]


def is_doubt(problem: Problem) -> bool:
    """A unit that looks mistaken: whoever reads the answers must see it first."""
    return problem.code in DOUBT_KINDS


# --- afterwards -----------------------------------------------------------------------------------


def outcome_context(batch: Batch) -> dict[str, Any]:
    summary, problems = batch.summary, problems_of(batch)
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
        "headline": _headline(summary),
        "plot": period_radius(summary["plot"]),
        "agreement": agreement(summary["agreement"]),
        "doubts": [problem for problem in problems if is_doubt(problem)],
        "problems": [problem for problem in problems if not is_doubt(problem)],
    }


def _headline(summary: dict[str, Any]) -> str:
    """What the batch has found, of signals that its table leaves open where it tells them."""
    if found := summary.get("open"):
        return likely_words(found["likely"], found["signals"], "open signal")
    return str(histogram(summary["planet_scores"])["title"])


def agreement(found: dict[str, Any] | None) -> dict[str, Any] | None:
    """The comparison with the dispositions in the table, over signals whose answer was given
    without having seen their star."""
    if found is None:
        return None
    matrix = np.array(found["matrix"])
    rows = [
        {
            "disposition": str(disposition),
            "cells": [
                {"count": int(count), "same": number == column}
                for column, count in enumerate(matrix[number])
            ],
            "total": int(matrix[number].sum()),
            "recall": (
                matrix[number, number] / matrix[number].sum() if matrix[number].sum() else None
            ),
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
    return [
        {"key": f.key, "title": f.title, "possible": possible or not f.limited}
        for f in FORMATS.values()
    ]


# --- rows -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownRow:
    number: int
    identifier: str
    disposition: str
    probability: str
    planet_score: str
    open_score: str
    learnt: str
    members: int
    given: str
    warnings: list[str]
    period: str
    radius: str

    @property
    def address(self) -> str:
        """Of its page, as seen from that of its batch, where it stands three times a row."""
        return f"./rows/{self.number}/"


class _Positions(Sequence[int]):
    """Row positions for a paginator, without making a list of a million numbers."""

    def __init__(self, rows: Any) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, places: Any) -> Any:
        return self._rows[places]


def rows_context(batch: Batch, wanted: RowFilter, search: str, page: str | None) -> dict[str, Any]:
    """One page of rows; only the chunks in which they stand are read."""
    found = Paginator(_Positions(positions_of(batch, wanted, search)), ROWS_PER_PAGE)
    page_obj = found.get_page(page)
    positions = np.asarray(page_obj.object_list, dtype=np.intp)
    answers = rows_read(batch.stored_chunks(), positions, _ROW_COLUMNS)
    seen = index_kept(batch.index_file).trained_on
    marks = marks_of(batch, [int(row) + 1 for row in positions])
    lights = lights_of(batch)
    rows = [
        (
            _shown(answer),
            bool(seen[answer["row"] - 1]),
            marks.get(answer["row"]),
            lights.get(answer["row"]),
        )
        for answer in answers.to_dict("records")
    ]
    return {
        "page_obj": page_obj,
        "rows": rows,
        "found": found.count,
        "wanted": wanted,
        "sort": wanted.sort,
        "decided": decision_counts(batch),
    }


def _shown(answer: dict[Any, Any]) -> ShownRow:
    score, probabilities = answer["planet_score"], [answer[f"p_{name}"] for name in _P_NAMES]
    return ShownRow(
        number=int(answer["row"]),
        identifier=_text(answer["identifier"]),
        disposition=answer["predicted_disposition"],
        probability=(
            ""
            if probabilities[0] != probabilities[0]
            else figures.probability_text(max(probabilities))
        ),
        planet_score="" if score != score else figures.figure_text(score),
        open_score=_score(answer.get("open_score")),
        learnt=_learnt(answer.get("learnt_from"), answer.get("out_of_fold")),
        members=len(answer["prediction_set"]),
        given=_text(answer["given"]),
        warnings=list(answer["warnings"]),
        period=_quantity("orbital_period", answer["orbital_period"]),
        radius=_quantity("planet_radius", answer["planet_radius"]),
    )


def _score(value: float | None) -> str:
    return "" if value is None or value != value else figures.figure_text(value)


def _learnt(learnt_from: Any, out_of_fold: Any) -> str:
    """Beside a row's name, where its answer is not that of a signal never seen."""
    if out_of_fold == "true":
        return "out-of-fold"
    return "learnt from" if learnt_from == "true" else ""


_P_NAMES: Final = ("confirmed", "candidate", "false_positive")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _quantity(name: str, value: float) -> str:
    return (
        figures.NOT_GIVEN
        if value != value
        else figures.rounded_text(value, FEATURE_BY_NAME[name].unit)
    )


def _readable(inputs: dict[str, float | int | str]) -> dict[str, float | int | str]:
    """Without the last bits of means that were computed: 0.11, not 0.10999999999999999."""
    return {
        name: float(f"{value:.12g}") if isinstance(value, float) else value
        for name, value in inputs.items()
    }


def row_context(batch: Batch, number: int) -> dict[str, Any]:
    """One row with its explanation, by the version that classified the batch."""
    answers = rows_read(batch.stored_chunks(), np.array([number - 1]))
    answer = answers.to_dict("records")[0]
    context: dict[str, Any] = {
        "row": _shown(answer),
        "star": _text(answer["star"]),
        "trained_on": answer["trained_on"],
    }
    if not answer["predicted_disposition"] or batch.model_version is None:
        return context | {"shown": None}
    signal = SignalRows.of_frame(frame_of_row(answers))
    try:
        # The batch has counted it, or is simulated: looking at a row asks about nothing new.
        verdict = signal_classify(signal, version=batch.model_version, counted=False).as_json()
    except ArtifactError as error:  # of an older site, or damaged: what it said is stored
        return context | {"shown": None, "unexplained": error.message}
    # The row's own notes (a value out of range, for one) stand in the table's warnings only.
    verdict["warnings"] = context["row"].warnings
    # The table knew the star; the inputs alone do not name it.
    verdict["learnt_from"] = bool(answer["trained_on"]) or answer.get("learnt_from") == "true"
    shown = ShownAnswer(
        verdict, _readable(signal_inputs(signal)), str(signal["mission"][0]), batch.model_version
    )
    return context | {"shown": shown}
