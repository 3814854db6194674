"""The other side of OpenID Connect: where people are sent, and what of the answer is believed.

Authlib checks state, nonce, signature, issuer, audience and time; PKCE goes with every code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.http import HttpRequest

from training.ml.errors import UserError

SECONDS: Final = 10
"""A provider that is silent for so long is away."""
_SUBJECT: Final = 255


class CannotSignIn(UserError):
    code = "cannot_sign_in"


class ProviderIsAway(UserError):
    code = "provider_away"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} does not answer as it should. Try again in a minute, or sign in with your"
            " password; if it stays so, tell an administrator of this site."
        )


@dataclass(frozen=True)
class Person:
    """What a provider says. ``email`` only where it has verified it."""

    provider: str
    issuer: str
    subject: str
    name: str = ""
    email: str = ""
    wish: str = ""


@dataclass(frozen=True)
class Returned:
    """Somebody who is back, and what was asked for when they left."""

    person: Person
    link_to: int | None
    next: str


def provider_name(key: str) -> str:
    return str(settings.IDENTITY_PROVIDERS[key]["name"])


def address_to_leave_for(
    request: HttpRequest, key: str, back: str, *, next_page: str = "", link_to: int | None = None
) -> str:
    """Where to send a person; what the answer has to fit is kept in their session."""
    client = _client(key)
    try:
        made: dict[str, Any] = client.create_authorization_url(back)
    except (requests.RequestException, ValueError, KeyError, RuntimeError) as error:
        raise ProviderIsAway(provider_name(key)) from error
    client.save_authorize_data(request, redirect_uri=back, next=next_page, link_to=link_to, **made)
    return str(made["url"])


def person_returned(request: HttpRequest, key: str) -> Returned:
    from authlib.common.errors import AuthlibBaseError
    from joserfc.errors import JoseError

    client, state = _client(key), request.GET.get("state", "")
    asked = client.framework.get_state_data(request.session, state)
    if not asked:
        raise CannotSignIn("This sign-in was not begun here, or too long ago. Begin anew.")
    if request.GET.get("error"):
        client.framework.clear_state_data(request.session, state)
        raise CannotSignIn(f"{provider_name(key)} did not let you through. Nothing has changed.")
    try:
        token = client.authorize_access_token(request, claims_options=_claims(client))
    except requests.RequestException as error:
        raise ProviderIsAway(provider_name(key)) from error
    except (AuthlibBaseError, JoseError, ValueError, KeyError, RuntimeError) as error:
        raise CannotSignIn(
            f"What {provider_name(key)} sent could not be confirmed, so nobody was signed in."
            " Begin anew; if it happens again, tell an administrator of this site."
        ) from error
    person = _person(key, token.get("userinfo") or {})
    return Returned(person, asked.get("link_to"), str(asked.get("next", "")))


def _person(key: str, told: dict[str, Any]) -> Person:
    subject = str(told.get("sub", ""))
    if not 0 < len(subject) <= _SUBJECT:
        raise CannotSignIn(f"{provider_name(key)} did not say who you are.")
    email = str(told.get("email") or "") if told.get("email_verified") is True else ""
    name = str(told.get("name") or "")
    wish = str(told.get("preferred_username") or "") or email.partition("@")[0] or subject
    return Person(key, settings.IDENTITY_PROVIDERS[key]["issuer"], subject, name, email, wish)


def _claims(client: Any) -> dict[str, Any]:
    return {
        "iss": {"essential": True, "values": [client.server_metadata["issuer"]]},
        "aud": {"essential": True, "value": client.client_id},
    }


def _client(key: str) -> Any:
    """With the provider's own description of itself, asked anew each time: people sign in seldom,
    and its keys change."""
    from authlib.integrations.django_client import OAuth

    facts = settings.IDENTITY_PROVIDERS[key]
    issuer = facts["issuer"]
    if urlsplit(issuer).scheme != "https" and urlsplit(issuer).hostname not in _THIS_MACHINE:
        raise CannotSignIn(f"{facts['name']} is set up without https, so nobody is sent there.")
    client = OAuth().register(
        key,
        client_id=facts["client_id"],
        client_secret=facts["client_secret"],
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": facts["scope"],
            "code_challenge_method": "S256",
            "default_timeout": SECONDS,
        },
    )
    try:
        metadata = client.load_server_metadata()
    except (requests.RequestException, ValueError) as error:
        raise ProviderIsAway(facts["name"]) from error
    if str(metadata.get("issuer", "")).rstrip("/") != issuer:
        raise CannotSignIn(f"{facts['name']} calls itself by another address than it is set up by.")
    methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if "client_secret_basic" not in methods and facts["client_secret"]:
        client.client_kwargs["token_endpoint_auth_method"] = "client_secret_post"  # noqa: S105 - a method's name
    return client


_THIS_MACHINE: Final = ("127.0.0.1", "localhost", "::1")
