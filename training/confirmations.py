"""Nothing irreversible by one click: a page that says what an action does, asked in the same words
everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@dataclass(frozen=True)
class Confirmation:
    """A question about something, what a “yes” does, what it leaves alone and how it is undone."""

    question: str
    about: str  # the name of what is asked about
    address: str  # of its page, where “no” leads
    changes: list[str]
    undo: str
    button: str
    keep: str
    stays: list[str] = field(default_factory=list)
    is_danger: bool = True
    hidden: Mapping[str, str] = field(default_factory=dict)
    """What the person has seen and says yes to: a second click must not mean something else."""


def confirm(request: HttpRequest, confirmation: Confirmation) -> HttpResponse:
    return render(request, "confirm.html", {"confirmation": confirmation})
