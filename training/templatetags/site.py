"""What the frame of every page needs."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import DatabaseError
from django.forms import BoundField
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from training.accounts import roles
from training.figures import counted
from training.ml.errors import join_words
from training.models import ModelVersion

register = template.Library()

THEMES = ("light", "dark")


@register.simple_tag(takes_context=True)
def theme_attribute(context: Context) -> str:
    """The colours that somebody chose with the switch; drawn by the server, so that nothing
    flickers."""
    request = context.get("request")
    theme = request.COOKIES.get("theme") if request else None
    return format_html(' data-theme="{}"', theme) if theme in THEMES else ""


@register.simple_tag(takes_context=True)
def nav_link(context: Context, text: str, name: str) -> SafeString | str:
    """A link to the page of this name, marked where one is on it or below it; nothing where there
    is no such page."""
    try:
        address = reverse(name)
    except NoReverseMatch:
        return ""
    request = context.get("request")
    here = request.path if request else ""
    if here == address:
        return format_html('<a href="{}" aria-current="page">{}</a>', address, text)
    if here.startswith(address) and address != "/":
        return format_html('<a href="{}" aria-current="true">{}</a>', address, text)
    return format_html('<a href="{}">{}</a>', address, text)


@register.simple_tag
def number_input(field: BoundField) -> SafeString:
    """As a form draws one for any number, but without a template of its own: a list has twelve."""
    value = field.value()
    given = "" if value in (None, "") else format_html(' value="{}"', value)
    return format_html(
        '<input type="number" name="{}"{} step="any" inputmode="decimal" id="{}">',
        field.html_name,
        given,
        field.id_for_label,
    )


@register.simple_tag
def sign_up_setting() -> str:
    """Who may open an account: "closed", "invitation" or "open"."""
    return str(settings.SIGN_UP)


@register.filter
def table_doi(mission: str) -> str:
    """What to cite a mission's table of the archive by, "" for a table of others."""
    from training.ml.archive.download import TABLES

    return next((table.doi for key, table in TABLES.items() if str(key) == mission), "")


@register.simple_tag
def identity_providers() -> list[tuple[str, str]]:
    """Accounts elsewhere that one may sign in with: key and name."""
    return [(key, facts["name"]) for key, facts in settings.IDENTITY_PROVIDERS.items()]


@register.simple_tag
def public_catalogue() -> bool:
    """Whether everybody may read the catalogue."""
    return bool(settings.PUBLIC_CATALOGUE)


@register.simple_tag
def learnt_words() -> str:
    """What the version in service has learnt from; empty where none is."""
    try:
        version = ModelVersion.objects.filter(is_active=True).only("pk", "sha256").first()
    except DatabaseError:  # a page that says that the database is away has a footer too
        return ""
    return learnt_of(version.pk, version.sha256) if version else ""


@lru_cache(maxsize=8)
def learnt_of(pk: int, sha256: str) -> str:
    """Kept by the hash of the artifact, which never changes: every page has a footer."""
    metadata = ModelVersion.objects.values_list("metadata", flat=True).get(pk=pk)
    found = [table.get("mission") for table in metadata.get("tables", [])]
    missions = [mission for mission in dict.fromkeys(found) if mission]
    signals = counted(metadata["signals"], "signal") if metadata.get("signals") else "signals"
    return f"{signals} of {join_words(missions)}" if missions else signals


@register.filter
def is_administrator(user: User | AnonymousUser) -> bool:
    """May read who did what, and invite."""
    return roles.is_administrator(user)


@register.filter
def is_curator(user: User | AnonymousUser) -> bool:
    """May bring datasets, train and activate."""
    return roles.is_curator(user)


@register.simple_block_tag
def unindent(content: str) -> SafeString:
    """A tenth of a long table is its template's indentation;
    not for what holds preformatted text."""
    return SafeString(re.sub(r"\n\s+", "\n", content))  # nosec B703  # escaped already, when it was rendered


_OPTION = re.compile(r'\s*<option value="([^"]*)"( selected)?>\1</option>\s*')

_GAP = re.compile(r">\s*\n\s*")


@register.filter
def compact(select: object) -> SafeString:
    """A select whose options do not repeat as a value what they show: half of a long form."""
    shorter = _OPTION.sub(r"<option\2>\1</option>", _GAP.sub(">", str(select)))
    return SafeString(shorter)  # nosec B703  # a rendered widget, escaped already


@register.inclusion_tag("partials/sort_heading.html", takes_context=True)
def sort_heading(
    context: Context, text: str, first: str, sort: str, kind: str = ""
) -> dict[str, Any]:
    """The heading of a column that sorts: ``first`` by the first click, the other way round by the
    second."""
    name = first.removeprefix("-")
    other = name if first.startswith("-") else f"-{name}"
    is_sorted = sort.removeprefix("-") == name
    return {
        "request": context["request"],
        "text": text,
        "kind": kind,
        "then": other if sort == first else first,
        "order": ("descending" if sort.startswith("-") else "ascending") if is_sorted else "",
    }


@register.filter
def as_json(value: Any) -> str:
    """For an attribute that a script reads; escaped like any text."""
    return json.dumps(value)
