"""What stands where on the map of a list has a name, and neighbours lead to its page."""

from __future__ import annotations

from math import hypot, log10
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.test import Client, RequestFactory

from predictions.catalogue.finding import catalogue_find
from predictions.catalogue.models import CatalogueTable, Name, Signal
from tests.training.ml.sky.test_typed import CASES, NAMES
from training.ml.sky.typed import name_key

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("place", [(1.0, 1.0), (10.0, 4.0), (300.0, 0.3), (0.21, 150.0)])
@pytest.mark.parametrize("query", ["show=all", "show=open", "show=all&disposition=CONFIRMED"])
def test_the_nearest_signal_of_the_list_is_named(
    member_client: Client, catalogue: CatalogueTable, query: str, place: tuple[float, float]
) -> None:
    period, radius = place
    signals = Signal.objects.exclude(map_cell=None)
    if "open" in query:
        signals = signals.filter(disposition="CANDIDATE")
    if "CONFIRMED" in query:
        signals = signals.filter(disposition="CONFIRMED")

    def apart(one: Signal) -> float:
        return hypot(log10((one.period or 0) / period), log10((one.radius or 0) / radius))

    expected = min(signals, key=apart)
    # The ranges are what is drawn: the map shows what lies outside them, too.
    found = member_client.get(
        f"/catalogue/nearest/?{query}&period_from=1e5&period={period}&radius={radius}"
    ).json()
    assert found["address"] == expected.get_absolute_url()
    assert found["words"].startswith(f"{expected.name}: {expected.disposition}, ")


def test_no_place_is_no_fault(member_client: Client, catalogue: CatalogueTable) -> None:
    for query in ("", "period=x&radius=-1", "period=nan&radius=inf", "period=1e300"):
        assert member_client.get(f"/catalogue/nearest/?show=all&{query}").status_code == 200
    nothing = member_client.get("/catalogue/nearest/?show=all&q=nothing").json()
    assert "No signal of this list" in nothing["words"] and not nothing["address"]


def test_names_lead_to_the_catalogue_for_who_may_read_it(
    catalogue: CatalogueTable, settings: object
) -> None:
    signal = Signal.objects.all()[0]
    known = SimpleNamespace(name=f"KOI-{signal.name[1:].lstrip('0')}")
    template = Template(
        "{% load catalogue %}{% with_signals named as rows %}"
        "{% for one, listed in rows %}{{ listed.slug }},{% endfor %}"
    )
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    named = [known, SimpleNamespace(name=""), SimpleNamespace(name="TOI-1.01")]
    assert template.render(Context({"named": named, "request": request})) == ",,,"
    settings.PUBLIC_CATALOGUE = True  # type: ignore[attr-defined]
    shown = template.render(Context({"named": named, "request": request}))
    assert shown == f"{signal.slug},,,"


def test_two_hundred_spellings_are_found_in_the_database(catalogue: CatalogueTable) -> None:
    signal = Signal.objects.all()[0]
    Name.objects.all().delete()
    for name in NAMES:
        signal.pk, signal.name, signal.slug = None, name, name_key(name)
        signal.save(force_insert=True)
        Name.objects.create(key=name_key(name), name=name, signal_id=signal.pk)
    wrong = [
        (typed, name)
        for typed, name in CASES
        if not (found := catalogue_find(typed).matches) or found[0].name != name
    ]
    assert len(CASES) >= 200
    assert not wrong
