"""Pages of lists that are no mission's, and how a curator brings and removes one."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from predictions.catalogue.filling.apart import NotForCatalogue
from predictions.catalogue.others.forms import OtherListForm
from predictions.catalogue.others.models import OtherList, OtherSignal, OtherTable
from predictions.catalogue.others.pages import (
    list_context,
    lists_context,
    other_signal_context,
)
from predictions.catalogue.others.services import (
    ListRefused,
    list_remove,
    other_charge_request,
    other_dataset_check,
)
from predictions.catalogue.services import ChargeHeld
from predictions.signals.forms import PastedRow, input_text
from predictions.signals.views import classify_pasted
from training.accounts.public import public_reading
from training.accounts.requests import SignedInRequest
from training.accounts.roles import curator_required
from training.confirmations import Confirmation, confirm
from training.datasets.models import Dataset
from training.figures import counted
from training.ml.errors import UserError


@require_GET
@public_reading
def catalogue_other_lists(request: HttpRequest) -> HttpResponse:
    return render(request, "predictions/catalogue/others/lists.html", lists_context())


@require_GET
@public_reading
def catalogue_other_list(request: HttpRequest, key: str) -> HttpResponse:
    """About one list: who publishes it, what is in charge, and what was before."""
    whole = get_object_or_404(OtherList, slug=key)
    return render(request, "predictions/catalogue/others/list.html", list_context(whole))


@require_GET
@public_reading
def catalogue_other_signal(request: HttpRequest, key: str, slug: str) -> HttpResponse:
    signal = get_object_or_404(_signals(), list__slug=key, slug=slug)
    context = other_signal_context(signal)
    address = request.build_absolute_uri(signal.get_absolute_url())
    context |= {"address": address}
    return render(request, "predictions/catalogue/others/signal.html", context)


@require_GET
@login_required
def catalogue_other_vary(request: SignedInRequest, key: str, slug: str) -> HttpResponse:
    """The form with the signal's inputs, to classify a variation of it."""
    signal = get_object_or_404(OtherSignal, list__slug=key, slug=slug)
    values = {name: input_text(value) for name, value in signal.inputs.items()}
    return classify_pasted(request, PastedRow({**values, "mission": signal.mission}, signal.name))


def _signals() -> Any:
    beside = ("list", "star", "same_as", "first_table", "last_table__dataset")
    return OtherSignal.objects.select_related(*beside)


@curator_required
def catalogue_other_join(request: HttpRequest, pk: int) -> HttpResponse:
    """Whose list a dataset is; then a worker puts it in charge of that list."""
    dataset = get_object_or_404(Dataset.objects.received(), pk=pk)
    try:
        other_dataset_check(dataset)
    except NotForCatalogue as error:
        messages.error(request, error.message)
        return redirect(dataset)
    form = OtherListForm(request.POST or None, initial=_initial(dataset))
    sent = request.method == "POST" and form.is_valid()
    if sent and (table := _asked(request, dataset, form)):
        return redirect(table.list)
    context = {"form": form, "dataset": dataset, "lists": OtherList.objects.all()}
    status = 422 if form.errors else 200
    return render(request, "predictions/catalogue/others/join.html", context, status=status)


def _asked(request: HttpRequest, dataset: Dataset, form: OtherListForm) -> OtherTable | None:
    user, sure = cast(User, request.user), form.cleaned_data["sure"]
    try:
        return other_charge_request(dataset=dataset, described=form.described, user=user, sure=sure)
    except ListRefused as error:
        form.add_error(error.field, error.message)
    except ChargeHeld as error:
        form.ask()
        form.add_error("sure", f"{' '.join(error.against)} Tick this to put it in charge anyway.")
    except UserError as error:
        form.add_error(None, error.message)
    return None


def _initial(dataset: Dataset) -> dict[str, str]:
    """What is known of its list, where it is one's."""
    taken = OtherTable.objects.filter(dataset=dataset).select_related("list").first()
    if taken is None:
        return {"mission": dataset.mission}
    names = ("name", "source", "citation", "mission")
    return {name: getattr(taken.list, name) for name in names}


@curator_required
def catalogue_other_remove(request: HttpRequest, key: str) -> HttpResponse:
    """A question first; then the list with all that was made of it goes."""
    whole = get_object_or_404(OtherList, slug=key)
    if request.method != "POST" or request.POST.get("seen") != _seen(whole):
        return confirm(request, _question(whole))
    count = list_remove(whole=whole, user=cast(User, request.user))
    messages.success(request, f"The list {whole.name} is gone, with {counted(count, 'signal')}.")
    return redirect("catalogue_other_lists")


def _seen(whole: OtherList) -> str:
    """A table that took charge meanwhile makes another list of it."""
    return str(whole.tables.values_list("pk", flat=True).first() or "")


def _question(whole: OtherList) -> Confirmation:
    return Confirmation(
        question="Remove this list from the catalogue?",
        about=whole.name,
        address=whole.get_absolute_url(),
        changes=[
            f"{counted(whole.signals.count(), 'signal')} of the list with their scores go, and"
            " what its tables said over time."
        ],
        stays=["Its tables among the datasets.", "The missions' signals and stars."],
        undo="Put its tables in charge again, in the order of their dates; all is made anew.",
        button="Remove the list",
        keep="Keep it",
        hidden={"seen": _seen(whole)},
    )
