"""Pages of light curves of many stars."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from predictions.curves.folders import services
from predictions.curves.folders.forms import FolderForm
from predictions.curves.folders.models import CurveFolder
from predictions.curves.folders.pages import (
    cancel_asked,
    deletion_asked,
    folder_context,
    folder_limits,
    progress_context,
)
from training.accounts.requests import SignedInRequest
from training.confirmations import confirm
from training.datasets.uploads import form_status, upload_answered
from training.live import live_part
from training.ml.errors import UserError


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def folder_upload(request: SignedInRequest) -> HttpResponse:
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = FolderForm(*sent, request=request)
    if request.method == "POST" and form.is_valid():
        files = [(file.name or "", file) for file in form.uploads]
        try:
            folder = services.folder_create(owner=request.user, files=files, reading=form.reading())
        except UserError as error:
            form.add_error("file", error.message)
        else:
            return upload_answered(request, "curve_folder", folder.pk)
    context = {"form": form, "limits": folder_limits()}
    status = form_status(request, form)
    return render(request, "predictions/curves/folders/upload.html", context, status=status)


@require_GET
@login_required
def folder_detail(request: SignedInRequest, folder_id: str) -> HttpResponse:
    context = folder_context(_own(request, folder_id), request.GET.get("page"))
    return render(request, "predictions/curves/folders/folder.html", context)


@require_GET
@login_required
def folder_progress(request: SignedInRequest, folder_id: str) -> HttpResponse:
    """What the page of a folder that is under way asks for every other second."""
    folder = _own(request, folder_id)
    context = progress_context(folder) | {"names_the_tab": True}
    template = "predictions/curves/folders/live.html"
    return live_part(request, template, context, is_over=not folder.is_open)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def folder_cancel(request: SignedInRequest, folder_id: str) -> HttpResponse:
    folder = _own(request, folder_id)
    if request.method != "POST":
        return confirm(request, cancel_asked(folder)) if folder.is_open else redirect(folder)
    return _do(request, folder, services.folder_cancel)


@require_POST
@login_required
def folder_resume(request: SignedInRequest, folder_id: str) -> HttpResponse:
    return _do(request, _own(request, folder_id), services.folder_resume)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def folder_delete(request: SignedInRequest, folder_id: str) -> HttpResponse:
    """Asks first: what is deleted cannot be brought back."""
    folder = _own(request, folder_id)
    if request.method != "POST":
        return confirm(request, deletion_asked(folder))
    services.folder_delete(folder)
    messages.success(request, f"“{folder.name}” and its light curves are deleted.")
    return redirect("curve_list")


def _do(
    request: HttpRequest, folder: CurveFolder, step: Callable[[CurveFolder], None]
) -> HttpResponse:
    try:
        step(folder)
    except UserError as error:
        messages.error(request, error.message)
    return redirect(folder)


def _own(request: HttpRequest, pk: str) -> CurveFolder:
    """What is not one's own is not there."""
    folders = CurveFolder.objects.owned_by(request.user).select_related("batch", "owner")
    return get_object_or_404(folders, pk=pk)
