"""What a person says about light curves: how to read them, the star, and periods to measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final, NotRequired, TypedDict

from training.ml.curves.curve import Ephemeris, Star
from training.ml.curves.read import Reading
from training.ml.curves.stating import Stated
from training.ml.schema import Mission

STAR_FACTS: Final = tuple(fact.name for fact in fields(Star) if fact.name != "mission")


class GivenJson(TypedDict):
    """What a person gave of a signal: days, and ``epoch`` as the page tells times."""

    period: float
    epoch: float | None
    by: str


class StatedJson(TypedDict):
    """Days of the curve's time; ``ephemeris`` (period, epoch, duration) where it was measured
    before; ``given``: by whom, where the search did not find the period itself."""

    period: float
    ephemeris: list[float] | None
    depth: float
    sde: float | None
    epoch: NotRequired[float | None]
    given: NotRequired[GivenJson | None]


@dataclass(frozen=True)
class Asked:
    """``star``: facts that go before the files' own, None for what is left to them. ``stated``:
    periods to measure; without any the light is searched. ``known``: what the catalogue said of the
    star, so that the outcome can tell where a fact is from."""

    reading: Reading = field(default_factory=Reading)
    star: Mapping[str, Any] = field(default_factory=dict)
    stated: Sequence[StatedJson] = ()
    known: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        reading = asdict(self.reading) | {"mission": str(self.reading.mission or "")}
        return {
            "reading": reading,
            "star": dict(self.star),
            "stated": list(self.stated),
            "known": dict(self.known),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Asked:
        reading = dict(stored.get("reading", {}))
        mission = reading.pop("mission", "")
        return cls(
            Reading(**reading, mission=Mission(mission) if mission else None),
            stored.get("star", {}),
            stored.get("stated", ()),
            stored.get("known", {}),
        )

    @property
    def signals(self) -> list[Stated]:
        return [_stated(one) for one in self.stated]

    def given(self, order: int) -> GivenJson | None:
        """What a person gave of the period of this signal."""
        return self.stated[order - 1].get("given") if order <= len(self.stated) else None


def _stated(one: StatedJson) -> Stated:
    sde = float("nan") if one["sde"] is None else one["sde"]
    ephemeris = Ephemeris(*one["ephemeris"]) if one["ephemeris"] else None
    return Stated(one["period"], ephemeris, one["depth"], sde, one.get("epoch"))
