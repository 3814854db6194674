"""SECURITY.md counts what the tools were told to pass over."""

import re
import tomllib

from tests.conftest import PROJECT
from tests.every_page import NOT_OURS


def exclusions(tool: str) -> int:
    found = re.search(
        rf"^\| {tool} \| (\d+) \|", (PROJECT / "SECURITY.md").read_text(), re.MULTILINE
    )
    assert found
    return int(found[1])


def test_every_check_that_schemathesis_passes_over_is_counted() -> None:
    settings = tomllib.loads((PROJECT / "tests/predictions/rest/schemathesis.toml").read_text())
    off = [
        one
        for one in settings["operations"]
        if not all(c["enabled"] for c in one["checks"].values())
    ]
    assert len(off) == exclusions("schemathesis")
    assert settings["checks"] == {"enabled": True}


def test_every_page_that_axe_passes_over_is_counted() -> None:
    assert len(NOT_OURS) + len(["admin/"]) == exclusions("axe")


def test_every_line_that_bandit_passes_over_is_counted() -> None:
    files = [
        file
        for top in ("exoplanet_site", "predictions", "training", "deploy")
        for file in (PROJECT / top).rglob("*.py")
    ]
    assert len(files) > 50
    lines = [line for file in files for line in file.read_text().splitlines() if "# nosec" in line]
    assert len(lines) == exclusions("bandit")
    assert all(re.search(r"# nosec B\d+", line) for line in lines), (
        "name the check that is passed over"
    )
