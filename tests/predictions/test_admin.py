"""Predictions in Django's administration pages."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from predictions.batches.models import Batch
from predictions.history.services import labels_set
from tests.predictions.stored import stored

pytestmark = pytest.mark.django_db


def test_administrators_look_predictions_up_but_change_nothing(
    administrator_client: Client, member: User
) -> None:
    prediction = stored(member, note="private thought")
    labels_set(prediction=prediction, names=["private label"])
    listed = administrator_client.get("/admin/predictions/prediction/?q=KOI-72.01").content.decode()
    assert "KOI-72.01: CONFIRMED" in listed
    address = f"/admin/predictions/prediction/{prediction.pk}/change/"
    page = administrator_client.get(address).content.decode()
    assert prediction.version.name in page
    assert "private thought" not in page
    assert "private label" not in page
    assert administrator_client.post(address, {"shared": "on"}).status_code == 403
    assert administrator_client.get("/admin/predictions/prediction/add/").status_code == 403
    assert (
        administrator_client.get(
            f"/admin/predictions/prediction/{prediction.pk}/delete/"
        ).status_code
        == 403
    )


def test_batches_are_listed(administrator_client: Client) -> None:
    assert (
        administrator_client.get("/admin/predictions/batch/?status__exact=failed").status_code
        == 200
    )


def test_a_list_asks_the_database_as_often_for_three_as_for_one(
    administrator_client: Client,
    member: User,
    make_batch: Callable[..., Batch],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(3):
        stored(member)
        make_batch(done=True)
    for kind in ("prediction", "batch"):
        with django_assert_max_num_queries(7) as asked:
            page = administrator_client.get(f"/admin/predictions/{kind}/")
        assert page.context["cl"].result_count == 3
        assert not [
            query
            for query in asked.captured_queries
            if '"training_modelversion"."metadata"' in query["sql"]
        ]


def test_others_do_not_come_in(curator_client: Client) -> None:
    assert curator_client.get("/admin/predictions/prediction/").status_code == 302


def test_a_long_list_is_counted_no_further_than_anybody_leafs(
    administrator_client: Client, member: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("predictions.admin.COUNTED", 2)
    for _ in range(3):
        prediction = stored(member)
    assert (
        administrator_client.get("/admin/predictions/prediction/").context["cl"].result_count == 2
    )
    for text in (str(prediction.pk), member.username):
        assert (
            "KOI-72.01"
            in administrator_client.get(f"/admin/predictions/prediction/?q={text}").content.decode()
        )
    assert (
        "KOI-72.01"
        not in administrator_client.get("/admin/predictions/prediction/?q=KOI").content.decode()
    )
