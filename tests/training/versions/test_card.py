"""The model card as a page: tables stay whole, links lead somewhere, the footer says the truth."""

from __future__ import annotations

import pytest
from django.test import Client

from training.models import ModelVersion
from training.templatetags.site import learnt_of

pytestmark = pytest.mark.django_db


def test_a_bar_in_a_cell_does_not_begin_another_one(member_client: Client) -> None:
    version = ModelVersion.objects.active()
    page = member_client.get(f"/model-versions/{version.name}/card/").content.decode()
    assert "<th>mean |SHAP|</th>" in page


def test_links_lead_to_pages_of_the_site_or_out_of_it(member_client: Client) -> None:
    version = ModelVersion.objects.active()
    page = member_client.get(f"/model-versions/{version.name}/card/").content.decode()
    assert '<a href="/model/#data">data.md</a>' in page
    assert '<a href="https://doi.org/10.26133/NEA4">' in page


def test_the_footer_says_what_the_version_in_service_has_learnt_from(
    member_client: Client,
) -> None:
    learnt_of.cache_clear()  # an earlier test may have changed the same version's metadata
    page = member_client.get("/glossary/").content.decode()
    assert "has learnt from 19,058 signals of Kepler, TESS and K2." in page
    version = ModelVersion.objects.active()
    tables = [{"mission": "TESS", "file": "mine.csv"}]
    version.metadata |= {"tables": tables, "signals": 1}
    version.sha256 = "0" * 64
    version.save()
    page = member_client.get("/glossary/").content.decode()
    assert "has learnt from 1 signal of TESS." in page
