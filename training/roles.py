"""Who may do what: curators and administrators bring datasets, train and activate; everybody signed in may read."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

CURATING = ("curator", "administrator")


def is_curator(user: User | AnonymousUser) -> bool:
    return user.is_authenticated and (user.is_superuser or user.groups.filter(name__in=CURATING).exists())


def curator_required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not is_curator(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def is_administrator(user: User | AnonymousUser) -> bool:
    return user.is_authenticated and (user.is_superuser or user.groups.filter(name="administrator").exists())


def administrator_required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not is_administrator(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
