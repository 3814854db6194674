"""What everybody may read where ``PUBLIC_CATALOGUE`` is on: catalogue, figures, model card."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from training.accounts.authentication import TokenScope
from training.accounts.roles import View


def is_open(method: str | None) -> bool:
    return bool(settings.PUBLIC_CATALOGUE) and method in SAFE_METHODS


def public_reading(view: View) -> View:
    """Others than those signed in are let in to read where the setting says so; they are counted
    by their address (``exoplanet_site.limits``)."""
    guarded = login_required(view)

    @wraps(view)
    def open_or_guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return (view if is_open(request.method) else guarded)(request, *args, **kwargs)

    open_or_guarded.is_public = True  # type: ignore[attr-defined]
    return open_or_guarded


class PublicReading(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return is_open(request.method) or bool(request.user and request.user.is_authenticated)


class PublicView(APIView):
    """The same for programs."""

    is_public = True
    permission_classes = [PublicReading, TokenScope]
