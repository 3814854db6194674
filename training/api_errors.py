"""What the API answers where a request does not fit."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework.exceptions import APIException, ValidationError

_ERROR = {"$ref": "#/components/schemas/Error"}


NOT_NOW = {409: OpenApiResponse(_ERROR, description="It does not fit the state of things.")}


class Conflict(APIException):
    """What was asked for does not fit the state of things; the code is that of the user's error."""

    status_code = 409

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.default_code = code


class NoSuch(APIException):
    """What a parameter names is not here; the message says what is."""

    status_code = 404
    default_code = "no_such_name"


class UploadTooLarge(APIException):
    status_code = 413
    default_code = "too_large"


def form_errors(form: Any) -> ValidationError:
    errors = {
        ("" if name == "__all__" else name): list(sentences)
        for name, sentences in form.errors.items()
    }
    return ValidationError(errors)
