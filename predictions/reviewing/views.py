"""Pages where people vote on signals, and where agreed votes become a dataset."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from predictions.catalogue.models import Signal
from predictions.reviewing import pages, services
from predictions.reviewing.agreed import agreed_signals, dataset_from_votes
from predictions.reviewing.forms import DatasetForm, RuleForm, VoteForm
from predictions.reviewing.lists import QueueForm
from predictions.reviewing.models import ReviewItem
from predictions.reviewing.words import GROUNDS_BY_ANSWER
from training.accounts.roles import curator_required, member_required
from training.ml.errors import UserError


@require_GET
@member_required
def review_queue(request: HttpRequest) -> HttpResponse:
    form = QueueForm(request.GET)
    found = form.found(_user(request)).select_related("signal").defer("facts", "signal__inputs")
    page = Paginator(found, pages.ROWS).get_page(request.GET.get("page"))
    context = {"page_obj": page, **pages.queue_context(form, list(page.object_list))}
    return render(request, "predictions/reviewing/queue.html", context)


@require_GET
@member_required
def review_next(request: HttpRequest) -> HttpResponse:
    """To the first signal of a list that one has not voted on."""
    form, user = QueueForm(request.GET), _user(request)
    before = ReviewItem.objects.filter(signal__slug=request.GET.get("after", "")[:100]).first()
    item = form.next_after(user, before)
    if item is None:
        return redirect(f"{reverse('review_queue')}?{_kept(request)}")
    return redirect(f"{reverse('review_signal', args=[item.signal.slug])}?{_kept(request)}")


@member_required
def review_signal(request: HttpRequest, slug: str) -> HttpResponse:
    """The evidence and the vote; what others say is told to those who have voted."""
    signal = get_object_or_404(Signal.objects.select_related("star", "scored_by"), slug=slug)
    user = _user(request)
    seen = "seen" in request.GET
    form = VoteForm(request.POST) if request.method == "POST" else _vote_form(signal, user, seen)
    if form.is_bound and form.is_valid():
        services.vote_cast(signal=signal, voter=user, **form.cleaned_data)
        messages.success(
            request, "Your vote is kept. You can change it; what you said before stays."
        )
        return redirect(f"{reverse('review_signal', args=[slug])}?{_kept(request)}")
    context = {
        "form": form,
        "grounds": GROUNDS_BY_ANSWER,
        "ticked": form["grounds"].value() or [],
        "kept": _kept(request),
        **pages.signal_context(signal, user),
    }
    status = 422 if form.is_bound else 200
    return render(request, "predictions/reviewing/signal.html", context, status=status)


def _vote_form(signal: Signal, user: User, seen: bool) -> VoteForm:
    """With what one has said; ``seen``: one comes from a page that tells the score."""
    own = services.own_votes(signal, user)[:1]
    said = {name: getattr(vote, name) for vote in own for name in ("answer", "grounds", "comment")}
    return VoteForm(initial={"knew": seen, **said})


@require_GET
@member_required
def review_agreement(request: HttpRequest) -> HttpResponse:
    """How far people agree, over all signals."""
    only_blind = "only_blind" in request.GET
    context = {"only_blind": only_blind, "overall": services.agreement_overall(only_blind)}
    return render(request, "predictions/reviewing/agreement.html", context)


@curator_required
def review_agreed(request: HttpRequest) -> HttpResponse:
    """By which rule votes are agreed, what it gives, and a dataset of it."""
    form = DatasetForm(request.POST) if request.method == "POST" else RuleForm(request.GET)
    if isinstance(form, DatasetForm) and form.is_valid():
        try:
            dataset = dataset_from_votes(
                rule=form.rule, name=form.cleaned_data["name"], user=_user(request)
            )
        except UserError as error:
            messages.error(request, error.message)
            return redirect("review_agreed")
        if "train" in request.POST:
            return redirect(f"{reverse('training_run_create')}?dataset={dataset.pk}")
        return redirect(dataset)
    agreed = agreed_signals(form.rule)
    page = Paginator(pages.agreed_rows(agreed, _user(request)), pages.ROWS)
    context = {
        "form": form,
        "rule": form.rule,
        "agreed": len(agreed),
        "counts": pages.agreed_counts(agreed),
        "page_obj": page.get_page(request.GET.get("page")),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "predictions/reviewing/agreed.html", context, status=status)


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


def _kept(request: HttpRequest) -> str:
    """The list from which one came, as its address has it."""
    asked = request.GET.copy()
    for name in set(asked) - {"reason", "mission", "show"}:
        del asked[name]
    return asked.urlencode()
