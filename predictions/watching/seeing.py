"""The signals that a watch is about, as they stand: what is otherwise at the next look is news."""

from __future__ import annotations

import json
import zlib
from typing import Final, NamedTuple, cast

from django.db.models import Max
from django.http import QueryDict

from predictions.catalogue.lists import SignalListForm
from predictions.catalogue.models import (
    CatalogueTable,
    DispositionChange,
    Score,
    Signal,
    SignalQuerySet,
)
from predictions.watching.models import Watch
from training.models import ModelVersion

_COLUMNS: Final = ("pk", "planet_score", "open_score", "scored_by", "basis")


class Seen(NamedTuple):
    """A signal's scores at a look; ``version`` is the key of whose they are."""

    planet: float | None
    open: float | None
    version: int | None
    is_honest: bool  # what answered had not seen the star


Signals = dict[int, Seen]


def signals_now(watch: Watch) -> Signals:
    rows = watched_signals(watch).order_by().values_list(*_COLUMNS)
    return {
        pk: Seen(planet, open_score, version, basis != Score.Basis.STAR_KNOWN)
        for pk, planet, open_score, version, basis in rows
    }


def watched_signals(watch: Watch) -> SignalQuerySet:
    """Never a simulated one: nothing that happens to it is news, nor that it is gone one day."""
    return _watched(watch).filter(is_simulated=False)


def _watched(watch: Watch) -> SignalQuerySet:
    if watch.is_list:
        form = SignalListForm(QueryDict(watch.query))
        # A list that got a watched word for its name later; its keys are other signals'.
        return Signal.objects.none() if form.other else cast(SignalQuerySet, form.found())
    if watch.signal_id:
        return Signal.objects.filter(pk=watch.signal_id)
    return Signal.objects.filter(star=watch.star_id)


def pack(signals: Signals) -> bytes:
    return zlib.compress(json.dumps([[pk, *seen] for pk, seen in signals.items()]).encode())


def unpack(packed: bytes | memoryview) -> Signals:
    rows = json.loads(zlib.decompress(packed)) if packed else []
    return {pk: Seen(*seen) for pk, *seen in rows}


def last_change() -> int:
    return DispositionChange.objects.aggregate(last=Max("pk"))["last"] or 0


def catalogue_state() -> str:
    """Another text whenever anything was entered or scored since."""
    tables = sorted(CatalogueTable.objects.current().values_list("pk", flat=True))
    scored = Score.objects.aggregate(at=Max("made_at"))["at"]
    version = ModelVersion.objects.filter(is_active=True).values_list("pk", flat=True).first()
    when = f"{scored:%Y%m%d%H%M%S%f}" if scored else ""
    return f"{last_change()} {'-'.join(map(str, tables))} {version} {when}"
