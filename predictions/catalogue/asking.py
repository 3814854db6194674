"""What programs may ask for in the address of a list, checked; pages leave out what is wrong."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from predictions.catalogue.changes import CHANGE_KINDS
from predictions.catalogue.derived.models import WARNINGS
from predictions.catalogue.lists import LISTS, RANGES, SAME, SORTS
from predictions.catalogue.models import MISSIONS
from predictions.rest.parameters import check_names
from training.api_errors import form_errors
from training.ml.schema import DISPOSITIONS

MOST: Final = 1_000
LAST_PAGE: Final = 1_000_000
_DAY: Final = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_TEXT: Final = {
    "type": "string",
    "minLength": 1,
    "maxLength": 100,
    "pattern": r"^[^\x00]*[^\x00\s][^\x00]*$",
}


def _parameter(name: str, schema: dict[str, Any], description: str = "") -> OpenApiParameter:
    return OpenApiParameter(name, schema, description=description)


def _choice(names: list[str]) -> dict[str, Any]:
    return {"type": "string", "enum": names}


PAGES: Final = [
    _parameter("page", {"type": "integer", "minimum": 1, "maximum": LAST_PAGE}, "1 at first."),
    _parameter("size", {"type": "integer", "minimum": 1, "maximum": MOST}, "Of a page; 100."),
]
LIST_PARAMETERS: Final = [
    _parameter("show", _choice(list(LISTS)), "Which list; open candidates where none is named."),
    _parameter("q", _TEXT, "A name of the signal or its star, or the beginning of one."),
    _parameter(
        "list",
        _TEXT | {"maxLength": 40},
        "Another list by its name, as CTOI; the missions' signals where none is named.",
    ),
    _parameter("says", _choice([str(d) for d in DISPOSITIONS]), "What that list says."),
    _parameter("same", _choice(list(SAME)), "Whether a mission lists the same signal."),
    _parameter("mission", _choice([mission for mission, _ in MISSIONS])),
    _parameter("disposition", _choice([str(d) for d in DISPOSITIONS]), "Of the archive."),
    *(
        _parameter(f"{name}_{end}", {"type": "number"}, title)
        for name, (_, title) in RANGES.items()
        for end in ("from", "to")
    ),
    _parameter("warning", _choice(["none", "any", *WARNINGS]), "What speaks for a second look."),
    _parameter(
        "changed_since",
        _DAY,
        "Only signals of which tables of this day or later say more than those before.",
    ),
    _parameter("sort", _choice([f"{sign}{name}" for name in SORTS for sign in ("", "-")])),
    *PAGES,
]
CHANGE_PARAMETERS: Final = [
    _parameter(
        "since",
        _DAY,
        "Only what tables of this day or later say.",
    ),
    _parameter("mission", _choice([mission for mission, _ in MISSIONS])),
    _parameter("kind", _choice([kind for kind, _ in CHANGE_KINDS])),
    *PAGES,
]
TWIN_PARAMETERS: Final = [
    _parameter("show", _choice(["twins", "conflicts"]), "All pairs, or those in conflict."),
    *PAGES,
]
FIND_PARAMETERS: Final = [
    OpenApiParameter("q", _TEXT, required=True, description="A name in any form, or a position.")
]


class PageForm(forms.Form):
    page = forms.IntegerField(required=False, min_value=1, max_value=LAST_PAGE)
    size = forms.IntegerField(required=False, min_value=1, max_value=MOST)

    @property
    def page_number(self) -> int:
        return int(self.cleaned_data.get("page") or 1)

    @property
    def page_size(self) -> int:
        return int(self.cleaned_data.get("size") or 100)


class ChangesForm(forms.Form):
    mission = forms.ChoiceField(required=False, choices=MISSIONS)
    since = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    kind = forms.ChoiceField(required=False, choices=CHANGE_KINDS)


class TwinsForm(forms.Form):
    show = forms.ChoiceField(required=False, choices=[("twins", ""), ("conflicts", "")])


class FindForm(forms.Form):
    q = forms.CharField(max_length=100)


def checked(request: Request, form_type: Any, parameters: list[OpenApiParameter]) -> Any:
    """The form of a request's parameters; what is unknown, repeated or wrong is an error."""
    check_names(request, [parameter.name for parameter in parameters])
    form = form_type(request.query_params)
    if not form.is_valid():
        raise form_errors(form)
    return form
