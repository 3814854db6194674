"""A version's model card as HTML, from the very text that `manage.py model_card` writes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from django.urls import reverse
from markdown_it import MarkdownIt
from markdown_it.token import Token

from training.ml.evaluation.model_card import render
from training.versions.models import ModelVersion

SCROLLING = re.compile(r"<table.*?</table>", re.DOTALL)


def has_card(version: ModelVersion) -> bool:
    """Whether it has the figures that a card consists of."""
    return bool(version.metrics.get("protocol"))


def model_card(version: ModelVersion) -> str:
    """HTML that is safe to show, below a heading of the page's own."""
    # Names of files are anybody's text: HTML in them stays text.
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(render(version.metadata))
    text = markdown.renderer.render(_as_part_of_a_page(tokens), markdown.options, {})
    text = text.replace("<pre>", '<pre tabindex="0">')  # what scrolls can be reached by keyboard
    return SCROLLING.sub(r'<div class="table-scroll" tabindex="0">\g<0></div>', text)


def _as_part_of_a_page(tokens: Sequence[Token]) -> list[Token]:
    shown = _without_title(tokens)
    for token in shown:
        if token.type == "table_open":
            token.attrSet("class", "table-plain")
        if token.children:
            token.children = _with_links_of_the_site(token.children)
    return shown


def _without_title(tokens: Sequence[Token]) -> list[Token]:
    return list(tokens[3:]) if tokens and tokens[0].tag == "h1" else list(tokens)


PAGES: Final = {"data.md": ("model_metrics", "#data")}
"""Pages of the site that say what a document of the project says."""


def _with_links_of_the_site(tokens: Sequence[Token]) -> list[Token]:
    """Links to documents of the project lead nowhere from here: to the page that says the same, or
    else their words stay."""
    kept, left_out = [], False
    for token in tokens:
        target = str(token.attrGet("href")) if token.type == "link_open" else ""
        if target in PAGES:
            page, part = PAGES[target]
            token.attrSet("href", reverse(page) + part)
        if target and target not in PAGES and not target.startswith("https://"):
            left_out = True
        elif token.type == "link_close" and left_out:
            left_out = False
        else:
            kept.append(token)
    return kept
