"""Pages to classify one signal, to read an answer, and to find it again."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from predictions import history, presentation
from predictions.examples import EXAMPLE_BY_KEY, EXAMPLES
from predictions.forms import NoteForm, PasteForm, SignalForm, input_text
from predictions.glossary import TERMS
from predictions.models import Prediction
from predictions.services import prediction_create, prediction_rows, signal_classify
from predictions.words import identifier_links
from training.audit import SHARED_WORDS, record
from training.ml.errors import InvalidSignal
from training.ml.inputs import range_words
from training.ml.schema import FEATURES, Feature
from training.ml.waterfall import waterfall_png
from training.models import ModelVersion
from training.scorecard import Scorecard

PAGE_ROWS = 50
LATEST = 5


class SignedInRequest(HttpRequest):
    user: User


@require_GET
@login_required
def home(request: SignedInRequest) -> HttpResponse:
    version = ModelVersion.objects.filter(is_active=True).first()
    latest = Prediction.objects.owned_by(request.user).with_version()[:LATEST]
    return render(
        request,
        "predictions/home.html",
        {
            "version": version,
            "scorecard": Scorecard(version.metrics) if version else None,
            "latest": latest,
            "examples": (EXAMPLES[0], EXAMPLES[5], EXAMPLES[7]),
        },
    )


@require_GET
def glossary(request: HttpRequest) -> HttpResponse:
    inputs = [{"feature": feature, "range": _range(feature)} for feature in FEATURES]
    return render(request, "predictions/glossary.html", {"terms": TERMS, "inputs": inputs})


def _range(feature: Feature) -> str:
    return ", ".join(feature.choices) if feature.choices else range_words(feature)


# --- Classify --------------------------------------------------------------------------------------------------------


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
        verdict = signal_classify(form.rows)
    except ModelVersion.DoesNotExist:
        messages.error(request, "No model version is in service, so nothing can be classified: ask a curator.")
        return _classify_page(request, form, status=503)
    texts = {name: form.cleaned_data[name] for name in ("identifier", "note")}
    return redirect(prediction_create(user=request.user, raw=form.raw, signal=form.rows, verdict=verdict, **texts))


def _classify_page(
    request: SignedInRequest, form: SignalForm, paste: PasteForm | None = None, status: int = 200
) -> HttpResponse:
    facts = {"form": form, "paste": paste or PasteForm(), "examples": EXAMPLES, "example": _example(request)}
    return render(request, "predictions/classify.html", facts, status=status)


def _example(request: HttpRequest) -> Any:
    return EXAMPLE_BY_KEY.get(request.GET.get("example", ""))


def _first_values(request: SignedInRequest) -> dict[str, str]:
    """What the form holds at first: a known example, or an earlier signal to vary, or nothing."""
    if example := _example(request):
        return {"mission": example.mission, "identifier": example.identifier, **_texts(example.values)}
    if earlier := request.GET.get("from"):
        prediction = _visible(request, earlier)
        return {"mission": prediction.mission, "identifier": prediction.identifier, **_texts(prediction.inputs)}
    return {}


def _texts(values: Any) -> dict[str, str]:
    return {name: input_text(value) for name, value in values.items()}


def _pasted(request: SignedInRequest) -> HttpResponse:
    """The form filled from a pasted row; nothing is classified before somebody has looked at it."""
    paste = PasteForm(request.POST)
    if not paste.is_valid():
        return _classify_page(request, SignalForm(), paste, status=400)
    row = paste.pasted
    return _classify_page(request, SignalForm(initial={**row.values, "identifier": row.identifier}), paste)


# --- One prediction --------------------------------------------------------------------------------------------------


def _visible(request: SignedInRequest, key: uuid.UUID | str) -> Prediction:
    try:
        key = uuid.UUID(str(key))
    except ValueError as error:
        raise Http404 from error
    visible = Prediction.objects.visible_to(request.user).with_version().select_related("owner")
    return get_object_or_404(visible, pk=key)


def _own(request: SignedInRequest, key: uuid.UUID) -> Prediction:
    return get_object_or_404(Prediction.objects.owned_by(request.user).with_version(), pk=key)


def _shown(prediction: Prediction) -> presentation.ShownAnswer:
    return presentation.ShownAnswer(prediction.answer, prediction.inputs, prediction.mission, prediction.version)


@require_GET
@login_required
def prediction_detail(request: SignedInRequest, key: uuid.UUID) -> HttpResponse:
    prediction = _visible(request, key)
    return _prediction_page(request, prediction, NoteForm(instance=prediction))


def _prediction_page(
    request: SignedInRequest, prediction: Prediction, form: NoteForm, status: int = 200
) -> HttpResponse:
    facts = {
        "prediction": prediction,
        "shown": _shown(prediction),
        "is_own": prediction.owner_id == request.user.pk,
        "links": identifier_links(prediction.identifier),
        "note_form": form,
        "address": request.build_absolute_uri(prediction.get_absolute_url()),
    }
    return render(request, "predictions/prediction_detail.html", facts, status=status)


@require_GET
@login_required
def prediction_json(request: SignedInRequest, key: uuid.UUID) -> HttpResponse:
    return JsonResponse(_visible(request, key).as_json(), json_dumps_params={"indent": 2, "ensure_ascii": False})


@require_GET
@login_required
def prediction_waterfall(request: SignedInRequest, key: uuid.UUID) -> HttpResponse:
    explanation = _shown(_visible(request, key)).explanation
    if explanation is None:
        raise Http404
    image = waterfall_png(explanation, dark="dark" in request.GET)
    # Made from the row alone, which does not change; private, because the row may be.
    return HttpResponse(image, content_type="image/png", headers={"Cache-Control": "private, max-age=3600"})


@require_POST
@login_required
def prediction_edit(request: SignedInRequest, key: uuid.UUID) -> HttpResponse:
    prediction = _own(request, key)
    form = NoteForm(request.POST, instance=prediction)
    if not form.is_valid():
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
    words = "Everybody who is signed in can read this page now." if prediction.shared else "This page is private again."
    messages.success(request, words)
    return redirect(prediction)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def prediction_again(request: SignedInRequest, key: uuid.UUID) -> HttpResponse:
    """The same signal by the version in service: a look changes nothing, a POST keeps the new answer."""
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
    verdict = signal_classify(rows, version=version)
    if request.method == "POST":
        texts = {"identifier": earlier.identifier, "note": earlier.note if earlier.owner_id == request.user.pk else ""}
        return redirect(prediction_create(user=request.user, raw=earlier.inputs, signal=rows, verdict=verdict, **texts))
    answer = verdict.as_json()
    facts = {
        "prediction": earlier,
        "version": version,
        "shown": presentation.ShownAnswer(answer, earlier.inputs, earlier.mission, version),
        "before": _shown(earlier),
        "changes": presentation.changes(earlier.answer, answer),
    }
    return render(request, "predictions/prediction_again.html", facts)


# --- History ---------------------------------------------------------------------------------------------------------


@require_GET
@login_required
def prediction_list(request: SignedInRequest) -> HttpResponse:
    form = history.HistoryForm(request.GET, Prediction.objects.owned_by(request.user))
    # Keys alone are read from an index, so that the last page of a long history costs little more than the first.
    page = Paginator(form.shown().values_list("pk", flat=True), PAGE_ROWS).get_page(request.GET.get("page"))
    rows = Prediction.objects.defer("inputs", "answer").in_bulk(list(page))
    facts = {"form": form, "page_obj": page, "predictions": [rows[key] for key in page]}
    return render(request, "predictions/prediction_list.html", facts)


@require_GET
@login_required
def prediction_list_csv(request: SignedInRequest) -> StreamingHttpResponse:
    form = history.HistoryForm(request.GET, Prediction.objects.owned_by(request.user))
    headers = {"Content-Disposition": 'attachment; filename="predictions.csv"'}
    return StreamingHttpResponse(
        history.csv_lines(form.found()), content_type="text/csv; charset=utf-8", headers=headers
    )
