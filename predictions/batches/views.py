"""Pages of batches."""

from __future__ import annotations

import csv
import io
from typing import Any, BinaryIO, cast

import numpy as np
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from predictions.batches import pages as batch_pages
from predictions.batches import services as batch_services
from predictions.batches.asking import cancel_asked, deletion_asked
from predictions.batches.downloads import (
    FORMATS,
    Mask,
    NoRows,
    download_name,
    download_named,
    download_stem,
)
from predictions.batches.forms import BatchStartForm, BatchUploadForm, RowFilterForm
from predictions.batches.models import Batch
from predictions.batches.plots import plot_context
from predictions.curves.folders.lights import lights_of
from predictions.history.pages import views_of_batches
from predictions.triage.asked import neighbours_context, positions_of
from predictions.triage.forms import RowMarkForm
from predictions.triage.services import marks_of
from training.confirmations import confirm
from training.datasets.mapping_forms import MappingForm
from training.datasets.mappings import SavedMapping, mapping_save
from training.datasets.uploads import form_status, upload_answered
from training.live import live_part
from training.ml.errors import TableError, UserError
from training.ml.schema import FEATURE_NAMES
from training.ml.tables.head import read_head
from training.ml.tables.mapping import ColumnMapping
from training.ml.tables.preview import Preview, preview_head
from training.models import ModelVersion

BATCHES_PER_PAGE = 25


@login_required
@require_GET
def batch_list(request: HttpRequest) -> HttpResponse:
    batches = Batch.objects.visible_to(request.user).with_version().select_related("owner")
    page = Paginator(batches, BATCHES_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "predictions/batches/list.html", {"page_obj": page})


@login_required
def batch_upload(request: HttpRequest) -> HttpResponse:
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = BatchUploadForm(*sent, request=request)
    if request.method == "POST" and form.is_valid():
        try:
            # Before anything is kept: what is no table leaves nothing behind.
            head = read_head(cast(BinaryIO, form.upload.file), limits=batch_services.table_limits())
            preview_head(head)
            batch = batch_services.batch_create(
                owner=_user(request),
                file=form.upload,
                name=form.upload.name or "",
                mission=form.mission_chosen,
                head=head,
            )
        except TableError as error:
            form.add_error("file", error.message)
        else:
            return upload_answered(request, "batch_check", batch.pk)
    context = {"form": form, "limits": batch_pages.limits()}
    status = form_status(request, form)
    return render(request, "predictions/batches/upload.html", context, status=status)


@login_required
@require_GET
def batch_template(request: HttpRequest) -> HttpResponse:
    """An empty table with every column that we can use."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(
        ["identifier", "star", "mission", *FEATURE_NAMES, "ra", "dec"]
    )
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="signals-template.csv"'
    return response


@login_required
def batch_check(request: HttpRequest, pk: str) -> HttpResponse:
    """The first rows of a draft: how they will be read, and the form to read them otherwise."""
    batch = _own(request, pk)
    if not batch.is_draft:
        return redirect("batch_detail", batch.pk)
    saved = SavedMapping.objects.filter(
        owner=_user(request), pk=_number(request.GET.get("mapping"))
    ).first()
    try:
        preview = _preview(batch, saved.column_mapping if saved else None)
    except TableError as error:
        return _cannot_read(request, batch, error)
    mapping_form = MappingForm(
        request.POST if "use_mapping" in request.POST else None, preview=preview
    )
    start_form = BatchStartForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and start_form.is_valid():
        if "use_mapping" in request.POST:
            if mapping_form.is_valid():
                return _check_with(request, batch, mapping_form)
        elif preview.recognised:
            return _start(request, batch, start_form.top, saved)
    context = {
        "batch": batch,
        "preview": preview,
        "mapping_form": mapping_form,
        "start_form": start_form,
        "chosen": saved,
        "saved_mappings": SavedMapping.objects.all().fitting(_user(request), preview.columns),
        **batch_pages.preview_context(preview),
    }
    status = 422 if mapping_form.errors or start_form.errors else 200
    return render(request, "predictions/batches/check.html", context, status=status)


def _check_with(request: HttpRequest, batch: Batch, form: MappingForm) -> HttpResponse:
    """Show the table again as the person has mapped it, before anything is classified."""
    mapping = form.column_mapping()
    if name := form.cleaned_data["save_as"]:
        mapping_save(owner=_user(request), name=name, columns=form.columns, mapping=mapping)
    Batch.objects.filter(pk=batch.pk, status=Batch.Status.DRAFT).update(mapping=mapping.as_json())
    return redirect("batch_check", batch.pk)


def _start(
    request: HttpRequest, batch: Batch, top: int, saved: SavedMapping | None
) -> HttpResponse:
    try:
        batch_services.batch_start(
            batch=batch, top_contributions=top, mapping=saved.mapping if saved else None
        )
    except ModelVersion.DoesNotExist:
        messages.error(
            request, "No classifier is in service; ask a curator to activate a model version."
        )
        return redirect("batch_check", batch.pk)
    return redirect("batch_detail", batch.pk)


def _cannot_read(request: HttpRequest, batch: Batch, error: TableError) -> HttpResponse:
    """A mapping that no longer fits, or a file that is no table: the way back is to begin anew."""
    Batch.objects.filter(pk=batch.pk, status=Batch.Status.DRAFT).update(mapping=None)
    context = {"batch": batch, "refusal": error.message}
    return render(request, "predictions/batches/refused.html", context, status=422)


@login_required
@require_GET
def batch_detail(request: HttpRequest, pk: str) -> HttpResponse:
    batch = _visible(request, pk)
    if batch.is_draft:
        return redirect("batch_check", batch.pk)
    context: dict[str, Any] = {"batch": batch, "is_owner": batch.owner_id == request.user.pk}
    if not batch.is_done:
        return render(
            request,
            "predictions/batches/progress.html",
            context | batch_pages.progress_context(batch),
        )
    form = RowFilterForm(request.GET)
    context |= {"narrowed": _is_narrowed(request)}
    context |= {"form": form, "formats": batch_pages.formats(batch)} | batch_pages.outcome_context(
        batch
    )
    context |= batch_pages.rows_context(
        batch, form.row_filter(), form.search, request.GET.get("page")
    )
    context |= {"saved": views_of_batches(cast(User, request.user), request.GET)}
    return render(request, "predictions/batches/outcome.html", context)


@login_required
@require_GET
def batch_progress(request: HttpRequest, pk: str) -> HttpResponse:
    """What the page of a running batch asks for every other second."""
    batch = _visible(request, pk)
    context = {
        "batch": batch,
        "is_owner": batch.owner_id == request.user.pk,
        "names_the_tab": True,
    } | batch_pages.progress_context(batch)
    return live_part(
        request, "predictions/batches/progress_live.html", context, is_over=not batch.is_active
    )


@login_required
@require_GET
def batch_row(request: HttpRequest, pk: str, row: int) -> HttpResponse:
    """One row with its own explanation, made now."""
    batch = _visible(request, pk)
    if not batch.is_done or not 1 <= row <= (batch.rows or 0):
        raise Http404
    asked = RowFilterForm(request.GET)
    mark = marks_of(batch, [row]).get(row)
    context = {
        "batch": batch,
        "is_owner": batch.owner_id == request.user.pk,
        "mark": mark,
        "mark_form": RowMarkForm(initial={"note": mark.note if mark else ""}),
        "asked": request.GET.urlencode(),
        "light": lights_of(batch).get(row),
        **neighbours_context(batch, asked.row_filter(), asked.search, row),
    } | batch_pages.row_context(batch, row)
    return render(request, "predictions/batches/row.html", context)


@login_required
@require_GET
def batch_download(request: HttpRequest, pk: str, key: str) -> HttpResponse | StreamingHttpResponse:
    batch = _visible(request, pk)
    if not batch.is_done or key not in FORMATS:
        raise Http404
    try:
        wanted = download_named(key, batch)
        content = wanted.write(batch, _asked_rows(request, batch))
    except UserError as error:
        messages.error(request, error.message)
        return redirect("batch_detail", batch.pk)
    response = StreamingHttpResponse(content, content_type=wanted.content_type)
    response["Content-Disposition"] = (
        content_disposition_header(True, download_name(batch, wanted)) or "attachment"
    )
    return response


def _is_narrowed(request: HttpRequest) -> bool:
    """Whether the address asks for some rows only; to be sorted is no filter."""
    filters = RowFilterForm.base_fields.keys() - {"sort"}
    return any(request.GET.get(name) for name in filters)


def _asked_rows(request: HttpRequest, batch: Batch) -> Mask | None:
    """Which rows the address narrows a download to; None for the whole table."""
    if not _is_narrowed(request):
        return None
    form = RowFilterForm(request.GET)
    chosen = np.zeros(batch.rows or 0, dtype=np.bool_)
    chosen[positions_of(batch, form.row_filter(), form.search)] = True
    if not chosen.any():
        raise NoRows
    return chosen


@login_required
@require_GET
def batch_plot(request: HttpRequest, pk: str, figure: str) -> HttpResponse:
    """A plot of the outcome as a file of its own: titled, on white."""
    batch = _visible(request, pk)
    context = (
        plot_context(figure, batch.summary)
        if batch.is_done and batch.summary.get("signals")
        else None
    )
    if context is None:
        raise Http404
    inner = f"predictions/batches/plot_{figure}.svg"
    response = render(
        request,
        "predictions/batches/plot_file.svg",
        context | {"inner": inner},
        content_type="image/svg+xml",
    )
    name = f"{download_stem(batch)}-{figure}.svg"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


@login_required
@require_http_methods(["GET", "POST"])
def batch_cancel(request: HttpRequest, pk: str) -> HttpResponse:
    batch = _own(request, pk)
    if request.method == "GET":
        return confirm(request, cancel_asked(batch)) if batch.is_active else redirect(batch)
    return _do(request, batch, batch_services.batch_cancel)


@login_required
@require_POST
def batch_resume(request: HttpRequest, pk: str) -> HttpResponse:
    return _do(request, _own(request, pk), batch_services.batch_resume)


@login_required
@require_POST
def batch_share(request: HttpRequest, pk: str) -> HttpResponse:
    batch = _own(request, pk)
    batch_services.batch_share(batch=batch, shared=request.POST.get("shared") == "yes")
    return redirect("batch_detail", batch.pk)


@login_required
def batch_delete(request: HttpRequest, pk: str) -> HttpResponse:
    """Asks first: what is deleted cannot be brought back."""
    batch = _own(request, pk)
    if request.method != "POST":
        return confirm(request, deletion_asked(batch))
    batch_services.batch_delete(batch=batch)
    messages.success(request, f"“{batch.name}” and its answers are deleted.")
    return redirect("batch_list")


def _do(request: HttpRequest, batch: Batch, step: Any) -> HttpResponse:
    try:
        step(batch=batch)
    except UserError as error:
        messages.error(request, error.message)
    return redirect("batch_detail", batch.pk)


def _preview(batch: Batch, mapping: ColumnMapping | None = None) -> Preview:
    return preview_head(
        batch_services.head_of(batch),
        mission=batch_services.mission_of(batch),
        mapping=mapping or batch_services.mapping_of(batch),
    )


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  # nosec B101  # login_required says so
    return request.user


def _visible(request: HttpRequest, pk: str) -> Batch:
    """What is not one's own nor shared is not there."""
    return get_object_or_404(
        Batch.objects.visible_to(request.user)
        .with_version()
        .select_related("owner", "curve_folder"),
        pk=pk,
    )


def _own(request: HttpRequest, pk: str) -> Batch:
    return get_object_or_404(Batch, pk=pk, owner_id=request.user.pk)


def _number(text: str | None) -> int:
    """A key from an address; 0 is nobody's."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else 0
