"""What a page of the catalogue and a version are cited by."""

from __future__ import annotations

import pytest
from django.test import Client

from predictions.catalogue.models import CatalogueTable, Signal
from training.models import ModelVersion

pytestmark = pytest.mark.django_db


def test_lists_signals_and_versions_name_version_and_tables(
    member_client: Client, catalogue: CatalogueTable
) -> None:
    version = ModelVersion.objects.active()
    signal = Signal.objects.filter(scored_by=version)[0]
    for address in ("/catalogue/?show=all", signal.get_absolute_url(), version.get_absolute_url()):
        page = member_client.get(address).content.decode()
        cited = page.partition("To cite")[2].partition("</p>")[0].partition("</dd>")[0]
        assert version.name in cited, address
        assert "doi:10.26133/NEA4" in cited, address


def test_a_version_names_every_table_that_it_learnt_from(member_client: Client, db: None) -> None:
    page = member_client.get(ModelVersion.objects.active().get_absolute_url()).content.decode()
    for doi in ("10.26133/NEA4", "10.26134/ExoFOP5", "10.26133/NEA19"):
        assert f"doi:{doi}" in page
