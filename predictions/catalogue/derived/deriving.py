"""What lists sort and filter by and no table says: follow-up value, when an ephemeris is lost, what
of a signal does not go together, and where it lies on the map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.expressions import Combinable

from predictions.catalogue.derived.models import RowsQuerySet, Warned
from predictions.catalogue.derived.neighbourhood import warnings_of_all
from predictions.catalogue.models import Signal, Star
from predictions.catalogue.others.models import OtherSignal
from predictions.catalogue.plots.map_cells import cells_of
from predictions.catalogue.twins.services import twins_make
from training.ml.contradictions import contradictions
from training.ml.numbers import finite_or_none
from training.ml.schema import NUMERIC_NAMES
from training.ml.signal_rows import TEXT_NAMES, SignalRows
from training.ml.sky.follow_up import FollowUp, follow_up
from training.ml.sky.next_transits import lost_from
from training.ml.sky.radius_checks import radius_contradicts

AnySignal = Signal | OtherSignal
Table = type[Signal] | type[OtherSignal]

RULES: Final = 1
"""One more when what is derived changes: all signals are then derived anew."""
CHUNK: Final = 5_000
LARGEST: Final = 30.0
"""Earth radii. No planet is larger: beyond, its atmosphere is worth nothing."""
JOINT: Final = "|"
_READ: Final = ("pk", "last_table", "epoch", "epoch_error", "period", "radius", "inputs")
_WRITTEN: Final = ("temperature", "tsm", "esm", "estimated", "lost_from", "map_cell", "warnings")


def derived_make() -> int:
    """Derive what is not derived yet from its present values. Returns for how many signals.

    Everything is worked out before anything is written: the signals of a table that takes charge
    meanwhile keep their mark, and come next.
    """
    twins_make()
    found = [row for signals in _chunks(Signal) for row in _derived(signals)]
    others = [row for signals in _chunks(OtherSignal) for row in _derived(signals)]
    if found:
        with transaction.atomic():
            _write(Signal, found)
            _star_names_make()
            for pk, bits in warnings_of_all():
                Signal.objects.filter(pk=pk).update(warnings=bits)
            _values_make(Signal.objects.all())
    if others:
        with transaction.atomic():
            _write(OtherSignal, others)
            _values_make(OtherSignal.objects.all())
    return len(found) + len(others)


def _star_names_make() -> None:
    """An earlier release that puts a table in charge writes no names of stars."""
    name = Subquery(Star.objects.filter(pk=OuterRef("star")).values("name"))
    Signal.objects.exclude(star_name=name).update(star_name=name)


def values_of(open_score: Combinable) -> dict[str, Combinable]:
    """The score times what a spectrograph would see, as columns."""
    return {"score_tsm": open_score * F("tsm"), "score_esm": open_score * F("esm")}


def _values_make(signals: RowsQuerySet[Any]) -> None:
    """Where there is something to multiply, or was: a row that is written again takes its place in
    each index again."""
    has_any = Q(open_score__isnull=False) | Q(score_tsm__isnull=False) | Q(score_esm__isnull=False)
    signals.filter(has_any).update(**values_of(F("open_score")))


def _chunks(of: Table) -> Iterator[list[Any]]:
    last, waiting = 0, of.objects.exclude(derived_by=RULES).order_by("pk").only(*_READ)
    while signals := list(waiting.filter(pk__gt=last)[:CHUNK]):
        yield signals
        last = signals[-1].pk


def _derived(signals: Sequence[AnySignal]) -> Iterator[list[Any]]:
    """Per signal the values of ``_WRITTEN``, its table and its key."""
    rows = rows_of_signals(signals)
    value = follow_up(rows)
    lost = lost_from(
        _column(signals, "epoch"),
        _column(signals, "epoch_error"),
        _column(signals, "period"),
        rows.columns["orbital_period_error"],
    )
    wrong = radius_contradicts(rows.columns)
    said = contradictions(rows)
    radius = _column(signals, "radius")
    tsm, esm = (np.where(radius > LARGEST, np.nan, one) for one in (value.tsm, value.esm))
    cells = cells_of(_column(signals, "period"), radius)
    for row, signal in enumerate(signals):
        yield [
            *(finite_or_none(numbers[row]) for numbers in (value.temperature, tsm, esm)),
            JOINT.join(_estimated(value, row)) if np.isfinite([tsm[row], esm[row]]).any() else "",
            finite_or_none(lost[row]),
            cells[row],
            int(Warned.CONTRADICTION) if wrong[row] or said[row] else 0,
            signal.last_table_id,
            signal.pk,
        ]


def _estimated(value: FollowUp, row: int) -> list[str]:
    return [name for name, marked in value.estimated.items() if marked[row]]


def _write(of: Table, found: Sequence[Sequence[Any]]) -> None:
    """Only where the table is still the one that was read: a row each, in one statement."""
    quoted = connection.ops.quote_name
    columns = ", ".join(f"{quoted(name)} = %s" for name in _WRITTEN)
    table = quoted(of._meta.db_table)
    statement = (
        f"UPDATE {table} SET {columns}, {quoted('derived_by')} = {RULES}"  # noqa: S608  # nosec B608  # names of ours
        f" WHERE {quoted('last_table_id')} = %s AND {quoted('id')} = %s"
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, found)


def rows_of_signals(signals: Sequence[AnySignal]) -> SignalRows:
    """Their inputs, harmonised."""
    numbers = np.full((len(signals), len(NUMERIC_NAMES)), np.nan, order="F")
    at = {name: column for column, name in enumerate(NUMERIC_NAMES)}
    for row, signal in enumerate(signals):
        for name, value in signal.inputs.items():
            if name in at:  # an input that a later release dropped counts as not given
                numbers[row, at[name]] = value
    texts = {
        name: np.array([signal.inputs.get(name) for signal in signals], dtype=object)
        for name in TEXT_NAMES
    }
    return SignalRows(numbers, texts)


def _column(signals: Sequence[AnySignal], name: str) -> npt.NDArray[np.float64]:
    return np.array([getattr(one, name) for one in signals], dtype=np.float64)
