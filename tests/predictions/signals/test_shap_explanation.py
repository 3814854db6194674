"""The lines of docs/api.md that make a `shap.Explanation` of an answer, run as they stand there."""

from __future__ import annotations

import re
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from django.test import Client

from tests.conftest import PROJECT
from tests.known_signals import KEPLER_10_B

pytestmark = pytest.mark.django_db


def documented() -> Any:
    manual = (PROJECT / "docs" / "api.md").read_text()
    (program,) = re.findall(r"```python\n(import numpy as np\nimport shap\n.*?)```", manual, re.S)
    names: dict[str, Any] = {}
    exec(compile(program, "docs/api.md", "exec"), names)  # noqa: S102 - our own manual
    return names["shap_explanation"]


def test_an_answer_becomes_an_explanation_that_shap_draws(member_client: Client) -> None:
    mpl.use("Agg")
    import shap
    from matplotlib import pyplot

    answer = member_client.post("/predict", KEPLER_10_B, content_type="application/json").json()
    explanation = documented()(answer)
    given = answer["explanation"]
    assert len(explanation.values) == len(given["contributions"]) > 5
    assert explanation.base_values + explanation.values.sum() == pytest.approx(given["raw_score"])
    axes = shap.plots.waterfall(explanation, show=False)
    texts = " ".join(text.get_text() for text in axes.get_yticklabels())
    strongest = given["contributions"][int(np.abs(explanation.values).argmax())]
    assert strongest["label"] in texts
    pyplot.close("all")
