"""The first page, and the words of the site."""

from __future__ import annotations

import io
from typing import Final

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from predictions.batches.pages import limits
from predictions.batches.services import batch_create, table_limits
from predictions.batches.views import batch_upload
from predictions.demo.services import is_empty, is_filled
from predictions.pages.examples import EXAMPLES, Example, examples_csv
from predictions.pages.finding import Found, find
from predictions.pages.glossary import TERMS
from predictions.signals.forms import PASTE_LENGTH
from predictions.signals.models import Prediction
from predictions.signals.services import prediction_create, signal_classify
from predictions.signals.views import classify_pasted
from training.accounts.requests import SignedInRequest
from training.accounts.roles import is_administrator
from training.ml.errors import UserError
from training.ml.inputs import parse_signal, range_words
from training.ml.schema import FEATURES, Feature
from training.ml.tables.head import read_head
from training.ml.tables.preview import preview_head
from training.models import ModelVersion
from training.versions.scorecard import Scorecard

LATEST: Final = 5


@require_GET
@login_required
def home(request: SignedInRequest) -> HttpResponse:
    return _home(request)


def _home(
    request: SignedInRequest, found: Found | None = None, typed: str = "", status: int = 200
) -> HttpResponse:
    version = ModelVersion.objects.filter(is_active=True).first()
    context = {
        "version": version,
        "scorecard": Scorecard(version.metrics) if version else None,
        "latest": Prediction.objects.owned_by(request.user).with_version()[:LATEST],
        "examples": EXAMPLES,
        "found": found,
        "typed": typed,
        "limits": limits(),
        "demo": _demo(request.user),
    }
    return render(request, "predictions/pages/home.html", context, status=status)


def _demo(user: User) -> str:
    """What an administrator is offered: to fill an empty site, or to remove what filled it."""
    if not is_administrator(user):
        return ""
    return "fill" if is_empty() else "remove" if is_filled() else ""


@require_POST
@login_required
def find_signal(request: SignedInRequest) -> HttpResponse:
    """From the one box to a verdict, to the form, or to the check page of a table."""
    if request.FILES.get("file"):
        return batch_upload(request)
    if "examples" in request.POST:
        return _check_table(request, examples_csv(), "examples.csv")
    typed = request.POST.get("what", "")[:PASTE_LENGTH]
    found = find(typed, request.user)
    if found.example:
        return _classify_example(request, found.example)
    if found.prediction:
        return redirect(found.prediction)
    if len(found.matches) == 1:
        return redirect(found.matches[0].address)
    if found.row:
        return classify_pasted(request, found.row)
    if found.table:
        return _check_table(request, found.table, "pasted.csv")
    return _home(request, found, typed, status=200 if found.matches else 422)


def _classify_example(request: SignedInRequest, example: Example) -> HttpResponse:
    raw = {name: float(value) for name, value in example.values.items()}
    rows = parse_signal({"mission": str(example.mission), **raw})
    try:
        verdict = signal_classify(rows, identifier=example.full_name)
    except ModelVersion.DoesNotExist:
        nothing = Found(sentence="No model version is in service, so nothing can be classified.")
        return _home(request, nothing, example.name, status=503)
    name = example.full_name
    return redirect(prediction_create(user=request.user, raw=raw, verdict=verdict, identifier=name))


def _check_table(request: SignedInRequest, text: str, name: str) -> HttpResponse:
    """The check page of a table that was pasted; a sentence where it is none."""
    file = io.BytesIO(text.encode())
    try:
        head = read_head(file, limits=table_limits())
        preview_head(head)
        file.seek(0)
        batch = batch_create(owner=request.user, file=file, name=name, head=head)
    except UserError as error:
        return _home(request, Found(sentence=error.message), text, status=422)
    return redirect("batch_check", batch.pk)


@require_GET
@login_required
def examples_table(request: HttpRequest) -> HttpResponse:
    headers = {"Content-Disposition": 'attachment; filename="examples.csv"'}
    return HttpResponse(examples_csv(), content_type="text/csv; charset=utf-8", headers=headers)


@require_GET
def glossary(request: HttpRequest) -> HttpResponse:
    inputs = [{"feature": feature, "range": _range(feature)} for feature in FEATURES]
    return render(request, "predictions/pages/glossary.html", {"terms": TERMS, "inputs": inputs})


def _range(feature: Feature) -> str:
    return ", ".join(feature.choices) if feature.choices else range_words(feature)
