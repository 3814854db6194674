"""PUBLIC_CATALOGUE: read-only for everybody, counted, and off by default."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from predictions.catalogue.models import CatalogueTable, Signal
from training.models import ModelVersion

pytestmark = pytest.mark.django_db


def open_addresses() -> list[str]:
    signal, version = Signal.objects.all()[0], ModelVersion.objects.active().name
    api = "/api/v1/catalogue"
    return [
        "/catalogue/",
        "/catalogue/?show=all",
        "/catalogue/changes/",
        "/catalogue/conflicts/",
        "/catalogue/tonight/",
        "/catalogue/tonight.csv",
        "/catalogue/find/?q=nothing",
        "/catalogue/signals.csv",
        signal.get_absolute_url(),
        signal.star.get_absolute_url(),
        "/model/",
        "/model/metrics",
        f"/model-versions/{version}/card/",
        f"{api}/signals",
        f"{api}/signals/{signal.slug}",
        f"{api}/stars/{signal.star.slug}",
        f"{api}/changes",
        f"{api}/find?q=x",
        f"{api}/tables",
        "/vo/conesearch?RA=1&DEC=1&SR=1",
        "/vo/capabilities",
        "/vo/availability",
        f"{api}/twins",
        "/catalogue/lists/",
        f"{api}/lists",
    ]


def test_it_is_off_by_default(client: Client, catalogue: CatalogueTable, settings: Any) -> None:
    assert settings.PUBLIC_CATALOGUE is False
    for address in open_addresses():
        assert client.get(address).status_code in (302, 401), address


def test_everybody_reads_and_nobody_writes(
    client: Client, catalogue: CatalogueTable, settings: Any
) -> None:
    settings.PUBLIC_CATALOGUE = True
    for address in open_addresses():
        assert client.get(address).status_code == 200, address
        sent = client.post(address)
        to_login = "/accounts/login/" in sent.headers.get("Location", "")
        assert to_login or sent.status_code in (401, 403, 405), address
    signal = Signal.objects.all()[0]
    for closed in (
        "/",
        "/classify/",
        "/batches/",
        "/datasets/",
        "/model-versions/",
        f"{signal.get_absolute_url()}vary/",
        f"/catalogue/charge/{catalogue.dataset_id}/",
    ):
        assert "/accounts/login/" in client.get(closed)["Location"], closed
    assert client.get("/api/v1/batches").status_code == 401
    page = client.get("/catalogue/").content.decode()
    assert "Sign in" in page
    assert "/batches/" not in page


@pytest.mark.parametrize("address", ["/catalogue/", "/api/v1/catalogue/tables"])
def test_readers_without_an_account_are_counted(
    client: Client,
    member_client: Client,
    catalogue: CatalogueTable,
    settings: Any,
    address: str,
) -> None:
    settings.PUBLIC_CATALOGUE = True
    settings.RATES = {"public": {"address": "3/minute"}}
    assert [client.get(address).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert member_client.get(address).status_code == 200
