"""Notes in the audit trail who signs in, by whichever door: the site's own page or Django's administration."""

from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in

from training.audit import record


def connect() -> None:
    user_logged_in.connect(_record_sign_in, dispatch_uid="audit")


def _record_sign_in(user: User, **_: Any) -> None:
    record(user, user, "Signed in.")
