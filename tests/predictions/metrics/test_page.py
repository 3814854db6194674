"""The page that says how good the classifier is, and its plots."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from django.test import Client

from predictions.metrics.plots import wilson
from training.models import ModelVersion
from training.versions.evaluation import backtest_store
from training.versions.scorecard import WITHOUT

pytestmark = pytest.mark.django_db

SVG = "{http://www.w3.org/2000/svg}"


def metrics() -> dict[str, Any]:
    return ModelVersion.objects.active().metrics


def page_of(client: Client, query: str = "") -> str:
    response = client.get(f"/model/{query}")
    assert response.status_code == 200
    return response.content.decode()


def keep(**metadata: Any) -> ModelVersion:
    """The version in service, with these parts of its metadata changed."""
    version = ModelVersion.objects.active()
    version.metadata = {**version.metadata, **metadata}
    version.save()
    return version


def drawn(answer: Any) -> ET.Element:
    return ET.fromstring(answer.content)  # noqa: S314 - our own file


def plot_address(plot: str, query: str = "") -> str:
    return f"/model/{ModelVersion.objects.active().name}/{plot}.svg{query}"


def test_it_asks_to_sign_in(client: Client) -> None:
    for address in ("/model/", plot_address("reliability-kepler")):
        assert client.get(address)["Location"].startswith("/accounts/login/")


def test_it_gives_the_figures_of_each_mission_and_set_of_inputs(member_client: Client) -> None:
    html, found, count = page_of(member_client), metrics(), 0
    for blocks in found["cross_validation"].values():
        for block in blocks.values():
            assert f'data-label="Accuracy"><span>{block["accuracy"]:.3f}' in html
            assert f'data-label="PR-AUC">{block["pr_auc"]:.3f}' in html
            count += 1
    assert count == 12


def test_it_gives_the_spread_over_folds(member_client: Client) -> None:
    html, found = page_of(member_client), metrics()
    assert len(found["fold_spread"]) == 4
    for mission, figures in found["fold_spread"].items():
        for name, spread in figures.items():
            value = found["cross_validation"]["all"][mission][name]
            assert f'{value:.3f} <span class="muted small">± {spread["std"]:.3f}</span>' in html


def test_it_gives_the_figures_of_each_disposition(member_client: Client) -> None:
    html, count = page_of(member_client), 0
    for block in metrics()["cross_validation"]["all"].values():
        for name, figures in block["dispositions"].items():
            for label, figure, digits in (
                ("Precision", "precision", 2),
                ("Recall", "recall", 2),
                ("F1", "f1", 2),
                ("ROC-AUC", "roc_auc", 3),
                ("PR-AUC", "pr_auc", 3),
            ):
                assert f'data-label="{label}">{figures[figure]:.{digits}f}</td>' in html
            assert (
                f'data-label="{name}">{block["prediction_sets"]["dispositions"][name]:.3f}</td>'
                in html
            )
            count += 1
    assert count == 12


def test_the_confusion_matrix_is_the_one_of_the_metrics(member_client: Client) -> None:
    html = page_of(member_client)
    matrices = re.findall(r'<table class="matrix">.*?</table>', html, re.DOTALL)
    blocks = [
        metrics()["cross_validation"]["all"][name] for name in ("pooled", "Kepler", "TESS", "K2")
    ]
    assert len(matrices) == 4
    for matrix, block in zip(matrices, blocks, strict=True):
        cells = re.findall(r'<td class="number shade-\d( heat-strong)?">([\d,]+) ', matrix)
        assert [int(text.replace(",", "")) for _, text in cells] == [
            n for row in block["confusion"] for n in row
        ]
        assert [number for number, (strong, _) in enumerate(cells) if strong] == [0, 4, 8]
    assert html.count("Most often a ") == 4


def test_each_reliability_diagram_has_its_numbers_its_words_and_both_schemes(
    member_client: Client,
) -> None:
    html = page_of(member_client)
    figures = re.findall(r"<figure>.*?</figure>", html, re.DOTALL)
    blocks = [
        metrics()["cross_validation"]["all"][name] for name in ("pooled", "Kepler", "TESS", "K2")
    ]
    assert len(figures) == 4
    for figure, block in zip(figures, blocks, strict=True):
        assert figure.count('<tr><td class="number">') == len(block["reliability"])
        addresses = re.findall(r'<img class="plot-image scheme-(\w+)" src="([^"]+)"', figure)
        assert [scheme for scheme, _ in addresses] == ["light", "dark"]
        for _, address in addresses:
            assert member_client.get(address).status_code == 200
        assert "Of 100 signals given" in figure
        assert f"off by {100 * block['calibration_error']:.1f} points" in figure


def test_a_plot_is_svg_with_one_dot_per_bin(member_client: Client) -> None:
    answer = member_client.get(plot_address("reliability-tess"))
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer["Cache-Control"] == "private, max-age=86400"
    dots = [
        e for e in drawn(answer).iter(f"{SVG}g") if e.get("id", "").startswith("PathCollection")
    ]
    assert len(dots) == 1
    assert len(list(dots[0].iter(f"{SVG}path"))) == len(
        metrics()["cross_validation"]["all"]["TESS"]["reliability"]
    )
    dark = member_client.get(plot_address("reliability-tess", "?dark")).content
    assert b"#6db3ee" in dark and b"#6db3ee" not in answer.content
    assert member_client.get(plot_address("reliability-tess")).content == answer.content


@pytest.mark.parametrize(
    ("plot", "words"),
    [
        ("reliability-k2", "K2: Of 100 signals given"),
        ("importance", "What the classifier looks at"),
    ],
)
def test_a_plot_to_take_away_has_its_title(member_client: Client, plot: str, words: str) -> None:
    answer = member_client.get(plot_address(plot, "?download"))
    name = ModelVersion.objects.active().name
    assert answer["Content-Disposition"] == f'attachment; filename="{plot}-{name}.svg"'
    texts = ["".join(e.itertext()) for e in drawn(answer).iter(f"{SVG}text")]
    assert any(words in text for text in texts)


@pytest.mark.parametrize("address", ["reliability-mars", "reliability-", "confusion"])
def test_an_unknown_plot_is_404(member_client: Client, address: str) -> None:
    assert member_client.get(plot_address(address)).status_code == 404
    assert member_client.get("/model/2020-01-01T00-00-00Z/importance.svg").status_code == 404


def test_an_interval_of_a_share_has_a_width_even_at_the_ends() -> None:
    assert wilson(1.0, 4) == pytest.approx((0.5101, 1.0), abs=1e-3)
    assert wilson(0.5, 100) == pytest.approx((0.4038, 0.5962), abs=1e-3)


def test_it_tells_data_dates_importance_absent_inputs_and_the_last_check(
    member_client: Client,
) -> None:
    html, found = page_of(member_client), metrics()
    version = ModelVersion.objects.active()
    for table in version.metadata["tables"]:
        assert table["file"] in html
        assert table["date"] in html
    assert f"{found['importance'][0]['label']} moves the answer most" in html
    assert f"{found['protocol']['test_signals']:,} signals on" in html
    worst = max(
        (r for r in found["absent_cost"] if r["mission"] == "TESS"),
        key=lambda row: row["accuracy_loss"],
    )
    assert (
        f"TESS: most is lost without {WITHOUT[worst['group']]}, {100 * worst['accuracy_loss']:.1f}"
        " points" in html
    )


def test_every_definition_is_one_click_away(member_client: Client) -> None:
    glossary = member_client.get("/glossary/").content.decode()
    keys = set(re.findall(r'href="/glossary/#([\w-]+)"', page_of(member_client)))
    assert {
        "roc-auc",
        "pr-auc",
        "f1",
        "precision",
        "recall",
        "coverage",
        "reliability-diagram",
    } <= keys
    assert all(f'id="{key}"' in glossary for key in keys)


SCORECARD = {
    "mission": "TESS",
    "created": "2026-01-01T00:00:00+00:00",
    "then": {"file": "TOI.csv", "date": "2021-12-12"},
    "now": {"file": "TOI.csv", "date": "2025-10-04"},
    "decided": 1234,
    "confirmed": 700,
    "false_positive": 534,
    "open_then": 3000,
    "roc_auc": 0.9312,
    "roc_auc_interval": [0.92, 0.94],
    "pr_auc": 0.9011,
    "same_day_roc_auc": 0.961,
    "prediction_sets": {"coverage": 0.7123},
}


@pytest.mark.parametrize("stored", [True, False])
def test_looking_back_stands_beside_cross_validation(member_client: Client, stored: bool) -> None:
    keep(backtests={})
    assert "Looking back" not in page_of(member_client)
    if stored:
        backtest_store(dict(SCORECARD))
    else:
        keep(backtests={"TESS": SCORECARD})
    html = page_of(member_client)
    validated = metrics()["cross_validation"]["all"]["TESS"]
    for name, figure, own in (
        ("ROC-AUC", "0.931", validated["roc_auc"]),
        ("PR-AUC", "0.901", validated["pr_auc"]),
        ("Coverage", "0.712", validated["prediction_sets"]["coverage"]),
    ):
        cells = f'<td class="number">{own:.3f}</td><td class="number">{figure}</td>'
        assert f'<th scope="row">{name}</th>{cells}' in html
    assert (
        "1,234 signals that were open in 2021-12-12 had been decided by 2025-10-04: 700 CONFIRMED"
        in html
    )
    assert "0.920–0.940" in html and "0.961" in html
    assert "Why they differ." in html
    assert ("Run on this site on 2026-01-01" in html) == stored


def test_a_newer_look_back_on_this_site_takes_the_place_of_the_bundled_one(
    member_client: Client,
) -> None:
    keep(backtests={"TESS": SCORECARD, "Kepler": {**SCORECARD, "roc_auc": 0.9555}})
    backtest_store({**SCORECARD, "roc_auc": 0.8888})
    html = page_of(member_client)
    assert "0.889" in html and "0.956" in html
    assert "0.931" not in html.split('id="prospective"')[1].split("Why they differ.")[0]


def test_it_tells_how_firm_the_procedure_is_over_seeds(member_client: Client) -> None:
    keep(evaluation={})
    assert "How firm these figures are" not in page_of(member_client)
    figure = {"mean": 0.7777, "std": 0.0123}
    block = {
        "accuracy": figure,
        "macro_f1": figure,
        "roc_auc": figure,
        "signals": 9,
        "prediction_sets": {},
    }
    keep(
        evaluation={
            "seeds": [0, 1, 2],
            "signals": 1234,
            "figures": {"six": {"Kepler": block}},
            "specialists": {"six": {"Kepler": 0.9876}},
            "transfer": {"Kepler → TESS": 0.8421},
        }
    )
    html = page_of(member_client)
    assert "with seeds 0, 1, 2" in html and "1,234 signals" in html
    assert html.count('0.778 <span class="muted small">± 0.012</span>') == 3
    assert 'data-label="Calibration error"><span>not known</span>' in html
    assert 'data-label="Trained on just these">0.988' in html
    assert "Kepler → TESS" in html and "0.842" in html


@pytest.mark.parametrize(
    "kept", [(), ("test",), ("cross_validation",), ("importance", "absent_cost")]
)
def test_a_version_that_lacks_figures_still_has_a_page(
    member_client: Client, kept: tuple[str, ...]
) -> None:
    version = ModelVersion.objects.active()
    version.metadata = {"metrics": {name: version.metrics[name] for name in kept}}
    version.save()
    html = page_of(member_client)
    assert version.name in html
    assert ("By mission" in html) == bool({"test", "cross_validation"} & set(kept))


def test_another_version_can_be_looked_at(member_client: Client) -> None:
    version = ModelVersion.objects.active()
    ModelVersion.objects.update(is_active=False)
    html = page_of(member_client, f"?version={version.name}")
    assert "not at the moment" in html
    assert member_client.get("/model/?version=nothing").status_code == 404


def test_it_lives_without_a_version_in_service(member_client: Client) -> None:
    ModelVersion.objects.update(is_active=False)
    assert "No model version is in service." in page_of(member_client)


def test_the_longest_tables_come_when_they_are_asked_for(member_client: Client) -> None:
    first = member_client.get("/model/").content.decode()
    assert 'href="?whole=#importance"' in first
    whole = member_client.get("/model/?whole=").content.decode()
    assert re.search(r"<summary>All \d+ quantities</summary>", whole)
    assert len(whole) > len(first) + 5_000
