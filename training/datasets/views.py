"""Pages of datasets."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import filesizeformat
from django.views.decorators.http import require_GET, require_POST

from training.accounts.roles import curator_required
from training.datasets.drafts import draft_create, draft_delete, draft_head
from training.datasets.forms import DatasetFetchForm, DatasetUploadForm
from training.datasets.mapping_forms import MappingForm
from training.datasets.mappings import mapping_save
from training.datasets.models import Dataset
from training.datasets.pages import dataset_context
from training.datasets.services import (
    Received,
    dataset_archive,
    dataset_fetch,
    dataset_restore,
    dataset_upload,
)
from training.datasets.uploads import form_status, too_large_sentence, upload_answered
from training.live import live_part
from training.ml.errors import NoSignalColumns, TooLarge, UserError
from training.ml.schema import Mission
from training.ml.tables.head import TableHead, read_head
from training.ml.tables.mapping import ColumnMapping
from training.ml.tables.preview import preview_head
from training.ml.tables.recognition import MissionNeeded
from training.ml.tables.units import UnitMismatch


@curator_required
@require_GET
def dataset_list(request: HttpRequest) -> HttpResponse:
    archived = "archived" in request.GET
    datasets = Dataset.objects.exclude(archived_at=None) if archived else Dataset.objects.current()
    page = Paginator(datasets.defer("report"), 25).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "archived": archived,
        "fetch_form": DatasetFetchForm(),
        "drafts": Dataset.objects.drafts_of(request.user),  # type: ignore[arg-type]
    }
    return render(request, "training/datasets/list.html", context)


@curator_required
def dataset_upload_page(request: HttpRequest) -> HttpResponse:
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = DatasetUploadForm(*sent, request=request)
    too_large = False
    if request.method == "POST" and form.is_valid():
        try:
            received = dataset_upload(
                file=form.upload,
                name=form.upload.name or "",
                user=request.user,  # type: ignore[arg-type]
                mission=form.mission_chosen,
            )
        except (NoSignalColumns, MissionNeeded, UnitMismatch):
            if head := _head(form):
                return _keep_for_mapping(request, form, head)
        except UserError as error:
            form.add_error("file", error.message)
            too_large = isinstance(error, TooLarge) and error.unit == "bytes"
        else:
            return _received(request, received.dataset, received.known)
    context = {
        "form": form,
        "rows": settings.RETRAIN_MAX_ROWS,
        "bytes": filesizeformat(settings.DATASET_MAX_BYTES),
        "most_bytes": settings.DATASET_MAX_BYTES,
        "too_large": too_large_sentence(settings.DATASET_MAX_BYTES),
    }
    status = 413 if too_large else form_status(request, form)
    return render(request, "training/datasets/upload.html", context, status=status)


def _received(request: HttpRequest, dataset: Dataset, known: bool) -> HttpResponse:
    if known:
        messages.info(request, "This very file is here already; below is what was found in it.")
    return upload_answered(request, dataset)


def _head(form: DatasetUploadForm) -> TableHead | None:
    """The rows to show beside the table's columns, where there are any; says why not."""
    form.upload.seek(0)
    try:
        head = read_head(form.upload)  # type: ignore[arg-type]  # it reads like any other file
        preview_head(head)
    except UserError as error:
        form.add_error("file", error.message)
        return None
    return head


def _keep_for_mapping(
    request: HttpRequest, form: DatasetUploadForm, head: TableHead
) -> HttpResponse:
    """Only a person can say where the signals are, which mission they are from, or what a unit
    means: ask, with the file kept meanwhile."""
    draft_create(file=form.upload, user=request.user, head=head)  # type: ignore[arg-type]
    return upload_answered(request, "dataset_map")


@curator_required
def dataset_map(request: HttpRequest) -> HttpResponse:
    """Which of the table's columns feed which feature."""
    named = request.POST.get("draft") or request.GET.get("draft", "")
    draft = Dataset.objects.draft_of(request.user, named)  # type: ignore[arg-type]
    if draft is None or not default_storage.exists(draft.file):
        return redirect("dataset_upload")
    form = MappingForm(request.POST or None, preview=preview_head(draft_head(draft)))
    form.fields[
        "disposition"
    ].help_text = "What each signal is: what the training learns, never an input."
    if request.method == "POST" and form.is_valid():
        try:
            received = _upload_draft(request, draft, _mapping(request, form))
        except UserError as error:
            form.add_error(None, error.message)
        else:
            draft_delete(draft)
            return _received(request, received.dataset, received.known)
    context = {"mapping_form": form, "draft": draft}
    return render(
        request, "training/datasets/map.html", context, status=422 if form.errors else 200
    )


def _upload_draft(request: HttpRequest, draft: Dataset, mapping: ColumnMapping) -> Received:
    with default_storage.open(draft.file) as file:
        return dataset_upload(
            file=file,
            name=draft.name,
            user=request.user,  # type: ignore[arg-type]
            mapping=mapping,
        )


def _mapping(request: HttpRequest, form: MappingForm) -> ColumnMapping:
    mapping = form.column_mapping()
    if name := form.cleaned_data["save_as"]:
        mapping_save(owner=request.user, name=name, columns=form.columns, mapping=mapping)  # type: ignore[arg-type]
    return mapping


@curator_required
@require_POST
def dataset_fetch_page(request: HttpRequest) -> HttpResponse:
    form = DatasetFetchForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        mission = Mission(form.cleaned_data["mission"])
        return redirect(dataset_fetch(mission=mission, user=request.user))  # type: ignore[arg-type]
    except UserError as error:
        messages.error(request, error.message)
        return redirect("dataset_list")


@curator_required
@require_GET
def dataset_detail(request: HttpRequest, pk: int) -> HttpResponse:
    dataset = get_object_or_404(Dataset.objects.received(), pk=pk)
    return render(request, "training/datasets/detail.html", dataset_context(dataset))


@curator_required
@require_GET
def dataset_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """What the page of a dataset that is being fetched asks for every other second."""
    dataset = get_object_or_404(Dataset.objects.received(), pk=pk)
    return live_part(
        request,
        "training/datasets/progress_live.html",
        {"dataset": dataset},
        is_over=not dataset.is_busy,
    )


@curator_required
@require_GET
def dataset_file(request: HttpRequest, pk: int) -> FileResponse:
    dataset = get_object_or_404(Dataset, pk=pk, status=Dataset.Status.READY)
    name = dataset.name if dataset.name.endswith((".csv", ".gz", ".tsv")) else f"{dataset.name}.csv"
    return FileResponse(
        default_storage.open(dataset.file),
        as_attachment=True,
        filename=name,
        content_type="application/octet-stream",
    )


@curator_required
@require_POST
def dataset_archive_page(request: HttpRequest, pk: int) -> HttpResponse:
    dataset = get_object_or_404(Dataset.objects.received(), pk=pk)
    context: dict[str, Any] = {"dataset": dataset, "user": request.user}
    if dataset.archived_at:
        dataset_restore(**context)
        messages.success(request, f"“{dataset}” is in use again.")
    else:
        dataset_archive(**context)
        messages.success(request, f"“{dataset}” is archived. Its file and its report are kept.")
    return redirect(dataset)
