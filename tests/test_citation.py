"""CITATION.cff names the newest release and the tables that the model card names."""

from __future__ import annotations

import re

import yaml

from tests.conftest import PROJECT


def test_it_is_of_the_newest_release_and_cites_every_table() -> None:
    citation = yaml.safe_load((PROJECT / "CITATION.cff").read_text(encoding="utf-8"))
    changelog = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\d+\.\d+\.\d+) – (\d{4}-\d\d-\d\d)", changelog, re.M)
    assert newest is not None
    assert (citation["version"], citation["date-released"]) == newest.groups()
    data = (PROJECT / "docs" / "data.md").read_text(encoding="utf-8")
    cited = re.search(r"^\| cite as \|.*$", data, re.M)
    assert cited is not None
    dois = set(re.findall(r"\[(10\.[^\]]+)\]", cited.group()))
    assert {reference["doi"] for reference in citation["references"]} == dois
