"""What the frame of every page needs."""

from __future__ import annotations

import re

from django import template
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from training import roles

register = template.Library()

THEMES = ("light", "dark")


@register.simple_tag(takes_context=True)
def theme_attribute(context: Context) -> str:
    """The colours that somebody chose with the switch; drawn by the server, so that nothing flickers."""
    request = context.get("request")
    theme = request.COOKIES.get("theme") if request else None
    return format_html(' data-theme="{}"', theme) if theme in THEMES else ""


@register.simple_tag(takes_context=True)
def nav_link(context: Context, text: str, name: str) -> SafeString | str:
    """A link to the page of this name, marked where one is on it or below it; nothing where there is no such page."""
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
def sign_up_setting() -> str:
    """Who may open an account: "closed", "invitation" or "open"."""
    return str(settings.SIGN_UP)


@register.filter
def is_administrator(user: User | AnonymousUser) -> bool:
    """May read who did what, and invite."""
    return roles.is_administrator(user)


@register.filter
def is_curator(user: User | AnonymousUser) -> bool:
    """May bring datasets, train and activate."""
    return user.is_superuser or user.groups.filter(name__in=("curator", "administrator")).exists()


@register.simple_block_tag
def unindent(content: str) -> SafeString:
    """A tenth of a long table is its template's indentation; not for what holds preformatted text."""
    return SafeString(re.sub(r"\n\s+", "\n", content))  # nosec B703  # escaped already, when it was rendered
