from __future__ import annotations

from dataclasses import asdict

import pytest

from training.ml.errors import UserError
from training.ml.fitting.parameters import Parameters
from training.runs import training
from training.runs.services import Choices

USUAL = Parameters()
ROUNDS = [name for name in asdict(USUAL) if name.endswith("rounds")]


def test_no_booster_has_more_rounds_than_asked_for() -> None:
    few = USUAL.at_most(20)
    assert len(ROUNDS) == 5
    assert {getattr(few, name) for name in ROUNDS} == {20}
    others = [name for name in asdict(USUAL) if name not in ROUNDS]
    assert all(getattr(few, name) == getattr(USUAL, name) for name in others)


def test_more_than_usual_is_for_the_booster_that_validation_stops() -> None:
    many = USUAL.at_most(5000)
    assert many.rounds == 5000
    assert all(getattr(many, n) == getattr(USUAL, n) for n in ROUNDS if n != "rounds")


@pytest.mark.parametrize(("asked", "expected"), [(20, USUAL.at_most(20)), (None, USUAL)])
def test_what_a_person_asks_for_is_trained(
    asked: int | None, expected: Parameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Seen(UserError):
        pass

    def train(*_: object, parameters: Parameters, **__: object) -> None:
        assert parameters == expected
        raise Seen

    monkeypatch.setattr("training.ml.train.train", train)
    with pytest.raises(Seen):
        training.classifier_train([], [], Choices(rounds=asked), threads=1)
