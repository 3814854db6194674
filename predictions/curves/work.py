"""What happens inside the process of one search, and how a worker starts and watches it."""

from __future__ import annotations

import errno
import signal as signals
import subprocess  # nosec B404
import uuid
from contextlib import nullcontext
from dataclasses import asdict, replace
from typing import Any, Final

from django.db import Error, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from predictions.curves.asking import Asked
from predictions.curves.keeping import delete_files, keep_curve, open_curve, open_files
from predictions.curves.known_stars import star_sources
from predictions.curves.models import CurveSearch, CurveSignal
from predictions.curves.searching import (
    EXECUTE,
    search_claim,
    search_fail,
    search_requeue,
    told_star,
)
from predictions.curves.services import Answered, Outcome, curve_answer, with_star
from predictions.curves.shapes import finite, outcome_json
from predictions.curves.words import on_pages
from predictions.signals.models import Prediction
from predictions.signals.services import prediction_create
from training.background.children import child_command, child_watch
from training.background.heartbeat import Heartbeat
from training.background.stopping import stop_asked
from training.background.waiting import retry_until_database_is_back
from training.ml.curves.curve import LightCurve
from training.ml.curves.evidence import evidence_of
from training.ml.curves.find import MOST_SIGNALS, Found, find_signals
from training.ml.curves.read import read_curve
from training.ml.curves.stating import measure_stated
from training.ml.errors import UserError
from training.models import ModelVersion

Status = CurveSearch.Status
NO_VERSION: Final = "No classifier is in service; ask a curator to activate a model version."
_READ, _SEARCHED = 0.15, 0.85  # shares of the time


# --- In the worker --------------------------------------------------------------------------------


def search_supervise(key: uuid.UUID) -> None:
    """Run it in a process of its own: numpy in the middle of a periodogram can only be killed."""
    threads = {"OMP_NUM_THREADS": "1"}
    process = child_watch(child_command(EXECUTE, key), lambda: _still_wanted(key), threads)
    if not (stop_asked() and search_requeue(key, process.pid)):
        _note_end(key, process)


def _still_wanted(key: uuid.UUID) -> bool:
    try:
        return CurveSearch.objects.open().filter(pk=key).exists() or _has_succeeded(key)
    except Error:
        connection.close()
        return True


def _has_succeeded(key: uuid.UUID) -> bool:
    """Then its process is just ending by itself."""
    return CurveSearch.objects.filter(pk=key, status=Status.SUCCEEDED).exists()


def _note_end(key: uuid.UUID, process: subprocess.Popen[bytes]) -> None:
    """The process has ended; if it could not say why, its exit status does."""
    own = CurveSearch.objects.filter(pk=key, pid=process.pid, status=Status.RUNNING)
    if claim := own.values_list("claim", flat=True).first():
        search_fail(key, exit_reason(process.returncode), claim=claim)


def exit_reason(code: int) -> str:
    if code == -signals.SIGKILL:
        return (
            "The search's process was killed from outside; most often the machine ran out of"
            " memory. Your files are kept: search them again, or fewer of them."
        )
    said = f"signal {-code}" if code < 0 else f"exit status {code}"
    return f"The search's process ended with {said}. Your files are kept: search them again."


# --- In the search's own process ------------------------------------------------------------------


def search_execute(key: uuid.UUID, is_child: bool = True) -> bool:
    """Claim the search, and end it. False where another process has it, or it has ended.
    ``is_child=False``: in a process that does other things besides, and for seconds only."""
    claim = uuid.uuid4().hex
    if not search_claim(key, claim):
        return False
    search = CurveSearch.objects.select_related("owner").get(pk=key)
    try:
        # Its heartbeat ends the whole process where the search is no longer its own.
        with Heartbeat(lambda: _beat(key, claim)) if is_child else nullcontext():
            _search(search, claim)
    except UserError as error:
        _end(key, claim, on_pages(error.message))
    except Exception as error:
        _end(key, claim, _fault(error))
        raise
    return True


def _beat(key: uuid.UUID, claim: str) -> bool:
    return bool(CurveSearch.objects.owned(key, claim).update(heartbeat_at=Now()))


def _end(key: uuid.UUID, claim: str, reason: str) -> None:
    retry_until_database_is_back(lambda: search_fail(key, reason, claim=claim))


def _fault(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "The machine ran out of memory. Search fewer files at once."
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The site's disk is full, so the outcome could not be stored. Search again later."
    return (
        f"Something went wrong on our side ({type(error).__name__}: {str(error)[:300]}); the"
        " worker's log says more."
    )


def _search(search: CurveSearch, claim: str) -> None:
    asked = Asked.from_json(search.asked)
    curve = _light(search, asked)
    found = _found(curve, asked, search, claim)
    _report(search, claim, "Asking the classifier", _SEARCHED)
    version = ModelVersion.objects.filter(is_active=True).first()
    answers, ended = curve_answer(curve, found, version=version, judged=version is not None)
    told = search.glanced.get("star", {})
    sources = star_sources(asdict(curve.star), told, asked.known)
    outcome = Outcome(search.file_names, curve, answers, ended, sources)
    plots, flat = evidence_of(curve, found.evidence, len(found.signals))
    earlier, path = search.curve_file, keep_curve(search.folder, curve, flat)
    try:
        done = {"curve_file": path, "model_version": version, "plots": finite(plots)}
        retry_until_database_is_back(lambda: _store(search, claim, outcome, done))
    except BaseException:
        delete_files([path], search.folder)
        raise
    delete_files([earlier], search.folder)


def _light(search: CurveSearch, asked: Asked) -> LightCurve:
    if search.curve_file:
        curve, _ = open_curve(search.curve_file)
        curve = replace(curve, star=told_star(search))  # without what was stated the time before
    else:
        curve = read_curve(open_files(search.files), asked.reading)
    return with_star(curve, asked.reading.mission, asked.star)


def _found(curve: LightCurve, asked: Asked, search: CurveSearch, claim: str) -> Found:
    if asked.stated:
        _report(search, claim, "Measuring at the stated periods", _READ)
        return measure_stated(curve, asked.signals)

    def report(order: int) -> None:
        share = _READ + (_SEARCHED - _READ) * (1 - 0.5 ** (order - 1))  # the first is the surest
        _report(search, claim, f"Looking for signal {order} of at most {MOST_SIGNALS}", share)

    return find_signals(curve, report=report)


def _report(search: CurveSearch, claim: str, stage: str, share: float) -> None:
    try:
        CurveSearch.objects.owned(search.pk, claim).update(
            stage=stage, progress=share, heartbeat_at=Now()
        )
    except Error:
        connection.close()


class SearchLost(UserError):
    code = "curve_search_lost"

    def __init__(self) -> None:
        super().__init__("The search was ended by somebody else before its outcome was stored.")


def _store(search: CurveSearch, claim: str, outcome: Outcome, done: dict[str, Any]) -> None:
    """Outcome, predictions and success in one transaction: a search that is no longer ours leaves
    none of them."""
    with transaction.atomic():
        kept = _predictions(search, outcome.answers)
        ended = CurveSearch.objects.owned(search.pk, claim).update(
            status=Status.SUCCEEDED,
            stage="Done",
            progress=1,
            finished_at=timezone.now(),
            result=_result(search, outcome, done["model_version"], kept),
            **done,
        )
        if not ended:
            raise SearchLost


def _result(
    search: CurveSearch,
    outcome: Outcome,
    version: ModelVersion | None,
    kept: dict[int, Prediction],
) -> dict[str, Any]:
    asked = Asked.from_json(search.asked)
    result: dict[str, Any] = finite(outcome_json(outcome))
    result["notes"] = [on_pages(note) for note in result["notes"]]
    for signal in result["signals"]:
        prediction = kept.get(signal["order"])
        signal["prediction"] = str(prediction.pk) if prediction else None
        signal["no_verdict"] = [on_pages(reason) for reason in signal["no_verdict"]]
        signal["stated"] = asked.given(signal["order"])
        if version is None and signal["inputs"]:
            signal["no_verdict"] = [NO_VERSION]
    return result


def _predictions(search: CurveSearch, answers: list[Answered]) -> dict[int, Prediction]:
    """Each verdict joins its person's history."""
    kept: dict[int, Prediction] = {}
    for answered in answers:
        if answered.verdict is None:
            continue
        order = answered.signal.order
        prediction = prediction_create(
            user=search.owner,
            raw=[name for name in answered.inputs if name != "mission"],
            verdict=answered.verdict,
            identifier=search.name,
            note=_note(search, order),
        )
        CurveSignal.objects.create(search=search, order=order, prediction=prediction)
        kept[order] = prediction
    return kept


def _note(search: CurveSearch, order: int) -> str:
    first, *others = search.file_names
    more = f" and {len(others)} more" if others else ""
    given = Asked.from_json(search.asked).given(order)
    period = f", measured at a period given by {given['by']}" if given else ""
    return f"Signal {order} of the light curve in {first}{more}{period}."
