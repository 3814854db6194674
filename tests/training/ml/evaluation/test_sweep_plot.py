"""Sweeps as a picture."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree

from training.ml.evaluation.sweep_plot import WIDTH, sweep_svg


@dataclass(frozen=True)
class Drawn:
    signal: str
    feature: str
    given: float
    values: tuple[float, ...]
    scores: tuple[float, ...]


def test_each_quantity_has_a_panel_and_each_signal_a_line() -> None:
    names = [f"Planet & {n}" for n in range(10)]
    svg = sweep_svg(
        [
            Drawn(name, feature, 3.0, (1.0, 2.0, 4.0, 100.0), (0.0, 0.4, 0.6, 1.0))
            for name in names
            for feature in ("orbital_period", "transit_depth", "planet_radius")
        ]
    )
    root = ElementTree.fromstring(svg)  # noqa: S314
    lines = root.findall(".//{*}polyline")
    assert len(lines) == 30
    assert len(root.findall(".//{*}circle")) == 30
    texts = [text.text for text in root.findall(".//{*}text")]
    assert "Orbital period (days)" in texts
    assert all(name in texts for name in names)
    assert "prefers-color-scheme:dark" in svg
    pens = {(line.get("stroke"), line.get("stroke-dasharray")) for line in lines}
    assert len(pens) == 10  # no two signals look alike


def test_nothing_is_drawn_outside() -> None:
    svg = sweep_svg([Drawn("a", "orbital_period", 500.0, (1.0, 10.0), (0.0, 1.0))])
    points = re.findall(r"([\d.]+),([\d.]+)", re.findall(r'points="([^"]+)"', svg)[0])
    assert len(points) == 2
    assert all(0 <= float(x) <= WIDTH and 0 <= float(y) <= 250 for x, y in points)
