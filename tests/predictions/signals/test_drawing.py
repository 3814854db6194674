"""The drawing says what the numbers imply."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string

from predictions.pages.examples import EXAMPLE_BY_KEY, EXAMPLES, Example
from predictions.signals.drawing import draw

BARE = {"orbital_period": 3.5, "transit_duration": 3.0, "transit_depth": 10_000.0}


def test_sizes_come_from_the_ratio_then_the_radii_then_the_depth() -> None:
    assert draw(BARE).ratio == pytest.approx(0.1)
    radii = {**BARE, "planet_radius": 10.9076, "stellar_radius": 2.0}
    assert draw(radii).ratio == pytest.approx(0.05)
    assert draw({**radii, "radius_ratio": 0.07}).ratio == 0.07


def test_depth_and_size_are_compared_in_words() -> None:
    said = draw(dict(EXAMPLE_BY_KEY["kepler-10-b"].values)).sentence
    assert said.startswith("A body of this size covers 151 ppm of the disc and hides 184 ppm")
    assert ", if it crosses the middle of the star; " in said
    assert said.endswith("152 ppm are given.")
    missed = draw({**BARE, "impact_parameter": 1.5})
    assert "would miss the star" in missed.sentence


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.key)
def test_each_example_is_drawn(example: Example) -> None:
    html = render_to_string(
        "predictions/signals/answer_drawing.html", {"drawing": draw(dict(example.values))}
    )
    assert "nan" not in html
    assert "style=" not in html, "the site's policy lets no style attribute through"
    for picture in re.findall(r"<svg.*?</svg>", html, re.DOTALL):
        ElementTree.fromstring(picture)  # noqa: S314 - our own
