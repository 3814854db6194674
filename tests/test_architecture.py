"""The import line and the rooms: rungs may be skipped downward and are never climbed; every module
belongs to a room, and files of one name stand at one height in each."""

import ast
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from tests.conftest import PROJECT, printed_by

RUNGS = (
    "training.ml",
    "training",
    "predictions",
    "exoplanet_site",
)  # a module belongs to the first that fits

# Inside an app: urls → views, api → forms, serializers, services → models → ml; tasks → services.
# A file that has none of these names holds rules or steps of its room, as services do.
ORDER = {
    "artifacts": 0,
    "models": 1,
    "mappings": 1,
    "services": 2,
    "tasks": 3,
    "batch_tasks": 3,
    "views": 4,
    "api": 4,
    "preview_api": 4,
    "admin": 4,
    "urls": 5,
    "api_urls": 5,
}
COMMANDS = 4

ROOMS = {
    "exoplanet_site": "settings, addresses, what runs the processes",
    "exoplanet_site.limits": "how much anybody may ask for",
    "exoplanet_site.monitoring": "readiness, figures, logs",
    "predictions": "what its rooms share",
    "predictions.signals": "one signal",
    "predictions.history": "finding again what one has classified",
    "predictions.batches": "a table",
    "predictions.comparing": "two tables side by side",
    "predictions.catalogue": "every known signal and star",
    "predictions.catalogue.charging": "what a table in charge is, and how one takes charge",
    "predictions.catalogue.derived": "what follows from a signal's values",
    "predictions.catalogue.plots": "its drawings",
    "predictions.catalogue.filling": "from a table to signals, stars and changes",
    "predictions.catalogue.twins": "planets that two missions list",
    "predictions.catalogue.foresight": "what had been said before the archive decided",
    "predictions.catalogue.others": "lists that are no mission's",
    "predictions.observing": "what can be observed from a place in a night",
    "predictions.reviewing": "which signals people look at, and what they say",
    "predictions.virtual_observatory": "the catalogue for programs of the Virtual Observatory",
    "predictions.watching": "what people watch, and how they hear of it",
    "predictions.watching.webhooks": "requests to servers of other people",
    "predictions.templatetags": "parts of pages that know rooms",
    "predictions.curves": "a light curve",
    "predictions.curves.folders": "light curves of many stars",
    "predictions.triage": "which rows of a table a person keeps",
    "predictions.demo": "a simulated example for a new site",
    "predictions.metrics": "how good the version in service is",
    "predictions.rest": "what all programs are told",
    "predictions.pages": "home, glossary, known examples",
    "predictions.management": "commands",
    "predictions.management.commands": "commands",
    "training": "what its rooms share",
    "training.datasets": "tables to train on",
    "training.runs": "trainings",
    "training.versions": "what trainings make",
    "training.accounts": "people",
    "training.second_factors": "what is asked beside a password",
    "training.identities": "accounts elsewhere that people sign in with",
    "training.background": "the worker",
    "training.templatetags": "words for templates",
    "training.management": "commands",
    "training.management.commands": "commands",
    "training.ml": "from a row to an answer",
    "training.ml.tables": "from any file to a harmonised frame",
    "training.ml.tables.formats": "the formats of files",
    "training.ml.tables.reading": "from bytes to blocks of rows, and what the file states",
    "training.ml.tables.doubting": "what looks mistaken",
    "training.ml.tables.guessing": "what unknown columns may be",
    "training.ml.tables.layouts": "the tables that are recognised",
    "training.ml.answering": "what a fitted classifier needs to answer, and no more",
    "training.ml.archive": "the NASA Exoplanet Archive",
    "training.ml.bundled": "the classifier that comes with the site",
    "training.ml.curves": "from a light curve to a row",
    "training.ml.explanations": "why",
    "training.ml.evaluation": "how good",
    "training.ml.fitting": "training",
    "training.ml.reviewing": "what is worth a person's look",
    "training.ml.simulation": "made-up signals",
    "training.ml.sky": "where",
}
FILES_PER_FOLDER = 22
LINES_PER_FILE = 400
LONG_FILES = {
    "training/ml/schema.py",  # one line per feature
}
FUNCTION_MEDIAN = 8
FUNCTION_P90 = 25

UNFORMATTED = 20  # tables of constants that the formatter would pull apart

TOP_LEVEL = {
    ".ci",
    ".dockerignore",
    ".github",
    ".gitignore",
    "CHANGELOG.md",
    "CITATION.cff",
    "CONTRIBUTING.md",
    "Dockerfile",
    "LICENSE",
    "Makefile",
    "README.md",
    "SECURITY.md",
    "benchmarks",
    "clients",
    "compose.yaml",
    "constraints.txt",
    "deploy",
    "docs",
    "exoplanet_site",
    "locked",
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
    files = [
        path
        for top in ("exoplanet_site", "predictions", "training")
        for path in (PROJECT / top).rglob("*.py")
    ]
    names = [
        ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")
        for path in files
    ]
    return sorted(name for name in names if ".migrations." not in name)


def source(module: str) -> str:
    path = PROJECT.joinpath(*module.split("."))
    return (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text()


def imports(module: str, text: str) -> Iterator[str]:
    """Every module that is imported anywhere in the text, inside functions and for type checking,
    too."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, (
                f"{module} imports relatively; the line is easier to see with full names"
            )
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rung(module: str) -> int | None:
    fits = (
        number for number, top in enumerate(RUNGS) if module == top or module.startswith(f"{top}.")
    )
    return next(fits, None)


def place(module: str) -> int | None:
    """How high a module stands in its app; the core has no such order."""
    parts = module.split(".")
    if parts[0] not in ("training", "predictions") or parts[1:2] == ["ml"] or module in ROOMS:
        return None
    if parts[1] in ("management", "templatetags"):
        return COMMANDS
    known = [ORDER[part] for part in parts[1:] if part in ORDER]
    return known[0] if known else ORDER["services"]


def climbs(module: str, text: str) -> list[str]:
    """What the module imports from above itself."""
    own_rung, own_place = rung(module), place(module)
    assert own_rung is not None
    above = []
    for name in imports(module, text):
        their_rung, their_place = rung(name), place(name)
        higher_rung = their_rung is not None and their_rung > own_rung
        same_app = module.split(".")[0] == name.split(".")[0]
        higher_place = (
            same_app
            and own_place is not None
            and their_place is not None
            and their_place > own_place
        )
        if higher_rung or higher_place:
            above.append(name)
    return above


def loaded(module: str, known: set[str]) -> set[str]:
    """The modules of the site that importing this one may load,
    now or when a function is called."""
    tree = ast.parse(source(module))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = [ast.Pass()]  # for readers and mypy only
    return {name for name in imports(module, ast.unparse(tree)) if name in known} - {module}


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Modules that cannot be loaded one before the other:
    what is left when leaves are taken off."""
    left = {name: set(needs) for name, needs in graph.items()}
    while leaves := [name for name, needs in left.items() if not needs & left.keys()]:
        for name in leaves:
            del left[name]
    while roots := left.keys() - {need for needs in left.values() for need in needs}:
        for name in roots:
            del left[name]
    return [sorted(left)] if left else []


def product_files() -> list[Path]:
    tops = ("exoplanet_site", "predictions", "training", "benchmarks", "deploy", "tests")
    return [path for top in tops for path in (PROJECT / top).rglob("*.py")]


def test_every_module_has_a_room() -> None:
    assert [name for name in modules() if name not in ROOMS and parent(name) not in ROOMS] == []


def parent(module: str) -> str:
    return module.rpartition(".")[0]


def test_no_module_needs_itself() -> None:
    known = set(modules())
    graph = {module: loaded(module, known) for module in known}
    assert graph["predictions.signals.services"] >= {"training.models", "training.ml.inputs"}
    assert circles(graph) == []


def test_a_circle_is_noticed() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [["b", "c"]]
    assert circles({"a": {"b"}, "b": {"c"}, "c": set()}) == []


def test_folders_and_files_are_small() -> None:
    # Migrations only ever grow in number, and nobody looks among them for a place.
    files = (path for path in product_files() if path.name != "__init__.py")
    folders = Counter(path.parent for path in files if path.parent.name != "migrations")
    crowded = {str(folder): n for folder, n in folders.items() if n > FILES_PER_FOLDER}
    assert crowded == {}
    lengths = {str(p.relative_to(PROJECT)): p.read_text().count("\n") for p in product_files()}
    long = {
        name: lines
        for name, lines in lengths.items()
        if lines > LINES_PER_FILE
        and name not in LONG_FILES
        and not name.startswith("tests/")
        and "_squashed_" not in name  # written by a program
    }
    assert long == {}


def test_functions_are_short() -> None:
    lengths = sorted(
        (node.end_lineno or 0) - node.lineno + 1
        for module in modules()
        for node in ast.walk(ast.parse(source(module)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    assert len(lengths) > 1_000
    assert median(lengths) <= FUNCTION_MEDIAN
    assert lengths[int(0.9 * len(lengths))] <= FUNCTION_P90


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
        ("predictions.signals.services", "def f():\n    from exoplanet_site import settings"),
        ("training.models", "from training.versions.services import model_version_create"),
        ("predictions.batches.services", "from predictions.batches import tasks"),
        ("predictions.batches.results", "from predictions.signals.views import home"),
        ("training.versions.models", "import training.versions.services"),
    ],
)
def test_a_climb_is_noticed(module: str, text: str) -> None:
    assert climbs(module, text)


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("predictions.signals.views", "from predictions.signals.services import prediction_create"),
        ("predictions.signals.services", "from training.ml.schema import Mission"),
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
    """The worker's parent process forks: LightGBM in it would hang its children, and shap costs
    seconds."""
    code = (
        "import sys, django; django.setup();"
        " print(sorted({'lightgbm', 'shap', 'sklearn', 'matplotlib'} & set(sys.modules)))"
    )
    assert printed_by(code, tmp_path) == "[]"


def test_nearly_everything_is_formatted() -> None:
    """Where the formatter makes it ugly, the data structure is wrong."""
    mark = "# fmt: " + "skip"
    files = [path for path in PROJECT.rglob("*.py") if ".venv" not in path.parts]
    assert len(files) > 300
    unformatted = sum(path.read_text(encoding="utf-8").count(mark) for path in files)
    assert unformatted <= UNFORMATTED
