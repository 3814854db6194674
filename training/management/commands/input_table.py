"""``manage.py input_table``: the inputs of a signal as a Markdown page, written from the schema."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from training.ml.numbers import number
from training.ml.schema import FEATURES, LAYOUTS, Feature, Group, source_of

HEAD = """# Inputs of a signal

Written from `training/ml/schema.py` by `manage.py input_table --to docs/inputs.md`; a test says when it is out of date.
The same names stand in the form, the API, the batch template and the model card. `mission` (Kepler, TESS, K2, other;
any case) comes first; bold names are required in form and API. Values outside of the range are refused in form and API,
and count as missing in a table.
"""  # noqa: E501 - a Markdown page


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_section(group) for group in Group)


def _section(group: Group) -> str:
    rows = [_row(feature) for feature in FEATURES if feature.group is group]
    head = "| name | what | unit | range | Kepler | TESS | K2 |\n|---|---|---|---|---|---|---|\n"
    return f"\n## {group.value.capitalize()}\n\n{head}" + "\n".join(rows) + "\n"


def _row(feature: Feature) -> str:
    name = f"**`{feature.name}`**" if feature.required else f"`{feature.name}`"
    allowed = ", ".join(feature.choices) or f"{number(feature.low)} to {number(feature.high)}"
    cells = [name, f"{feature.label}. {feature.help}", feature.unit or "–", allowed]
    return (
        "| "
        + " | ".join([*cells, *(_columns(feature, layout) for layout in ("koi", "toi", "k2"))])
        + " |"
    )


def _columns(feature: Feature, layout: str) -> str:
    source = source_of(feature, LAYOUTS[layout].key)
    if source is None:
        return "–"
    times = f" × {source.factor:,.0f}" if source.factor != 1 else ""
    return ", ".join(f"`{column}`" for column in source.columns) + times


class Command(BaseCommand):
    help = "Write the table of inputs as Markdown."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", type=Path, metavar="FILE")

    def handle(self, *args: object, **options: Any) -> None:
        if options["to"]:
            options["to"].write_text(page(), encoding="utf-8")
        else:
            self.stdout.write(page(), ending="")
