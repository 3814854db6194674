"""Find, measure and classify the transits in light curves: `manage.py search_transits FILE…`, or of
many stars: `manage.py search_transits FOLDER`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from predictions.management.commands._answering import (
    UNUSABLE_FILE,
    find_version,
    load_classifier,
)
from predictions.management.commands._many_stars import Answer, ManyStars, Source, is_many
from predictions.management.commands.predict import mission_named
from training.ml.errors import UserError, join_words
from training.ml.schema import Mission

if TYPE_CHECKING:
    from predictions.curves.services import Outcome
    from training.ml.curves.read import Reading
    from training.models import ModelVersion

STATED: Final = ("teff", "radius", "logg", "metallicity", "magnitude", "ra", "dec")


class Command(BaseCommand):
    help = (
        "Finds up to five transit signals in 1 to 20 light curves of one star (FITS as MAST gives"
        " it, or a table of time and flux), measures them, and classifies each by the version in"
        " service. A star without a significant signal is an answer, too (status 0); files that"
        " cannot be used end with status 2. Folders, ZIP archives and files of several stars are"
        " searched star by star; with --output what was measured is a table of verdicts."
    )

    requires_system_checks = ()  # they would load every page of the site

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", type=Path, nargs="+", metavar="FILE|FOLDER")
        parser.add_argument("--json", action="store_true", help="write JSON instead of words")
        parser.add_argument(
            "--no-verdict", action="store_true", help="find and measure only; needs no classifier"
        )
        parser.add_argument(
            "--model-version", metavar="NAME", help="another version than the one in service"
        )
        parser.add_argument(
            "--output",
            type=Path,
            metavar="TABLE",
            help="write the measured rows with their answers there, as CSV",
        )
        _add_period(parser)
        _add_star(parser)
        _add_reading(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._search(options)
        except UserError as error:
            raise CommandError(error.message, returncode=UNUSABLE_FILE) from error

    def _search(self, options: dict[str, Any]) -> None:
        from training.ml.curves.read import Reading

        version = None if options["no_verdict"] else find_version(options["model_version"])
        if version:
            load_classifier(version)
        reading = Reading(
            options["time_column"],
            options["flux_column"],
            options["time_zero"],
            options["mission"],
        )
        answer = _answer(options, version)
        if options["output"] or is_many(options["files"]):
            self._search_many(answer, reading, options, version)
        else:
            self._search_one(answer, reading, options)

    def _search_one(self, answer: Answer, reading: Reading, options: dict[str, Any]) -> None:
        from predictions.curves.shapes import outcome_json
        from predictions.curves.words import outcome_words

        outcome = answer([(path.name, path) for path in options["files"]], reading)
        if options["json"]:
            self._write_json(outcome_json(outcome))
        else:
            self.stdout.write("\n".join(outcome_words(outcome)))

    def _search_many(
        self,
        answer: Answer,
        reading: Reading,
        options: dict[str, Any],
        version: ModelVersion | None,
    ) -> None:
        said = self.stderr if options["json"] else self.stdout
        many = ManyStars(options["files"], said.write)
        many.answer(answer, reading)
        if not many.outcomes:
            first = many.refused[0] if many.refused else {"reason": "There are no files there."}
            raise CommandError(
                f"None of these files can be searched. {first['reason']}", returncode=UNUSABLE_FILE
            )
        if options["json"]:
            self._write_json(many.as_json())
        if options["output"]:
            many.write(options["output"], options["model_version"], judged=version is not None)
            said.write(f"{len(many.rows):,} measured signals are in {options['output']}.")

    def _write_json(self, told: Any) -> None:
        self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))


def _answer(options: dict[str, Any], version: ModelVersion | None) -> Answer:
    """What the options say of every star."""
    from predictions.curves.services import curve_classify
    from training.ml.curves.stating import Stated

    period = options["period"]
    at = None if period is None else Stated(period, epoch=options["epoch"])
    if at is None and options["epoch"] is not None:
        raise CommandError("--epoch goes with --period.", returncode=UNUSABLE_FILE)

    def answer(files: Sequence[Source], reading: Reading) -> Outcome:
        return curve_classify(
            files,
            reading=reading,
            stated={name: options[name] for name in STATED},
            version=version,
            judged=not options["no_verdict"],
            at=at,
        )

    return answer


def _add_period(parser: CommandParser) -> None:
    parser.add_argument(
        "--period",
        type=float,
        metavar="DAYS",
        help="measure a dip of this period, instead of searching",
    )
    parser.add_argument(
        "--epoch",
        type=float,
        metavar="BJD",
        help="of one of its mid-transits; else where the dip of this period is strongest",
    )


def _add_star(parser: CommandParser) -> None:
    facts = (
        ("--teff", "K", "effective temperature"),
        ("--radius", "R☉", "radius"),
        ("--logg", "DEX", "surface gravity, log10(cm/s²)"),
        ("--metallicity", "DEX", "[Fe/H]"),
        ("--magnitude", "MAG", "magnitude in the mission's band"),
        ("--ra", "DEG", "right ascension, J2000"),
        ("--dec", "DEG", "declination, J2000"),
    )
    for option, unit, what in facts:
        help_ = f"the star's {what}, instead of what the files say"
        parser.add_argument(option, type=float, metavar=unit, help=help_)
    parser.add_argument(
        "--mission",
        type=mission_named,
        help=f"{join_words(tuple(Mission), 'or')}; by header or file name unless given",
    )


def _add_reading(parser: CommandParser) -> None:
    parser.add_argument("--time-column", default="", metavar="NAME", help="column of the time")
    parser.add_argument("--flux-column", default="", metavar="NAME", help="column of the flux")
    parser.add_argument(
        "--time-zero",
        type=float,
        metavar="JD",
        help="the Julian date from which times count, where the file does not say it",
    )
