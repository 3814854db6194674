"""SHAP plots of a version: kept beside its artifact, shown to who may read its page."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from django.core.files.storage import default_storage
from django.test import Client

from tests.conftest import printed_by
from training.ml.schema import Mission
from training.ml.tables.data_loader import read_signals
from training.models import ModelVersion
from training.versions.plots import plots_draw, plots_of
from training.versions.services import model_version_create, version_delete

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def frame(tables: dict[Mission, Path]) -> pd.DataFrame:
    return read_signals(tables[Mission.KEPLER]).frame.head(40)


@pytest.fixture
def version(small_classifiers: tuple[Any, Any]) -> ModelVersion:
    return model_version_create(small_classifiers[0], origin=ModelVersion.Origin.TRAINING_RUN)


def test_they_are_on_the_versions_page(
    version: ModelVersion, frame: pd.DataFrame, member_client: Client
) -> None:
    plots_draw(version, frame)
    found = plots_of(version)
    assert len(found) == 13
    page = member_client.get(version.get_absolute_url()).content.decode()
    for plot in found:
        address = f"/model-versions/{version.name}/plots/{plot['key']}.png"
        assert f'src="{address}"' in page
    answer = member_client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert answer.content.startswith(b"\x89PNG")
    assert "private" in answer["Cache-Control"]
    for other in ("index", "beeswarm-none"):
        wrong = f"/model-versions/{version.name}/plots/{other}.png"
        assert member_client.get(wrong).status_code == 404, other
    assert Client().get(address).status_code == 302


def test_a_version_without_them_says_so(version: ModelVersion, member_client: Client) -> None:
    assert "No SHAP plots" in member_client.get(version.get_absolute_url()).content.decode()


def test_a_plot_that_fails_leaves_the_version_as_it_is(
    version: ModelVersion,
    frame: pd.DataFrame,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("training.ml.explanations.shap_plots.draw", fails)
    monkeypatch.setattr(logging.getLogger("training"), "propagate", True)
    plots_draw(version, frame)
    assert "could not be drawn" in caplog.text
    assert plots_of(version) == []
    assert ModelVersion.objects.get(pk=version.pk).classifier


def test_they_go_with_their_version(version: ModelVersion, frame: pd.DataFrame) -> None:
    plots_draw(version, frame)
    assert default_storage.exists(f"plots/{version.name}")
    version_delete(version)
    assert not default_storage.exists(f"plots/{version.name}")


def test_a_site_that_answers_never_imports_shap(tmp_path: Path) -> None:
    program = (
        "import sys, exoplanet_site.wsgi, exoplanet_site.urls, training.tasks;"
        " print(sorted({'shap', 'numba', 'matplotlib'} & set(sys.modules)))"
    )
    assert printed_by(program, tmp_path) == "[]"
