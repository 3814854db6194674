"""Pages of datasets."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import filesizeformat
from django.views.decorators.http import require_GET, require_POST

from training.forms import DatasetFetchForm, DatasetUploadForm
from training.mapping_forms import MappingForm
from training.mappings import mapping_save
from training.ml.errors import NoSignalColumns, UserError
from training.ml.mapping import ColumnMapping
from training.ml.preview import preview_table
from training.ml.schema import Mission
from training.models import Dataset
from training.pages import dataset_facts
from training.roles import curator_required
from training.services_datasets import clean_name, dataset_archive, dataset_fetch, dataset_restore, dataset_upload

STOP_POLLING = 286
PENDING = "dataset_to_map"


@curator_required
@require_GET
def dataset_list(request: HttpRequest) -> HttpResponse:
    archived = "archived" in request.GET
    datasets = Dataset.objects.exclude(archived_at=None) if archived else Dataset.objects.current()
    page = Paginator(datasets.defer("report"), 25).get_page(request.GET.get("page"))
    facts = {"page_obj": page, "archived": archived, "fetch_form": DatasetFetchForm()}
    return render(request, "training/dataset_list.html", facts)


@curator_required
def dataset_upload_page(request: HttpRequest) -> HttpResponse:
    form = DatasetUploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            received = dataset_upload(
                file=form.upload,
                name=form.upload.name or "",
                user=request.user,  # type: ignore[arg-type]
                mission=form.mission_chosen,
            )
        except NoSignalColumns:
            return _keep_for_mapping(request, form)
        except UserError as error:
            form.add_error("file", error.message)
        else:
            return _received(request, received.dataset, received.known)
    facts = {"form": form, "rows": settings.RETRAIN_MAX_ROWS, "bytes": filesizeformat(settings.DATASET_MAX_BYTES)}
    return render(request, "training/dataset_upload.html", facts, status=422 if form.errors else 200)


def _received(request: HttpRequest, dataset: Dataset, known: bool) -> HttpResponse:
    if known:
        messages.info(request, "This very file is here already; below is what was found in it.")
    return redirect(dataset)


def _keep_for_mapping(request: HttpRequest, form: DatasetUploadForm) -> HttpResponse:
    """Nothing in the table says where the signals are: ask the person, with the file kept meanwhile."""
    form.upload.seek(0)
    path = default_storage.save(f"datasets/pending/{uuid.uuid4().hex}", form.upload)
    request.session[PENDING] = {"path": path, "name": clean_name(form.upload.name or "")}
    return redirect("dataset_map")


@curator_required
def dataset_map(request: HttpRequest) -> HttpResponse:
    """Which of the table's columns feed which feature."""
    pending = request.session.get(PENDING)
    if not pending or not default_storage.exists(pending["path"]):
        return redirect("dataset_upload")
    with default_storage.open(pending["path"]) as file:
        preview = preview_table(file)  # type: ignore[arg-type]  # it reads like any other file
        form = MappingForm(request.POST or None, columns=preview.columns, mapping=preview.mapping)
        form.fields["disposition"].help_text = "What each signal is: what the training learns, never an input."
        if request.method == "POST" and form.is_valid():
            file.seek(0)
            try:
                received = dataset_upload(
                    file=file,
                    name=pending["name"],
                    user=request.user,  # type: ignore[arg-type]
                    mapping=_mapping(request, form),
                )
            except UserError as error:
                form.add_error(None, error.message)
            else:
                default_storage.delete(request.session.pop(PENDING)["path"])
                return _received(request, received.dataset, received.known)
    facts = {"mapping_form": form, "name": pending["name"]}
    return render(request, "training/dataset_map.html", facts, status=422 if form.errors else 200)


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
        return redirect(dataset_fetch(mission=Mission(form.cleaned_data["mission"]), user=request.user))  # type: ignore[arg-type]
    except UserError as error:
        messages.error(request, error.message)
        return redirect("dataset_list")


@curator_required
@require_GET
def dataset_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "training/dataset_detail.html", dataset_facts(get_object_or_404(Dataset, pk=pk)))


@curator_required
@require_GET
def dataset_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """What the page of a dataset that is being fetched asks for every other second."""
    dataset = get_object_or_404(Dataset, pk=pk)
    response = render(request, "training/dataset_progress_live.html", {"dataset": dataset})
    if not dataset.is_busy:
        response.status_code = STOP_POLLING
        response["HX-Refresh"] = "true"
    return response


@curator_required
@require_GET
def dataset_file(request: HttpRequest, pk: int) -> FileResponse:
    dataset = get_object_or_404(Dataset, pk=pk, status=Dataset.Status.READY)
    name = dataset.name if dataset.name.endswith((".csv", ".gz", ".tsv")) else f"{dataset.name}.csv"
    return FileResponse(
        default_storage.open(dataset.file), as_attachment=True, filename=name, content_type="application/octet-stream"
    )


@curator_required
@require_POST
def dataset_archive_page(request: HttpRequest, pk: int) -> HttpResponse:
    dataset = get_object_or_404(Dataset, pk=pk)
    facts: dict[str, Any] = {"dataset": dataset, "user": request.user}
    if dataset.archived_at:
        dataset_restore(**facts)
        messages.success(request, f"“{dataset}” is in use again.")
    else:
        dataset_archive(**facts)
        messages.success(request, f"“{dataset}” is archived. Its file and its report are kept.")
    return redirect(dataset)
