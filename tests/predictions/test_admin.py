"""Predictions in Django's administration pages."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.predictions.signals import stored

pytestmark = pytest.mark.django_db


def test_administrators_look_predictions_up_but_change_nothing(administrator_client: Client, member: User) -> None:
    prediction = stored(member, note="private thought")
    listed = administrator_client.get("/admin/predictions/prediction/?q=KOI-72").content.decode()
    assert "KOI-72.01: CONFIRMED" in listed
    address = f"/admin/predictions/prediction/{prediction.pk}/change/"
    page = administrator_client.get(address).content.decode()
    assert prediction.version.name in page
    assert "private thought" not in page
    assert administrator_client.post(address, {"shared": "on"}).status_code == 403
    assert administrator_client.get("/admin/predictions/prediction/add/").status_code == 403
    assert administrator_client.get(f"/admin/predictions/prediction/{prediction.pk}/delete/").status_code == 403


def test_batches_are_listed(administrator_client: Client) -> None:
    assert administrator_client.get("/admin/predictions/batch/?status__exact=failed").status_code == 200


def test_others_do_not_come_in(curator_client: Client) -> None:
    assert curator_client.get("/admin/predictions/prediction/").status_code == 302
