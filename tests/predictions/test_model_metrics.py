"""The page that says how good the classifier is."""

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from training.models import ModelVersion
from training.services_evaluation import backtest_store

pytestmark = pytest.mark.django_db


def metrics() -> dict[str, Any]:
    return ModelVersion.objects.active().metrics


def page_of(client: Client) -> str:
    response = client.get("/model/")
    assert response.status_code == 200
    return response.content.decode()


def test_it_asks_to_sign_in(client: Client) -> None:
    assert client.get("/model/")["Location"].startswith("/accounts/login/")


def test_it_gives_the_figures_of_each_mission_with_their_spread(member_client: Client) -> None:
    html, found = page_of(member_client), metrics()
    assert len(found["cross_validation"]["all"]) == 4
    for mission, block in found["cross_validation"]["all"].items():
        spread = found["fold_spread"][mission]["macro_f1"]["std"]
        assert f'{block["macro_f1"]:.3f} <span class="muted small">± {spread:.3f}</span>' in html
        assert f"{block['prediction_sets']['coverage']:.3f}" in html


def test_it_gives_the_figures_of_each_disposition(member_client: Client) -> None:
    html, count = page_of(member_client), 0
    for block in metrics()["cross_validation"]["all"].values():
        for figures in block["dispositions"].values():
            assert f'data-label="ROC-AUC">{figures["roc_auc"]:.3f}' in html
            assert f'data-label="Precision">{figures["precision"]:.2f}' in html
            count += 1
    assert count == 12


def test_it_draws_what_it_lists(member_client: Client) -> None:
    """Each reliability diagram has a dot per bin, and the table below it the same bins."""
    html = page_of(member_client)
    plots = re.findall(r'<svg class="plot plot-small".*?</details>', html, re.DOTALL)
    blocks = metrics()["cross_validation"]["all"]
    assert len(plots) == len(blocks)
    for plot in plots:
        assert plot.count("<circle") == plot.count("<tr><td")
    assert sum(plot.count("<circle") for plot in plots) == sum(len(b["reliability"]) for b in blocks.values())


def test_the_confusion_matrix_is_the_one_of_the_metrics(member_client: Client) -> None:
    html = page_of(member_client)
    for row in metrics()["cross_validation"]["all"]["pooled"]["confusion"]:
        for count in row:
            assert f"<span>{count:,} <span" in html


def test_it_tells_data_dates_less_inputs_importance_and_the_last_check(member_client: Client) -> None:
    html, found = page_of(member_client), metrics()
    version = ModelVersion.objects.active()
    for table in version.metadata["tables"]:
        assert table["file"] in html
        assert table["date"] in html
    six = found["cross_validation"]["six"]["TESS"]["roc_auc"]
    assert f'data-label="ROC-AUC" class="number">{six:.3f}' in html
    assert found["importance"][0]["label"] in html
    assert f"{found['protocol']['test_signals']:,} signals on" in html
    assert "vetting measurements" in html


def test_looking_back_stands_beside_it(member_client: Client) -> None:
    assert "Looking back" not in page_of(member_client)
    table = {"file": "TOI.csv", "date": "2021-12-12"}
    backtest_store({
        "mission": "TESS", "created": "2026-01-01T00:00:00+00:00", "then": table,
        "now": {**table, "date": "2025-10-04"},
        "decided": 1234, "open_then": 3000, "roc_auc": 0.9312, "roc_auc_interval": [0.92, 0.94],
        "same_day_roc_auc": 0.961,
    })  # fmt: skip
    html = page_of(member_client)
    assert "Looking back: what became of open signals" in html
    assert "0.931" in html and "0.920–0.940" in html and "0.961" in html
    assert "lower than the cross-validated ones" in html


@pytest.mark.parametrize("kept", [(), ("test",), ("cross_validation",), ("importance", "absent_cost")])
def test_a_version_that_lacks_figures_still_has_a_page(member_client: Client, kept: tuple[str, ...]) -> None:
    version = ModelVersion.objects.active()
    version.metadata = {"metrics": {name: version.metrics[name] for name in kept}}
    version.save()
    html = page_of(member_client)
    assert version.name in html
    assert ("By mission" in html) == bool({"test", "cross_validation"} & set(kept))


def test_it_lives_without_a_version_in_service(member_client: Client) -> None:
    ModelVersion.objects.update(is_active=False)
    assert "No model version is in service." in page_of(member_client)


def test_each_diagram_can_be_taken_away(member_client: Client) -> None:
    html = page_of(member_client)
    addresses = re.findall(r'href="(/model/reliability-[^"]+)"', html)
    assert len(addresses) == 4
    for address in addresses:
        response = member_client.get(address)
        assert response["Content-Type"] == "image/svg+xml"
        assert "attachment" in response["Content-Disposition"]
        root = ElementTree.fromstring(response.content)  # noqa: S314 - our own
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert len(root.findall("{*}circle")) > 5
    assert member_client.get("/model/reliability-hubble.svg").status_code == 404


def test_the_page_of_another_version_can_be_asked_for(member_client: Client) -> None:
    version = ModelVersion.objects.active()
    version.pk, version.name, version.is_active = None, "2020-01-01T00-00-00Z", False
    version.save()
    html = member_client.get("/model/?version=2020-01-01T00-00-00Z").content.decode()
    assert "2020-01-01T00-00-00Z" in html
    assert "not at the moment" in html
    assert member_client.get("/model/?version=none").status_code == 404
