"""Passkeys: WebAuthn's two ceremonies, checked by fido2. Challenges are kept in the session, and
each is good once."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from training.accounts.audit import record
from training.second_factors.models import Passkey

LONGEST = 20_000
"""Characters of what a browser sends."""


def adding_begin(request: HttpRequest, user: User) -> tuple[str, Any]:
    """What the browser is given, and what its answer has to fit."""
    from fido2.webauthn import PublicKeyCredentialUserEntity, UserVerificationRequirement

    person = PublicKeyCredentialUserEntity(
        id=str(user.pk).encode(), name=user.get_username(), display_name=user.get_username()
    )
    options, state = _server(request).register_begin(
        person, _keys(user), user_verification=UserVerificationRequirement.DISCOURAGED
    )
    return _as_json(options), state


def adding_finish(
    request: HttpRequest, user: User, name: str, state: Any, answer: str
) -> Passkey | None:
    """None where the answer does not fit, or the key is somebody's already."""
    try:
        made = _server(request).register_complete(state, _answer(answer)).credential_data
        if made is None:
            return None
        with transaction.atomic():
            passkey = Passkey.objects.create(
                user=user, name=name, key=bytes(made), credential=made.credential_id.hex()
            )
    except (ValueError, KeyError, TypeError, IntegrityError):
        return None
    record(user, user, f"Added a passkey: {name}.")
    return passkey


def asking_begin(request: HttpRequest, user: User) -> tuple[str, Any]:
    options, state = _server(request).authenticate_begin(_keys(user))
    return _as_json(options), state


def asking_finish(request: HttpRequest, user: User, state: Any, answer: str) -> bool:
    from cryptography.exceptions import InvalidSignature
    from fido2.webauthn import AuthenticationResponse

    try:
        told = _answer(answer)
        key = _server(request).authenticate_complete(state, _keys(user), told)
        counter = AuthenticationResponse.from_dict(told).response.authenticator_data.counter
    except (ValueError, KeyError, TypeError, InvalidSignature):
        return False
    mine = Passkey.objects.filter(user=user, credential=key.credential_id.hex())
    if counter:
        # A device that counts never counts backwards, but a copy of it does.
        mine = mine.filter(counter__lt=counter)
    return bool(mine.update(used_at=timezone.now(), counter=counter))


def _server(request: HttpRequest) -> Any:
    from fido2.server import Fido2Server
    from fido2.webauthn import PublicKeyCredentialRpEntity

    own = request.build_absolute_uri("/").rstrip("/")
    site = PublicKeyCredentialRpEntity(id=urlsplit(own).hostname or "", name="Exoplanet Site")
    return Fido2Server(site, verify_origin=lambda origin: origin == own)


def _keys(user: User) -> list[Any]:
    from fido2.webauthn import AttestedCredentialData

    return [AttestedCredentialData(bytes(row.key)) for row in Passkey.objects.filter(user=user)]


def _as_json(options: Any) -> str:
    return json.dumps(dict(options)["publicKey"])


def _answer(text: str) -> dict[str, Any]:
    if len(text) > LONGEST:
        raise ValueError("too long for an answer")
    told = json.loads(text)
    if not isinstance(told, dict):
        raise TypeError("no object")
    return told
