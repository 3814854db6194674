"""The parameters of an address: what is unknown is an error with a proposal, not a guess."""

from __future__ import annotations

from difflib import get_close_matches

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from training.ml.errors import join_words
from training.ml.inputs import shown_text

_FLAGS = {"true": True, "false": False}


def read_flags(request: Request, **defaults: bool) -> dict[str, bool]:
    """The true-or-false parameters of a request; what is unknown or repeated is an error, not a
    guess."""
    flags, errors = dict(defaults), {}
    for name, texts in request.query_params.lists():
        if name not in defaults:
            errors[shown_text(name)] = [_unknown_parameter(name, list(defaults))]
        elif len(texts) == 1 and texts[0].lower() in _FLAGS:
            flags[name] = _FLAGS[texts[0].lower()]
        else:
            errors[name] = [f"The parameter {name} must be true or false, and be given once."]
    if errors:
        raise ValidationError(errors)
    return flags


def check_names(request: Request, known: list[str]) -> None:
    """Parameters that hold texts: each of a known name, given once, and not empty."""
    errors = {}
    for name, texts in request.query_params.lists():
        if name not in known:
            errors[shown_text(name)] = [_unknown_parameter(name, known)]
        elif len(texts) != 1 or not texts[0].strip():
            errors[name] = [f"The parameter {name} must be given once, with a value."]
    if errors:
        raise ValidationError(errors)


def _unknown_parameter(name: str, known: list[str]) -> str:
    nearest = get_close_matches(name[:40], known, n=1)
    advice = (
        f"did you mean {nearest[0]}?" if nearest else f"there is {join_words(known) or 'none'}."
    )
    return f"“{shown_text(name)}” is not a parameter of this address; {advice}"
