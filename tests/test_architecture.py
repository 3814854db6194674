"""The import line of DESIGN.md section 1: rungs may be skipped downward and are never climbed."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import PROJECT

RUNGS = ("training.ml", "training", "predictions", "exoplanet_site")  # a module belongs to the first that fits

# Inside an app: urls → views, api → forms, serializers, services → models → ml; tasks → services.
ROOMS = {
    "artifacts": 0,
    "models": 1,
    "services": 2,
    "forms": 2,
    "serializers": 2,
    "tasks": 3,
    "views": 3,
    "api": 3,
    "admin": 3,
    "urls": 4,
    "api_urls": 4,
}

TOP_LEVEL = {
    ".ci",
    ".dockerignore",
    ".github",
    ".gitignore",
    "CHANGELOG.md",
    "Dockerfile",
    "LICENSE",
    "Makefile",
    "README.md",
    "SECURITY.md",
    "benchmarks",
    "compose.yaml",
    "constraints.txt",
    "deploy",
    "docs",
    "exoplanet_site",
    "manage.py",
    "predictions",
    "pyproject.toml",
    "requirements-cluster.txt",
    "requirements-dev.txt",
    "requirements-production.txt",
    "requirements.txt",
    "static",
    "templates",
    "tests",
    "training",
}


def modules() -> list[str]:
    files = [path for top in ("exoplanet_site", "predictions", "training") for path in (PROJECT / top).rglob("*.py")]
    names = [".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__") for path in files]
    return sorted(name for name in names if ".migrations." not in name)


def source(module: str) -> str:
    path = PROJECT.joinpath(*module.split("."))
    return (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text()


def imports(module: str, text: str) -> Iterator[str]:
    """Every module that is imported anywhere in the text, inside functions and for type checking, too."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module} imports relatively; the line is easier to see with full names"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rung(module: str) -> int | None:
    fits = (number for number, top in enumerate(RUNGS) if module == top or module.startswith(f"{top}."))
    return next(fits, None)


def room(module: str) -> int | None:
    parts = module.split(".")
    return ROOMS.get(parts[1]) if len(parts) > 1 and parts[0] in ("training", "predictions") else None


def climbs(module: str, text: str) -> list[str]:
    """What the module imports from above itself."""
    own_rung, own_room = rung(module), room(module)
    assert own_rung is not None
    above = []
    for name in imports(module, text):
        their_rung, their_room = rung(name), room(name)
        higher_rung = their_rung is not None and their_rung > own_rung
        same_app = module.split(".")[0] == name.split(".")[0]
        higher_room = same_app and own_room is not None and their_room is not None and their_room > own_room
        if higher_rung or higher_room:
            above.append(name)
    return above


def test_there_are_modules_on_every_rung() -> None:
    assert {rung(module) for module in modules()} == {0, 1, 2, 3}


@pytest.mark.parametrize("module", modules())
def test_imports_only_downward(module: str) -> None:
    assert climbs(module, source(module)) == []


@pytest.mark.parametrize("module", [name for name in modules() if rung(name) == 0])
def test_the_ml_core_knows_no_django(module: str) -> None:
    tops = {name.split(".")[0] for name in imports(module, source(module))}
    assert tops.isdisjoint({"django", "rest_framework", "django_q", "environ", "knox"})


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("training.ml.schema", "from training import models"),
        ("training.services", "import predictions.models"),
        ("predictions.services", "def f():\n    from exoplanet_site import settings"),
        ("training.models", "from training.services import model_version_create"),
        ("predictions.services", "from predictions import tasks"),
    ],
)
def test_a_climb_is_noticed(module: str, text: str) -> None:
    assert climbs(module, text)


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("predictions.views", "from predictions.services import prediction_create"),
        ("predictions.services", "from training.ml.schema import Mission"),
        ("exoplanet_site.urls", "import predictions.urls, training.urls, django"),
    ],
)
def test_a_step_down_is_allowed(module: str, text: str) -> None:
    assert climbs(module, text) == []


def test_no_room_for_everything() -> None:
    names = {Path(*module.split(".")).name for module in modules()}
    assert names.isdisjoint({"utils", "helpers", "common", "misc"})


def test_top_level_holds_what_it_should() -> None:
    git = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True)
    if git.returncode:
        pytest.skip("not a git working tree")
    tops = {line.strip('"').split("/")[0] for line in git.stdout.splitlines()}
    assert {"manage.py", "training", "predictions", "exoplanet_site"} <= tops
    assert tops <= TOP_LEVEL


def test_starting_django_loads_no_classifier_library(tmp_path: Path) -> None:
    """The worker's parent process forks: LightGBM in it would hang its children, and shap costs seconds."""
    code = (
        "import os, sys, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'exoplanet_site.settings'; django.setup(); "
        "print(sorted({'lightgbm', 'shap', 'sklearn', 'matplotlib'} & set(sys.modules)))"
    )
    environment = {"PATH": "/usr/bin:/bin", "DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
