"""A catalogue with scores that were written by hand, and the queue that is made of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from predictions.catalogue.models import CatalogueTable, Score, Signal, Star
from predictions.reviewing.models import Vote
from predictions.reviewing.services import vote_cast
from training.datasets.models import Dataset
from training.ml.schema import EPOCH_ZERO
from training.models import ModelVersion

SCORE = 0.97123
"""As no other number of a page."""
MakeSignal = Callable[..., Signal]
Say = Callable[..., Vote]


@pytest.fixture
def tables(db: None) -> dict[str, CatalogueTable]:
    made = {}
    for mission in ("Kepler", "TESS"):
        dataset = Dataset.objects.create(
            name=f"{mission}.csv", source="upload", status="READY", created_at=timezone.now()
        )
        made[mission] = CatalogueTable.objects.create(
            mission=mission,
            dataset=dataset,
            as_of=date(2025, 10, 4),
            status="READY",
            is_current=True,
            is_first=True,
        )
    return made


@pytest.fixture
def make_signal(tables: dict[str, CatalogueTable]) -> MakeSignal:
    """`make_signal("K00001.01", "CONFIRMED", 0.02)`: with its score by the version in service."""
    version = ModelVersion.objects.active()

    def make(
        name: str,
        disposition: str = "CONFIRMED",
        planet_score: float = 0.97,
        *,
        mission: str = "Kepler",
        basis: str = Score.Basis.OUT_OF_FOLD,
        several: bool = False,
        star: Star | None = None,
        **inputs: float,
    ) -> Signal:
        star = star or Star.objects.create(name=f"star of {name}", slug=f"star-{name}")
        values = {
            "orbital_period": 3.5,
            "transit_duration": 2.5,
            "transit_depth": 1200.0,
            "planet_radius": 3.4,
            "stellar_radius": 0.9,
            "stellar_teff": 5500.0,
            **inputs,
        }
        signal = Signal.objects.create(
            mission=mission,
            name=name,
            listed_name=name,
            slug=name,
            star=star,
            star_key=star.name,
            ra=star.ra,
            dec=star.dec,
            period=values["orbital_period"],
            duration=values["transit_duration"],
            depth=values["transit_depth"],
            radius=values["planet_radius"],
            epoch=EPOCH_ZERO + 100.0,
            inputs={"mission": mission, **values},
            disposition=disposition,
            first_table=tables[mission],
            last_table=tables[mission],
            scored_by=version,
            planet_score=planet_score,
            open_score=planet_score,
            basis=basis,
        )
        score_of(signal, version, planet_score, basis=basis, several=several)
        return signal

    return make


def score_of(
    signal: Signal,
    version: ModelVersion,
    planet_score: float,
    *,
    basis: str = Score.Basis.OUT_OF_FOLD,
    several: bool = False,
) -> Score:
    return Score.objects.create(
        signal=signal,
        version=version,
        planet_score=planet_score,
        open_score=planet_score,
        p_confirmed=0.9 * planet_score,
        p_candidate=0.1,
        p_false_positive=0.9 * (1 - planet_score),
        prediction_set="CONFIRMED|FALSE POSITIVE" if several else "CONFIRMED",
        planet_set="planet|false positive" if several else "planet",
        basis=basis,
    )


@pytest.fixture
def many(make_signal: MakeSignal) -> list[Signal]:
    """Enough decided signals, scored as the archive has them, to compare labels with."""
    planets = [make_signal(f"K{n:05}.01", "CONFIRMED", 0.97) for n in range(100, 125)]
    return planets + [make_signal(f"K{n:05}.01", "FALSE POSITIVE", 0.03) for n in range(200, 225)]


@pytest.fixture
def doubted(make_signal: MakeSignal, many: list[Signal]) -> Signal:
    """The archive says FALSE POSITIVE, and the score a planet."""
    return make_signal("K00999.01", "FALSE POSITIVE", SCORE)


@pytest.fixture
def say() -> Say:
    """`say(signal, user, "planet")`"""

    def cast(signal: Signal, voter: User, answer: str = "planet", **said: object) -> Vote:
        grounds = said.pop("grounds", ["transit-shape"])
        return vote_cast(signal=signal, voter=voter, answer=answer, grounds=grounds, **said)  # type: ignore[arg-type]

    return cast
