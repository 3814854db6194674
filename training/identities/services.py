"""From a person that a provider names to an account."""

from __future__ import annotations

import re
from itertools import count

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction
from django.utils import timezone

from training.accounts.audit import ADDITION, DELETION, record
from training.identities.models import ExternalIdentity
from training.identities.providers import CannotSignIn, Person, provider_name

_MOST_LETTERS = 100
_OTHERS = re.compile(r"[^\w.@+-]+")


def identity_user(person: Person) -> User:
    """The account of a person who comes from a provider, a new one where the setting says so.

    Never one that merely has the same e-mail address: whoever can write an address into an account
    elsewhere would take over the one here.
    """
    identity = _find(person)
    if identity is None:
        return _welcome(person)
    if not identity.user.is_active:
        raise CannotSignIn(_WAITING)
    ExternalIdentity.objects.filter(pk=identity.pk).update(used_at=timezone.now())
    return identity.user


_WAITING = "Your account is not active; an administrator of this site has to make it so."


def identity_link(*, user: User, person: Person) -> None:
    """To an account that is signed in and has just given its password."""
    identity = _find(person)
    if identity is not None and identity.user_id != user.pk:
        raise CannotSignIn(f"This account of {_of(person)} belongs to another person here.")
    if identity is None:
        _create(user, person)
        record(user, user, f"Connected an account of {_of(person)}: {person.subject}.")


@transaction.atomic
def identity_unlink(*, user: User, identity: ExternalIdentity) -> None:
    """Who has no password keeps it: there would be no way in."""
    if not user.has_usable_password():
        raise CannotSignIn("You have no password here, so this is your only way in.")
    record(user, identity, f"Disconnected {identity}.", DELETION)
    identity.delete()


def _find(person: Person) -> ExternalIdentity | None:
    known = ExternalIdentity.objects.filter(issuer=person.issuer, subject=person.subject)
    return known.select_related("user").first()


def _create(user: User, person: Person) -> None:
    ExternalIdentity.objects.create(
        user=user, provider=person.provider, issuer=person.issuer, subject=person.subject
    )


def _of(person: Person) -> str:
    return provider_name(person.provider)


def _welcome(person: Person) -> User:
    if settings.IDENTITY_SIGN_UP not in ("approval", "member"):
        raise CannotSignIn(
            f"No account here is connected with this one of {_of(person)}. Sign in with your"
            " password and connect it on your profile, or ask an administrator for an account."
        )
    try:
        user = _account_open(person)
    except IntegrityError as error:  # the same person in two windows, or the same name at once
        raise CannotSignIn("Somebody else was faster. Begin anew.") from error
    if not user.is_active:
        raise CannotSignIn(f"Your account “{user.get_username()}” is there now. {_WAITING}")
    return user


@transaction.atomic
def _account_open(person: Person) -> User:
    first, _, last = person.name.partition(" ")
    user = User(
        username=_free_name(person.wish),
        email=_free_email(person.email),
        first_name=first[:150],
        last_name=last[:150],
        is_active=settings.IDENTITY_SIGN_UP == "member",
    )
    user.set_unusable_password()
    user.save()
    user.groups.add(Group.objects.get_or_create(name="member")[0])
    _create(user, person)
    record(user, user, f"Opened the account, with one of {_of(person)}.", ADDITION)
    return user


def _free_name(wish: str) -> str:
    """As wished, as far as that can be a name here; with a number where it is somebody's."""
    name = _OTHERS.sub("-", wish).strip("-.")[:_MOST_LETTERS] or "person"
    for number in count(1):
        free = name if number == 1 else f"{name}-{number}"
        if not User.objects.filter(username__iexact=free).exists():
            return free
    raise AssertionError  # pragma: no cover - counting never ends


def _free_email(email: str) -> str:
    """A new password can be asked for from an address, so no two accounts share one by this way."""
    return "" if User.objects.filter(email__iexact=email).exists() else email[:254]
