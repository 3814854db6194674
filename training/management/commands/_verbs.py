"""Commands that know several verbs about one noun: ``manage.py dataset upload FILE``."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.management.base import BaseCommand

Options = dict[str, Any]


def no_arguments(parser: ArgumentParser) -> None:
    """For a verb that stands alone."""


@dataclass(frozen=True)
class Verb:
    help: str
    run: Callable[[BaseCommand, Options], None]
    add_arguments: Callable[[ArgumentParser], None] = no_arguments


class VerbCommand(BaseCommand):
    verbs: ClassVar[Mapping[str, Verb]]

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
        for name, verb in self.verbs.items():
            verb.add_arguments(verbs.add_parser(name, help=verb.help, description=verb.help))

    def handle(self, *args: object, **options: Any) -> None:
        self.verbs[options["verb"]].run(self, options)
