"""What looked wrong in a table, counted while it is read and worded at the end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from training.ml.errors import join_words

ROWS_NAMED: Final = 5


@dataclass(frozen=True)
class Problem:
    """Something that looks wrong in a table. ``rows`` are the numbers of the first rows, counted
    from 1.

    ``template`` is the sentence without its numbers, by which the problems of several chunks are
    added up.
    """

    code: str
    sentence: str
    column: str | None
    count: int
    rows: tuple[int, ...]
    template: str = ""
    feature: str | None = None


@dataclass
class _Tally:
    template: str
    feature: str | None = None
    count: int = 0
    rows: list[int] = field(default_factory=list)


class Findings:
    """Counts what looks wrong while a table is read, block by block, and words it at the end."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, str | None, str], _Tally] = {}

    def add(
        self,
        code: str,
        column: str | None,
        template: str,
        rows: Iterable[int],
        key: str = "",
        feature: str | None = None,
    ) -> None:
        """``template`` is a sentence that begins with {rows}, "3 rows" or "1 row", and may use
        {has} and {is_}."""
        numbers = list(rows)
        if not numbers:
            return
        tally = self._tallies.setdefault((code, column, key), _Tally(template, feature))
        tally.count += len(numbers)
        tally.rows = (tally.rows + numbers[:ROWS_NAMED])[:ROWS_NAMED]

    def update(self, other: Findings) -> None:
        for (code, column, key), found in other._tallies.items():
            tally = self._tallies.setdefault(
                (code, column, key), _Tally(found.template, found.feature)
            )
            tally.count += found.count
            tally.rows = (tally.rows + found.rows)[:ROWS_NAMED]

    def problems(self) -> list[Problem]:
        return [
            Problem(
                code,
                _sentence(tally),
                column,
                tally.count,
                tuple(tally.rows),
                tally.template,
                tally.feature,
            )
            for (code, column, _), tally in self._tallies.items()
        ]


@dataclass(frozen=True)
class Remarks:
    """What is said of the rows of one block: beside the row, and in the findings of the table."""

    first_row: int
    notes: dict[int, list[str]]
    findings: Findings

    def note(self, row: int, sentence: str) -> None:
        self.notes.setdefault(row, []).append(sentence)

    def find(
        self,
        code: str,
        column: str | None,
        template: str,
        rows: Iterable[int],
        feature: str | None = None,
    ) -> None:
        """``rows`` count from 0 within the block."""
        numbers = [self.first_row + int(row) for row in rows]
        self.findings.add(code, column, template, numbers, feature=feature)


def merge_problems(problems: Iterable[Problem]) -> list[Problem]:
    """One problem for each kind; ``problems`` come from the chunks of one table, in order."""
    findings, whole = Findings(), []
    for problem in problems:
        if not problem.template:
            whole.append(problem)
            continue
        key = (problem.code, problem.column, problem.template)
        tally = findings._tallies.setdefault(key, _Tally(problem.template, problem.feature))
        tally.count += problem.count
        tally.rows = (tally.rows + list(problem.rows))[:ROWS_NAMED]
    return [*whole, *findings.problems()]


def _sentence(tally: _Tally) -> str:
    one = tally.count == 1
    words = "1 row" if one else f"{tally.count:,} rows"
    text = tally.template.format(
        rows=words, has="has" if one else "have", is_="is" if one else "are"
    )
    named = join_words([f"{row:,}" for row in tally.rows])
    if tally.count > len(tally.rows):
        return f"{text} (first in rows {named})."
    return f"{text} ({'row' if one else 'rows'} {named})."


def braced(text: str) -> str:
    """``text`` fit to stand in a template."""
    return text.replace("{", "{{").replace("}", "}}")
