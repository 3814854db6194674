"""The metrics page begins with what matters: contents, the first plot, what hurts, fragile
verdicts."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from predictions.metrics.pages import MetricsPage
from training.models import ModelVersion

pytestmark = pytest.mark.django_db


def bundled_page() -> MetricsPage:
    return MetricsPage(ModelVersion.objects.active().metadata, {})


def html_of(client: Client) -> str:
    return client.get("/model/").content.decode()


def test_fragile_verdicts_are_less_accurate_and_the_page_says_so(member_client: Client) -> None:
    firmness = bundled_page().firmness
    assert firmness is not None
    fragile, firm = firmness.figures["fragile"], firmness.figures["firm"]
    assert fragile["signals"] + firm["signals"] == firmness.figures["signals"] > 2_000
    assert fragile["accuracy"] < firm["accuracy"] - 0.1
    html = html_of(member_client)
    assert firmness.title in html and firmness.sentence in html
    table = html.split('id="firmness"')[1].split("</table>")[0]
    assert table.count("<rect") == len(firmness.rows) == 5
    assert [row.words for row in firmness.rows] == [
        "fewer than 50 %",
        "50 to 70 %",
        "70 to 90 %",
        "90 to 100 %",
        "all",
    ]
    assert sum(row.block["signals"] for row in firmness.rows) == firmness.figures["signals"]


def test_a_version_that_was_not_measured_leaves_it_out(member_client: Client) -> None:
    version = ModelVersion.objects.active()
    del version.metadata["metrics"]["firmness"]
    version.save()
    html = html_of(member_client)
    assert 'id="firmness"' not in html and 'href="#firmness"' not in html


def test_what_hurts_is_said_in_words_near_the_top(member_client: Client) -> None:
    hurts = bundled_page().hurts
    metrics = ModelVersion.objects.active().metrics["cross_validation"]["all"]
    recall = round(100 * metrics["TESS"]["dispositions"]["FALSE POSITIVE"]["recall"])
    said = f"Of 100 TESS signals that are FALSE POSITIVE, it finds {recall} and misses"
    assert any(sentence.startswith(said) for sentence in hurts)
    html = html_of(member_client)
    assert all(sentence in html for sentence in hurts)
    assert html.index(hurts[0]) < html.index('id="figures"')


def test_the_contents_lead_to_every_part(member_client: Client) -> None:
    html = html_of(member_client)
    listed = re.findall(r'<a href="#([\w-]+)">', html.split('aria-label="On this page"')[1][:3000])
    assert len(listed) >= 10
    assert all(html.count(f'id="{anchor}"') == 1 for anchor in listed)


def test_the_first_plot_is_the_one_of_all_missions(member_client: Client) -> None:
    html = html_of(member_client)
    first = re.search(r'<img class="plot-image scheme-light" src="([^"]+)"', html)
    assert first and "reliability-pooled" in first[1]
    assert html.count('id="pooled"') == 1
