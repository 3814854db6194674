"""What the page of a signal says to those who want to observe it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from predictions.catalogue.models import Signal
from predictions.observing.notes import follow_up_value, near_signals, next_transit

NOW = datetime(2026, 12, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def pair(candidates: list[Signal], arcsec: float, ratio: float = 1.0) -> tuple[Signal, Signal]:
    """Two signals of different stars, ``arcsec`` apart, far from all others."""
    one, other = candidates[0], next(c for c in candidates if c.star_id != candidates[0].star_id)
    for signal, north in ((one, 0.0), (other, arcsec / 3600)):
        signal.ra, signal.dec = 200.0, 10 + north
        signal.star.ra, signal.star.dec = signal.ra, signal.dec
        signal.star.save()
    one.period, other.period, other.epoch = 3.25, 3.25 * ratio, one.epoch
    one.save()
    other.save()
    return one, other


def test_the_same_period_on_a_near_star_is_told_from_both_sides(
    member_client: Client, candidates: list[Signal]
) -> None:
    one, other = pair(candidates, 40)
    (found,) = near_signals(one)
    assert found.signal == other
    assert "a signal of another star 40″ away, has this period" in found.sentence
    assert [near.signal for near in near_signals(other)] == [one]
    assert found.sentence[:40] in member_client.get(one.get_absolute_url()).content.decode()


@pytest.mark.parametrize(("arcsec", "ratio"), [(200, 1.0), (40, 1.01)])
def test_what_is_far_or_has_another_period_is_not(
    candidates: list[Signal], arcsec: float, ratio: float
) -> None:
    one, _ = pair(candidates, arcsec, ratio)
    assert near_signals(one) == []


def test_the_next_transit_is_the_first_after_now(candidates: list[Signal]) -> None:
    signal = candidates[0]
    assert signal.period
    found = next_transit(signal, NOW)
    assert found is not None
    light = timedelta(minutes=10)  # seen from the barycentre it is earlier or later
    assert -light <= found.mid - NOW <= timedelta(days=signal.period) + light
    assert found.error is not None
    signal.epoch_error = 0.5
    lost = next_transit(signal, NOW)
    assert lost is not None
    assert "look for a newer ephemeris" in lost.sentence
    assert next_transit(candidates[-1], NOW) is None  # no epoch


def test_follow_up_values_say_what_was_estimated(
    member_client: Client, candidates: list[Signal]
) -> None:
    signal = candidates[0]
    found = follow_up_value(signal)
    assert found is not None
    assert found.tsm is not None and found.tsm > 0
    assert "planet mass from its radius" in found.estimates
    page = member_client.get(signal.get_absolute_url()).content.decode()
    assert "TSM" in page
    assert "Estimated: " in page
    signal.inputs = {k: v for k, v in signal.inputs.items() if not k.startswith("stellar")}
    assert follow_up_value(signal) is None
