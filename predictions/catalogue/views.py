"""Pages of the catalogue."""

from __future__ import annotations

from typing import Any, Final, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from predictions.catalogue import pages
from predictions.catalogue.asking import ChangesForm
from predictions.catalogue.changes import CHANGE_KINDS, changes_since
from predictions.catalogue.downloads import FORMATS, about_now
from predictions.catalogue.filling.apart import CatalogueSimulated, NotForCatalogue
from predictions.catalogue.filling.pages import filling_context
from predictions.catalogue.filling.views import refer_to_example
from predictions.catalogue.lists import (
    SignalListForm,
    page_of,
    signals_of,
    tables_in_charge,
)
from predictions.catalogue.models import MISSIONS, CatalogueTable, Name, Signal, Star
from predictions.catalogue.others.models import OtherList
from predictions.catalogue.plots.nearest import PlaceForm, nearest_json, nearest_of
from predictions.catalogue.plots.period_radius import counts_of, period_radius_map
from predictions.catalogue.services import (
    charge_objections,
    charge_request,
    dataset_check,
    state_date,
)
from predictions.catalogue.twins.services import twins_listed
from predictions.pages.finding import find
from predictions.signals.forms import PastedRow, input_text
from predictions.signals.views import classify_pasted
from training.accounts.public import public_reading
from training.accounts.requests import SignedInRequest
from training.accounts.roles import curator_required
from training.confirmations import Confirmation, confirm
from training.datasets.models import Dataset
from training.ml.errors import UserError
from training.ml.sky.typed import read_typed

ROWS: Final = 50
LIST_ROWS: Final = 40
"""Beside its map a list of forty weighs less than 100 kB."""
TYPED_LENGTH: Final = 400


@require_GET
@public_reading
def catalogue_list(request: HttpRequest) -> HttpResponse:
    form = SignalListForm(request.GET)
    counts = counts_of(form)
    page = page_of(counts.keys, request.GET.get("page"), LIST_ROWS)
    if not (page.paginator.count or form.other or form.unknown) and not Signal.objects.exists():
        return render(request, "predictions/catalogue/empty.html", filling_context())
    context = {
        "form": form,
        "page_obj": page,
        "signals": signals_of(page, form.rows),
        "tables": [] if form.other else tables_in_charge(),
        "others": OtherList.objects.all(),
        "formats": FORMATS.values(),
        "map": period_radius_map(form, counts),
        **filling_context(),
    }
    return render(request, "predictions/catalogue/list.html", context)


@require_GET
@public_reading
def catalogue_nearest(request: HttpRequest) -> JsonResponse:
    """The signal that stands nearest to a place of the map of a list."""
    form = SignalListForm(request.GET)
    return JsonResponse(nearest_json(nearest_of(form, *PlaceForm(request.GET).place)))


@require_GET
@public_reading
def catalogue_download(request: HttpRequest, key: str) -> StreamingHttpResponse:
    wanted = FORMATS.get(key)
    if wanted is None:
        raise Http404
    form = SignalListForm(request.GET)
    if form.unknown:  # another list than was meant would be a silent guess
        raise Http404
    made_up = "simulated-" if CatalogueTable.objects.simulated().exists() else ""
    name = f"{made_up}{form.list_name}.{wanted.extension}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    content = wanted.write(form.found(), about_now(form.other))
    return StreamingHttpResponse(content, content_type=wanted.content_type, headers=headers)


@require_GET
@public_reading
def catalogue_changes(request: HttpRequest) -> HttpResponse:
    """What tables said otherwise than those before them, the newest first."""
    form = ChangesForm(request.GET)
    form.is_valid()  # what is not is left out
    given = form.cleaned_data
    found = Paginator(changes_since(**given), ROWS)
    ready = CatalogueTable.objects.filter(status=CatalogueTable.Status.READY)
    context = given | {
        "page_obj": found.get_page(request.GET.get("page")),
        "is_filtered": any(given.values()),
        "missions": MISSIONS,
        "kinds": CHANGE_KINDS,
        "tables": list(ready.with_dataset()[:20]),
    }
    return render(request, "predictions/catalogue/changes.html", context)


@require_GET
@public_reading
def catalogue_conflicts(request: HttpRequest) -> HttpResponse:
    """Planets of which two missions say different things."""
    twins, conflicts = (
        Paginator(twins_listed(conflicts_only=only), 2 * ROWS) for only in (False, True)
    )
    is_all = request.GET.get("show") == "twins"
    context = {
        "page_obj": (twins if is_all else conflicts).get_page(request.GET.get("page")),
        "is_all": is_all,
        "twins": twins.count,
        "conflicts": conflicts.count,
    }
    return render(request, "predictions/catalogue/conflicts.html", context)


@require_GET
@public_reading
def catalogue_signal(request: HttpRequest, slug: str) -> HttpResponse:
    signal = Signal.objects.select_related("star", "first_table", "last_table").filter(slug=slug)
    if found := signal.first():
        context = pages.signal_context(found)
        address = request.build_absolute_uri(found.get_absolute_url())
        return render(request, "predictions/catalogue/signal.html", context | {"address": address})
    return redirect(_renamed(slug))


def _renamed(slug: str) -> Signal:
    """Under an earlier name or another spelling."""
    keys = read_typed(slug).keys
    name = Name.objects.filter(key__in=keys).exclude(signal=None).select_related("signal").first()
    if name is None or name.signal is None:
        raise Http404
    return name.signal


@require_GET
@public_reading
def catalogue_star(request: HttpRequest, slug: str) -> HttpResponse:
    star = get_object_or_404(Star, slug=slug)
    context = pages.star_context(star, request.GET.get("named", ""))
    return render(request, "predictions/catalogue/star.html", context)


@require_GET
@login_required
def catalogue_vary(request: SignedInRequest, slug: str) -> HttpResponse:
    """The form with the signal's inputs, to classify a variation of it."""
    signal = get_object_or_404(Signal, slug=slug)
    values = {name: input_text(value) for name, value in signal.inputs.items()}
    return classify_pasted(request, PastedRow({**values, "mission": signal.mission}, signal.name))


@require_GET
@public_reading
def catalogue_find_page(request: HttpRequest) -> HttpResponse:
    """From the box of the header to the page of what is named in it; a row fills the form."""
    text = request.GET.get("q", "")[:TYPED_LENGTH]
    found = find(text, request.user if isinstance(request.user, User) else None)
    if found.address:
        return redirect(found.address)
    if found.row:
        return classify_pasted(cast(SignedInRequest, request), found.row)
    context = {"found": found, "searched": text.strip()}
    return render(request, "predictions/catalogue/found.html", context)


@curator_required
def catalogue_charge(request: HttpRequest, pk: int) -> HttpResponse:
    """A question first; then a worker puts the dataset in charge."""
    dataset = get_object_or_404(Dataset.objects.received(), pk=pk)
    try:
        dataset_check(dataset)
        if request.method != "POST":
            return confirm(request, _question(dataset))
        seen = request.POST.get("seen", "")
        if charge_objections(dataset) and seen != _seen(dataset):
            return confirm(request, _question(dataset))
        charge_request(dataset=dataset, user=cast(User, request.user), sure=True)
    except CatalogueSimulated as error:
        return refer_to_example(request, error, dataset)
    except (NotForCatalogue, UserError) as error:
        messages.error(request, error.message)
        return redirect(dataset)
    return redirect("catalogue_filling")


def _seen(dataset: Dataset) -> str:
    """What a person says yes to: with another table in charge the question is another one."""
    current = CatalogueTable.objects.current().filter(mission=dataset.mission).first()
    return str(current.pk if current else "")


def _question(dataset: Dataset) -> Confirmation:
    against: list[str] = charge_objections(dataset)
    changes = [
        f"The signals of {dataset.mission} stand as this table has them,"
        f" of {state_date(dataset):%Y-%m-%d}.",
        "What is new, gone, renamed or has another disposition is counted and kept for good.",
        "The version in service scores the signals anew.",
    ]
    return Confirmation(
        question=f"Put it in charge of the catalogue's {dataset.mission}?",
        about=dataset.name,
        address=dataset.get_absolute_url(),
        changes=[*against, *changes],
        stays=["Earlier tables, their dispositions, and all earlier scores."],
        undo="Put the table that was in charge before in charge again; both changes stay listed.",
        button="Put it in charge",
        keep="Leave the catalogue as it is",
        is_danger=bool(against),
        hidden=cast(dict[str, Any], {"seen": _seen(dataset)}),
    )
