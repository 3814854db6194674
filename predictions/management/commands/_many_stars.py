"""Light curves of many stars for `search_transits`: files are grouped, each star is answered, what
was measured becomes one table."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from django.core.management import call_command

from training.ml.errors import UserError

if TYPE_CHECKING:
    from predictions.curves.folders.grouping import Grouped, Refused
    from predictions.curves.services import Outcome
    from training.ml.curves.glance import Glance
    from training.ml.curves.read import Reading

Source = tuple[str, Path | BinaryIO]
Answer = Callable[[Sequence[Source], "Reading"], "Outcome"]


def is_many(paths: Sequence[Path]) -> bool:
    """Folders, archives, and files of several stars."""
    return any(path.is_dir() or _is_zip(path) for path in paths) or _are_of_several(paths)


def _is_zip(path: Path) -> bool:
    from predictions.curves.folders.unpacking import is_zip

    if not path.is_file():
        return False
    with path.open("rb") as file:
        return is_zip(file)


def _are_of_several(paths: Sequence[Path]) -> bool:
    """Whether a glance shows more than one star; what is wrong with a file is said later."""
    from training.ml.curves.glance import glance

    if len(paths) < 2:
        return False
    try:
        return len({one.star.name for p in paths for one in glance([(p.name, p)]).files}) > 1
    except UserError:
        return False


class ManyStars:
    """``said`` is told a line whenever a star is done."""

    def __init__(self, paths: Sequence[Path], said: Callable[[str], object]) -> None:
        self._paths, self._said = paths, said
        self.outcomes: list[dict[str, Any]] = []
        self.rows: list[list[object]] = []
        self.refused: list[Refused] = []

    def answer(self, answer: Answer, reading: Reading) -> None:
        """Each star by ``answer``; a star that cannot be searched is named, and does not end the
        others."""
        from predictions.curves.folders.grouping import reading_of

        with ExitStack() as opened:
            stars = self._stars(opened)
            for number, (files, told) in enumerate(stars.stars, 1):
                name = told.star.name or files[0][0]
                self._said(f"{number} of {len(stars.stars)}: {name}")
                try:
                    self._keep(name, answer(files, reading_of(told, reading)))
                except UserError as error:
                    self._said(f"  {error.message}")
                    told_files = [file for file, _ in files]
                    self.refused += [{"file": f, "reason": error.message} for f in told_files]

    def as_json(self) -> dict[str, Any]:
        return {"stars": self.outcomes, "refused": self.refused}

    def write(self, target: Path, version: str | None, judged: bool) -> None:
        """The measured rows, with the answers that a batch of them gets behind them."""
        from predictions.curves.folders.tables import table_text

        if not judged or not self.rows:
            target.write_text(table_text(self.rows), encoding="utf-8")
            return
        with tempfile.TemporaryDirectory() as folder:
            measured = Path(folder) / "measured.csv"
            measured.write_text(table_text(self.rows), encoding="utf-8")
            call_command("predict", measured, target, model_version=version)

    def _stars(self, opened: ExitStack) -> Grouped[Source]:
        from predictions.curves.folders.grouping import grouped

        found = grouped(list(self._seen(opened)))
        self.refused += found.refused
        for one in self.refused:
            self._said(f"{one['file']}: {one['reason']}")
        return found

    def _seen(self, opened: ExitStack) -> Iterator[tuple[Source, Glance]]:
        from training.ml.curves.glance import glance

        for name, source in self._sources(opened):
            try:
                yield (name, source), glance([(name, source)]).files[0]
            except UserError as error:
                self.refused.append({"file": name, "reason": error.message})

    def _sources(self, opened: ExitStack) -> Iterator[Source]:
        from predictions.curves.folders.unpacking import unpacked

        for path in _files_in(self._paths):
            if not _is_zip(path):
                yield path.name, path
                continue
            place = Path(opened.enter_context(tempfile.TemporaryDirectory()))
            with path.open("rb") as archive:
                for number, (name, file, _) in enumerate(unpacked([(path.name, archive)])):
                    kept = place / str(number)
                    kept.write_bytes(file.read())
                    yield name, kept

    def _keep(self, name: str, outcome: Outcome) -> None:
        from predictions.curves.folders.tables import measured_rows
        from predictions.curves.shapes import outcome_json

        told: dict[str, Any] = dict(outcome_json(outcome))
        self.outcomes.append(told)
        files = " ".join(outcome.files)
        for signal, cells in measured_rows(name, told, lambda _: files):
            self.rows.append(cells)
            verdict = signal["verdict"]
            said = verdict["disposition"] if verdict else "measured"
            against = f"; against a planet: {len(signal['vetoes'])}" if signal["vetoes"] else ""
            self._said(f"  every {signal['period']['value']:.5g} d: {said}{against}")
        if not told["signals"]:
            self._said("  no significant transit signal")


def _files_in(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(
                file
                for file in path.rglob("*")
                if file.is_file() and not any(p.startswith(".") for p in file.parts[-2:])
            )
        else:
            yield path
