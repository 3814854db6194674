"""docs/drills.md names tests that are there."""

import re

from tests.conftest import PROJECT


def test_every_test_that_is_named_is_there() -> None:
    text = (PROJECT / "docs" / "drills.md").read_text()
    named = re.findall(r"`([\w/]+\.py)::(test_\w+)`", text)
    assert len(named) == text.count("\n| ") - 1  # each row but the head
    for file, test in named:
        assert f"def {test}(" in (PROJECT / "tests" / file).read_text(), f"{file}::{test}"
