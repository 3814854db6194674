"""What is asked before a site is filled with a simulated example, and before that is removed."""

from __future__ import annotations

from typing import Final

from django.urls import reverse

from predictions.demo.catalogue import said_of_it
from predictions.demo.services import PARTS, parts_possible
from training.confirmations import Confirmation

ABOUT: Final = "Home"


def fill_asked() -> Confirmation:
    parts = parts_possible()
    is_whole = len(parts) == len(PARTS)
    return Confirmation(
        question="Fill this site with a simulated example?",
        about=ABOUT,
        address=reverse("home"),
        changes=[
            *(part.words for part in parts),
            "All of it is named as simulated wherever it appears, and seen by everybody who is"
            " signed in and may see such things.",
        ],
        stays=[
            "What is in service, and everything that people have brought.",
            *([] if is_whole else ["The catalogue, which lists real signals."]),
        ],
        undo="One click on this page removes all of it.",
        button="Fill it",
        keep="Leave it empty",
        is_danger=False,
        hidden={"wish": "fill"},
    )


def removal_asked() -> Confirmation:
    return Confirmation(
        question="Remove everything simulated?",
        about=ABOUT,
        address=reverse("home"),
        changes=[
            "The simulated tables and batch, with what people noted on its rows, are deleted.",
            "So are all trainings that used one of these tables, and the versions that they made.",
            "The catalogue is empty again: its signals and stars, their scores and what has changed"
            " of them are deleted.",
            *said_of_it().sentences,
        ],
        stays=[
            "What is in service, and everything that is not simulated; watches of lists too.",
            "The audit trail names what was made and removed.",
        ],
        undo="Fill the site again on this page: the same signals come back.",
        button="Remove it",
        keep="Keep it",
        hidden={"wish": "remove"},
    )
