"""The audit trail, in Django's own LogEntry: who did what to what."""

from __future__ import annotations

import os
import pwd

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth.models import User
from django.db.models import Model

__all__ = [
    "ADDITION",
    "CHANGE",
    "COMMAND_LINE",
    "DELETION",
    "SHARED_WORDS",
    "command_line_user",
    "record",
]

SHARED_WORDS = {True: "Shared it with everybody who is signed in.", False: "Made it private."}
COMMAND_LINE = " (command line)"


def command_line_user() -> User:
    """Who acts where a command names nobody: the operating system's user, as an account that nobody
    can sign in with.

    So no change of what is in service stays without a name.
    """
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container may give a number that no list of users has
        name = f"user {os.getuid()}"
    user, made = User.objects.get_or_create(
        username=f"{name}{COMMAND_LINE}", defaults={"is_active": False}
    )
    if made:
        user.set_unusable_password()
        user.save(update_fields=("password",))
    return user


def record(user: User | None, subject: Model, message: str, action: int = CHANGE) -> None:
    """Write down who did what. The trail is about people: the set-up and the janitor are none."""
    if user is not None:
        LogEntry.objects.log_actions(
            user.pk, [subject], action, change_message=message, single_object=True
        )
