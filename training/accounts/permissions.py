"""Who may call which address of the API."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from training.accounts.roles import is_curator, is_member


class IsMember(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return is_member(request.user)


class MemberView(APIView):
    permission_classes = [*api_settings.DEFAULT_PERMISSION_CLASSES, IsMember]  # type: ignore[list-item]


class IsCurator(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return is_curator(request.user)


class CuratorView(APIView):
    permission_classes = [*api_settings.DEFAULT_PERMISSION_CLASSES, IsCurator]  # type: ignore[list-item]


class ReadersView(APIView):
    """Everybody signed in may read; curators decide."""

    def get_permissions(self) -> list[Any]:
        reading = self.request.method in ("GET", "HEAD", "OPTIONS")
        return [*super().get_permissions(), *([] if reading else [IsCurator()])]


def signed_in_user(request: Request) -> User:
    assert isinstance(request.user, User)  # noqa: S101  # nosec B101  # the permission classes have seen to it
    return request.user
