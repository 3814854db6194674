"""Who may do what: curators and administrators bring datasets, train and activate; everybody signed
in may read; members vote."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

View = Callable[..., HttpResponseBase]

CURATING = ("curator", "administrator")
MEMBERS = ("member", *CURATING)


def is_member(user: User | AnonymousUser) -> bool:
    return _has_role(user, MEMBERS)


def is_curator(user: User | AnonymousUser) -> bool:
    return _has_role(user, CURATING)


def is_administrator(user: User | AnonymousUser) -> bool:
    return _has_role(user, ("administrator",))


def _has_role(user: User | AnonymousUser, roles: tuple[str, ...]) -> bool:
    return user.is_authenticated and (user.is_superuser or not _group_names(user).isdisjoint(roles))


def _group_names(user: User | AnonymousUser) -> frozenset[str]:
    """Asked once for the person of a request, whose pages ask several times."""
    kept: frozenset[str] | None = vars(user).get("_group_names")
    if kept is None:
        kept = frozenset(user.groups.values_list("name", flat=True))
        vars(user)["_group_names"] = kept
    return kept


def _required(is_allowed: Callable[[User | AnonymousUser], bool]) -> Callable[[View], View]:
    """Others are asked to sign in, or refused where they have."""

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if not is_allowed(request.user):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


member_required = _required(is_member)
curator_required = _required(is_curator)
administrator_required = _required(is_administrator)
