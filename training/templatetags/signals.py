"""Dispositions, probabilities and quantities in templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from training import figures
from training.ml.numbers import number_text, short_unit
from training.ml.schema import DISPOSITIONS, Mission

register = template.Library()

register.filter("probability", figures.probability_text)
register.filter("figure", figures.figure_text)
register.filter("signed", figures.signed_text)
register.filter("rounded", figures.rounded_text)
register.filter("short_unit", short_unit)


@register.filter
def quantity(value: float | str | None, name: str) -> str:
    """An input by its schema name, with its unit: {{ value|quantity:"orbital_period" }}."""
    return figures.given_text(name, value)


@register.filter
def plain_number(value: float | None) -> str:
    return figures.NOT_KNOWN if value is None else number_text(value)


@register.filter
def counted(count: int | None, noun: str) -> str:
    """{{ report.signals|counted:"signal" }}: 1 signal, 2,723 signals."""
    return figures.NOT_KNOWN if count is None else figures.counted(count, noun)


@register.filter
def percent(share: float | None) -> str:
    return figures.NOT_KNOWN if share is None else figures.share_text(share)


@register.filter
def metric(value: float | None) -> str:
    """A number without a unit to three digits; nothing where it is not known."""
    return "" if value is None else figures.significant_text(value, 3)


@register.filter
def value_of(signal: object, name: str) -> float | None:
    """A column of a row whose name is not known before."""
    value = getattr(signal, name, None)
    return value if isinstance(value, float) else None


@register.filter
def item(mapping: Mapping[str, Any] | None, key: str) -> Any:
    """A member whose name is not an identifier, such as "FALSE POSITIVE"."""
    return mapping.get(key) if mapping else None


@register.filter
def in_order(mapping: Mapping[str, Any] | None) -> list[tuple[str, Any]]:
    """What is kept by mission or disposition, in the order of all pages: PostgreSQL's JSON keeps
    none."""
    known = {
        name: place for place, name in enumerate((*map(str, Mission), *map(str, DISPOSITIONS)))
    }
    return sorted((mapping or {}).items(), key=lambda pair: known.get(pair[0], len(known)))


def disposition_kind(disposition: str) -> str:
    return disposition.lower().replace(" ", "-")


@register.simple_tag
def disposition(text: str) -> SafeString:
    """Without the line break of a template's end, so that a full stop stands right behind it."""
    kind = disposition_kind(text)
    return format_html('<span class="disposition disposition-{}">{}</span>', kind, text)


@register.inclusion_tag("partials/probability_bar.html")
def probability_bar(probabilities: Mapping[str, float]) -> dict[str, Any]:
    """One stacked bar with its numbers; ``probabilities`` is keyed by disposition."""
    parts, start = [], 0.0
    for name in DISPOSITIONS:
        width = 100 * probabilities[name]
        text = figures.probability_text(probabilities[name])
        part = {
            "disposition": str(name),
            "kind": disposition_kind(name),
            "start": f"{start:.3f}",
            "text": text,
        }
        parts.append(part | {"width": f"{width:.3f}"})
        start += width
    label = ", ".join(f"{part['disposition']} {part['text']}" for part in parts)
    return {"parts": parts, "label": label}


@register.filter
def points(share: float | None) -> str:
    """A difference of shares, in percentage points; what rounds to nothing has no sign."""
    if share is None:
        return figures.NOT_KNOWN
    return "0.0" if abs(share) < 0.0005 else figures.signed_text(100 * share, 1).lstrip("+")
