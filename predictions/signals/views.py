"""Pages to classify one signal, to read an answer, and to find it again."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from predictions.history.services import labels_set
from predictions.pages.examples import EXAMPLE_BY_KEY, EXAMPLES
from predictions.signals import pages as presentation
from predictions.signals.forms import NoteForm, PastedRow, PasteForm, SignalForm, input_text
from predictions.signals.models import Prediction
from predictions.signals.services import (
    prediction_create,
    prediction_rows,
    signal_classify,
    signal_inputs,
)
from predictions.signals.surroundings import known_lines, surroundings
from predictions.signals.variations import MOVABLE
from predictions.signals.words import identifier_links
from training.accounts.audit import SHARED_WORDS, record
from training.accounts.public import public_reading
from training.accounts.requests import SignedInRequest
from training.ml.errors import InvalidSignal, UserError
from training.ml.explanations.waterfall import waterfall_png
from training.ml.inputs import parse_signal
from training.models import ModelVersion

KEPT_SECONDS = 24 * 60 * 60


# --- Classify -------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def classify(request: SignedInRequest) -> HttpResponse:
    if request.method != "POST":
        return _classify_page(request, SignalForm(initial=_first_values(request)))
    if "paste" in request.POST:
        return _pasted(request)
    form = SignalForm(request.POST)
    if not form.is_valid():
        return _classify_page(request, form, status=400)
    try:
        verdict = signal_classify(
            form.rows, identifier=form.cleaned_data["identifier"], place=form.place
        )
    except ModelVersion.DoesNotExist:
        messages.error(
            request, "No model version is in service, so nothing can be classified: ask a curator."
        )
        return _classify_page(request, form, status=503)
    texts = {name: form.cleaned_data[name] for name in ("identifier", "note")}
    return redirect(prediction_create(user=request.user, raw=form.raw, verdict=verdict, **texts))


def _classify_page(
    request: SignedInRequest, form: SignalForm, paste: PasteForm | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "paste": paste or PasteForm(),
        "examples": EXAMPLES,
        "example": _example(request),
    }
    return render(request, "predictions/signals/classify.html", context, status=status)


def _example(request: HttpRequest) -> Any:
    return EXAMPLE_BY_KEY.get(request.GET.get("example", ""))


def _first_values(request: SignedInRequest) -> dict[str, str]:
    """What the form holds at first: a known example, or an earlier signal to vary, or nothing."""
    if example := _example(request):
        return {
            "mission": example.mission,
            "identifier": example.full_name,
            **_texts(example.values),
        }
    if earlier := request.GET.get("from"):
        prediction = _visible(request, earlier)
        return {
            "mission": prediction.mission,
            "identifier": prediction.identifier,
            **_texts(prediction.inputs),
        }
    return {}


def _texts(values: Any) -> dict[str, str]:
    return {name: input_text(value) for name, value in values.items()}


def _pasted(request: SignedInRequest) -> HttpResponse:
    """The form filled from a pasted row; nothing is classified before somebody has looked at it."""
    paste = PasteForm(request.POST)
    if not paste.is_valid():
        return _classify_page(request, SignalForm(), paste, status=400)
    return classify_pasted(request, paste.pasted)


def classify_pasted(request: SignedInRequest, row: PastedRow) -> HttpResponse:
    """The form with a row that somebody gave."""
    paste = PasteForm()
    paste.pasted = row
    return _classify_page(
        request, SignalForm(initial={**row.values, "identifier": row.identifier}), paste
    )


# --- One prediction -------------------------------------------------------------------------------


def _visible(request: SignedInRequest, key: uuid.UUID | str) -> Prediction:
    try:
        key = uuid.UUID(str(key))
    except ValueError as error:
        raise Http404 from error
    visible = Prediction.objects.visible_to(request.user).with_version()
    visible = visible.select_related("owner", "curve_signal")
    return get_object_or_404(visible, pk=key)


def _own(request: SignedInRequest, key: uuid.UUID) -> Prediction:
    return get_object_or_404(Prediction.objects.owned_by(request.user).with_version(), pk=key)


def _shown(prediction: Prediction) -> presentation.ShownAnswer:
    return presentation.ShownAnswer(
        prediction.answer, prediction.inputs, prediction.mission, prediction.version
    )


@require_GET
@login_required
def prediction_detail(request: SignedInRequest, key: uuid.UUID) -> HttpResponse:
    prediction = _visible(request, key)
    labels = ", ".join(label.name for label in prediction.labels.all())
    form = NoteForm(instance=prediction, initial={"labels": labels})
    return _prediction_page(request, prediction, form)


def _prediction_page(
    request: SignedInRequest, prediction: Prediction, form: NoteForm, status: int = 200
) -> HttpResponse:
    context = {
        "prediction": prediction,
        "shown": _shown(prediction),
        "is_own": prediction.owner_id == request.user.pk,
        "movable": presentation.movable(prediction.inputs),
        "variations": presentation.variations(prediction),
        "around": surroundings(prediction.inputs, prediction.identifier),
        "links": identifier_links(prediction.identifier),
        "note_form": form,
        "address": request.build_absolute_uri(prediction.get_absolute_url()),
    }
    return render(request, "predictions/signals/prediction_detail.html", context, status=status)


@require_GET
@login_required
def prediction_json(request: SignedInRequest, key: uuid.UUID) -> HttpResponse:
    return JsonResponse(
        _visible(request, key).as_json(), json_dumps_params={"indent": 2, "ensure_ascii": False}
    )


@require_GET
@login_required
def prediction_waterfall(request: SignedInRequest, key: uuid.UUID) -> HttpResponse:
    explanation = _shown(_visible(request, key)).explanation
    if explanation is None:
        raise Http404
    image = waterfall_png(explanation, dark="dark" in request.GET)
    # Made from the row alone, which does not change; private, because the row may be.
    return HttpResponse(
        image, content_type="image/png", headers={"Cache-Control": "private, max-age=3600"}
    )


@require_POST
@login_required
def prediction_edit(request: SignedInRequest, key: uuid.UUID) -> HttpResponse:
    prediction = _own(request, key)
    form = NoteForm(request.POST, instance=prediction)
    if not form.is_valid():
        return _prediction_page(request, _own(request, key), form, status=400)
    try:
        if "labels" in request.POST:
            labels_set(prediction=prediction, names=form.cleaned_data["labels"])
    except UserError as error:
        form.add_error("labels", error.message)
        return _prediction_page(request, _own(request, key), form, status=400)
    form.save()
    record(request.user, prediction, "Changed its name or note.")
    messages.success(request, "Saved.")
    return redirect(prediction)


@require_POST
@login_required
def prediction_share(request: SignedInRequest, key: uuid.UUID) -> HttpResponse:
    prediction = _own(request, key)
    prediction.shared = request.POST.get("shared") == "yes"
    prediction.save(update_fields=["shared"])
    record(request.user, prediction, SHARED_WORDS[prediction.shared])
    words = (
        "Everybody who is signed in can read this page now."
        if prediction.shared
        else "This page is private again."
    )
    messages.success(request, words)
    return redirect(prediction)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def prediction_again(request: SignedInRequest, key: uuid.UUID) -> HttpResponse:
    """The same signal by the version in service: a look changes nothing, a POST keeps the new
    answer."""
    earlier = _visible(request, key)
    version = ModelVersion.objects.filter(is_active=True).first()
    if version is None:
        messages.error(request, "No model version is in service.")
        return redirect(earlier)
    try:
        rows = prediction_rows(earlier)
    except InvalidSignal as error:  # the schema has become stricter since
        messages.error(request, error.message)
        return redirect(earlier)
    verdict = signal_classify(rows, version=version, identifier=earlier.identifier)
    if request.method == "POST":
        texts = {
            "identifier": earlier.identifier,
            "note": earlier.note if earlier.owner_id == request.user.pk else "",
        }
        return redirect(
            prediction_create(user=request.user, raw=earlier.inputs, verdict=verdict, **texts)
        )
    answer = verdict.as_json()
    context = {
        "prediction": earlier,
        "version": version,
        "shown": presentation.ShownAnswer(answer, earlier.inputs, earlier.mission, version),
        "before": _shown(earlier),
        "changes": presentation.changes(earlier.answer, answer),
    }
    return render(request, "predictions/signals/prediction_again.html", context)


@require_GET
@login_required
def prediction_what_if(request: SignedInRequest, key: uuid.UUID) -> HttpResponse:
    """The version in service's answer to the same signal with some inputs moved; stores nothing.
    A script asks for the answer alone."""
    earlier = _visible(request, key)
    moved = {name: request.GET[name].strip() for name in MOVABLE if name in request.GET}
    context: dict[str, Any] = {"prediction": earlier, **_what_if(earlier, moved)}
    alone = "X-Fragment" in request.headers
    template = "what_if_answer.html" if alone else "what_if.html"
    status = 422 if context.get("wrong") else 200
    return render(request, f"predictions/signals/{template}", context, status=status)


def _what_if(earlier: Prediction, moved: dict[str, str]) -> dict[str, Any]:
    typed = {**earlier.inputs, **moved}
    raw = {name: value for name, value in typed.items() if value != ""}
    typed_in = presentation.movable(typed)
    try:
        rows = parse_signal({"mission": earlier.mission, **raw})
        verdict = signal_classify(rows, counted=False)
    except InvalidSignal as error:
        return {"movable": typed_in, "wrong": [error.message]}
    except ModelVersion.DoesNotExist:
        return {"movable": typed_in, "wrong": ["No model version is in service."]}
    inputs, answer = signal_inputs(rows, raw), verdict.as_json()
    return {
        "movable": typed_in,
        "shown": presentation.ShownAnswer(answer, inputs, earlier.mission, verdict.version),
        "around": surroundings(inputs, earlier.identifier),
        "varied": presentation.varied(earlier.inputs, inputs),
        "changes": presentation.changes(earlier.answer, answer),
    }


@require_GET
@public_reading
@cache_control(private=True, max_age=KEPT_SECONDS)  # what a version has learnt from stays the same
def known_signals(request: HttpRequest, version: str) -> HttpResponse:
    """The signals that a version has learnt from, as the picture behind one that is looked at."""
    points = get_object_or_404(ModelVersion, name=version).classifier.points
    if points is None:
        raise Http404
    context = {"version": version, "lines": known_lines(points), "dark": "dark" in request.GET}
    picture = "predictions/signals/known_signals.svg"
    return render(request, picture, context, content_type="image/svg+xml")
