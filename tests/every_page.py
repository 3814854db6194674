"""Every page of the site that can be looked at, found from the table of addresses: a new page is in
it at once."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from predictions.batches.models import Batch
from predictions.batches.services import batch_create
from tests.predictions.conftest import kepler_csv, make_batch, queue  # noqa: F401 - fixtures
from tests.test_access import AUDIENCE, Things, things  # noqa: F401 - a fixture
from training.models import ModelVersion

SIGNED_OUT = (
    "/accounts/login/",
    "/accounts/password_reset/",
    "/accounts/sign-up/",
    "/accounts/reset/MQ/x-y/",
    "/accounts/password_reset/done/",
    "/accounts/reset/done/",
    "/glossary/",
)
# What a table of addresses cannot say: a page with an example, with parameters, of nothing at all.
MORE = (
    "/classify/?example=kepler-10-b",
    "/predictions/?q=nothing+like+this",
    "/accounts/audit/?since=yesterday",
    "/model-versions/{name}/compare/?other={name}",
    "/model-versions/{name}/card/",
    "/nowhere/",
)
# Pages of others, which we ship as they are; each is counted in SECURITY.md.
NOT_OURS = {"/api/reference/": "the inside of Swagger"}


@pytest.fixture
def all_seeing(things: Things, queue: list[Any]) -> Things:
    """One of each thing, a draft and a waiting batch besides, owned by somebody in every role."""
    roles = ("member", "curator", "administrator")
    things.owner.groups.set([Group.objects.get(name=role) for role in roles])
    return things


@pytest.fixture
def pages(all_seeing: Things, make_batch: Callable[..., Batch], settings: Any) -> list[str]:
    """The addresses that answer with a page, for the owner of everything."""
    settings.SIGN_UP, settings.SECOND_FACTORS = "invitation", True
    draft = _draft(all_seeing.owner)
    running = make_batch(owner=all_seeing.owner)
    version = ModelVersion.objects.active().name
    client = Client()
    client.force_login(all_seeing.owner)
    addresses = [
        all_seeing.address(route) for route in AUDIENCE if route not in ("accounts/logout/",)
    ]
    addresses += [address.format(name=version) for address in MORE]
    addresses += [f"/batches/{draft.pk}/check/", f"/batches/{running.pk}/"]
    return [
        address
        for address in dict.fromkeys(addresses)
        if address not in NOT_OURS and _is_page(client, address)
    ]


def _draft(owner: User) -> Batch:
    return batch_create(owner=owner, file=io.BytesIO(kepler_csv().encode()), name="signals.csv")


def _is_page(client: Client, address: str) -> bool:
    answer = client.get(address)
    kind = answer.headers.get("Content-Type", "")
    return (
        answer.status_code in (200, 404)
        and kind.startswith("text/html")
        and b"<html" in b"".join(answer)
    )
