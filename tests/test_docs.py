"""Pages that are written by the code say what the code says."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from django.core.management import get_commands

from training.management.commands.input_table import page
from training.ml.evaluation.model_card import SWEEPS, render
from training.ml.fitting import bundled
from training.ml.schema import FEATURE_NAMES

PROJECT = Path(__file__).resolve().parent.parent


def test_the_page_of_inputs_is_current() -> None:
    assert (PROJECT / "docs/inputs.md").read_text(encoding="utf-8") == page()
    assert all(f"`{name}`" in page() for name in FEATURE_NAMES)


def test_the_model_card_is_the_bundled_classifiers() -> None:
    metadata = json.loads(
        (Path(bundled.__file__).parent / "metadata.json").read_text(encoding="utf-8")
    )
    assert (PROJECT / "docs/model-card.md").read_text(encoding="utf-8") == render(metadata, SWEEPS)
    assert "<polyline" in (PROJECT / "docs" / SWEEPS).read_text(encoding="utf-8")


def pages() -> dict[Path, str]:
    paths = [*PROJECT.glob("*.md"), *sorted((PROJECT / "docs").glob("*.md"))]
    return {path: path.read_text(encoding="utf-8") for path in paths}


MADE_LATER = {"deploy/stack/data"}  # by `make stack`
NAMED = re.compile(
    r"`((?:exoplanet_site|predictions|training|deploy|templates|static|benchmarks|tests|docs|\.ci)"
    r"[/.][\w./-]*)`"
)


def is_there(name: str) -> bool:
    """A folder or file of the project, or a module, as a path without its ending or with dots."""
    path = PROJECT / name.rstrip("/")
    module = PROJECT / name.replace(".", "/")
    return any(p.exists() or p.with_suffix(".py").exists() for p in (path, module))


def test_what_pages_name_is_there() -> None:
    named = {(page.name, name) for page, text in pages().items() for name in NAMED.findall(text)}
    assert len(named) > 40
    gone = {(page, name) for page, name in named if not is_there(name) and name not in MADE_LATER}
    assert gone == set()


def test_the_floor_plan_names_files_of_its_rooms() -> None:
    """In a row of its tables, ``room | `file` or `file.name` ...``, each file is in that room."""
    plan = (PROJECT / "docs/architecture.md").read_text(encoding="utf-8").split("## Decisions")[0]
    rows = re.findall(r"^\| `([\w/]+)` \| (.+) \|$", plan, re.MULTILINE)
    files = [(room, name) for room, text in rows for name in re.findall(r"`([a-z_]+)[`.]", text)]
    assert len(files) > 20
    assert [(room, name) for room, name in files if not is_there(f"{room}/{name}")] == []


def test_verbs_and_commands_that_pages_name_exist() -> None:
    text = "".join(pages().values())
    verbs = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", text)) <= verbs
    commands = set(re.findall(r"manage\.py ([a-z_]+)", text)) - {"help"}
    assert len(commands) > 8
    assert commands <= set(get_commands())


def test_the_version_is_the_newest_release() -> None:
    released = re.findall(r"^## (\d+\.\d+\.\d+) – \d{4}-\d\d-\d\d$", changes(), re.MULTILINE)
    read = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]
    found = re.search(read["version"]["pattern"], changes(), re.MULTILINE)
    assert read["version"]["path"] == "CHANGELOG.md"
    assert found
    assert found["version"] == released[0]


def changes() -> str:
    return (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_links_between_pages_lead_somewhere() -> None:
    texts = pages()
    links = [
        (page, link)
        for page, text in texts.items()
        for link in re.findall(r"\]\(([^)#:]+)\)", text)
    ]
    assert links
    assert [(page.name, link) for page, link in links if not (page.parent / link).exists()] == []
