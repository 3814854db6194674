"""What a program is told when it cannot be answered: one shape, whatever the address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from rest_framework import serializers
from rest_framework.exceptions import APIException

from training.ml.errors import ArtifactError
from training.models import ModelVersion


class ErrorDetailSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="For programs.")
    message = serializers.CharField(help_text="For people.")
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        help_text="Sentences for each input that is wrong.",
    )


class ErrorSerializer(serializers.Serializer[Any]):
    error = ErrorDetailSerializer()


ERRORS: Final = {status: ErrorSerializer for status in (400, 401, 403, 405, 406, 429, 503)}
BODY_ERRORS: Final = {413: ErrorSerializer, 415: ErrorSerializer}


class NoVersionInService(APIException):
    status_code = 503
    default_code = "no_version_in_service"
    default_detail = (
        "No classifier is in service, so nothing can be classified. Ask a curator to activate a"
        " model version."
    )


class VersionUnusable(APIException):
    status_code = 503
    default_code = "version_unusable"


@contextmanager
def version_in_service() -> Iterator[None]:
    """What is wrong with the classifier is the site's fault and not the sender's: 503, with its
    sentence."""
    try:
        yield
    except ModelVersion.DoesNotExist as error:
        raise NoVersionInService from error
    except ArtifactError as error:
        raise VersionUnusable(error.message) from error
