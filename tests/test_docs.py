"""Pages that are written by the code say what the code says."""

from __future__ import annotations

import json
import re
from pathlib import Path

from training.management.commands.input_table import page
from training.ml import bundled
from training.ml.model_card import render
from training.ml.schema import FEATURE_NAMES

PROJECT = Path(__file__).resolve().parent.parent


def test_the_page_of_inputs_is_current() -> None:
    assert (PROJECT / "docs/inputs.md").read_text(encoding="utf-8") == page()
    assert all(f"`{name}`" in page() for name in FEATURE_NAMES)


def test_the_model_card_is_the_bundled_classifiers() -> None:
    metadata = json.loads((Path(bundled.__file__).parent / "metadata.json").read_text(encoding="utf-8"))
    assert (PROJECT / "docs/model-card.md").read_text(encoding="utf-8") == render(metadata)


def test_links_between_pages_lead_somewhere() -> None:
    pages = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]
    texts = {page: page.read_text(encoding="utf-8") for page in pages}
    links = [(page, link) for page, text in texts.items() for link in re.findall(r"\]\(([^)#:]+)\)", text)]
    assert links
    assert [(page.name, link) for page, link in links if not (page.parent / link).exists()] == []
