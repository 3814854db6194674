"""Find, measure and classify the transits in light curves of one star:
`manage.py search_transits FILE…`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from predictions.management.commands._answering import (
    UNUSABLE_FILE,
    find_version,
    load_classifier,
)
from predictions.management.commands.predict import mission_named
from training.ml.errors import UserError, join_words
from training.ml.schema import Mission

STATED: Final = ("teff", "radius", "logg", "metallicity", "magnitude", "ra", "dec")


class Command(BaseCommand):
    help = (
        "Finds up to five transit signals in 1 to 20 light curves of one star (FITS as MAST gives"
        " it, or a table of time and flux), measures them, and classifies each by the version in"
        " service. A star without a significant signal is an answer, too (status 0); files that"
        " cannot be used end with status 2."
    )

    requires_system_checks = ()  # they would load every page of the site

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
        parser.add_argument("--json", action="store_true", help="write JSON instead of words")
        parser.add_argument(
            "--no-verdict", action="store_true", help="find and measure only; needs no classifier"
        )
        parser.add_argument(
            "--model-version", metavar="NAME", help="another version than the one in service"
        )
        _add_star(parser)
        _add_reading(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._search(options)
        except UserError as error:
            raise CommandError(error.message, returncode=UNUSABLE_FILE) from error

    def _search(self, options: dict[str, Any]) -> None:
        from predictions.curves.services import curve_classify
        from predictions.curves.shapes import outcome_json
        from predictions.curves.words import outcome_words
        from training.ml.curves.read import Reading

        judged = not options["no_verdict"]
        version = find_version(options["model_version"]) if judged else None
        if version:
            load_classifier(version)
        outcome = curve_classify(
            [(path.name, path) for path in options["files"]],
            reading=Reading(
                options["time_column"],
                options["flux_column"],
                options["time_zero"],
                options["mission"],
            ),
            stated={name: options[name] for name in STATED},
            version=version,
            judged=judged,
        )
        if options["json"]:
            self.stdout.write(json.dumps(outcome_json(outcome), ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(outcome_words(outcome)))


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
