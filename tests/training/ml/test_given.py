from __future__ import annotations

import numpy as np

from training.ml.given import WAYS, Booleans, Given, blocks
from training.ml.schema import NUMERIC_NAMES, REQUIRED_NAMES


def knows(*names: str) -> Booleans:
    return np.isin(NUMERIC_NAMES, [*REQUIRED_NAMES, *names])[np.newaxis]


def test_every_input_that_may_be_missing_is_of_one_block() -> None:
    names = [name for members in blocks().values() for name in members]
    assert sorted(names) == sorted(set(NUMERIC_NAMES) - set(REQUIRED_NAMES))
    assert {"star", "radius", "neighbours", "place"} <= set(blocks())


def test_what_is_given_is_counted_by_block() -> None:
    given = Given.fit(np.ones((5, len(NUMERIC_NAMES)), dtype=bool))
    names = [name for name, _ in given.blocks]
    bare, star = given.covariates(knows())[0], given.covariates(knows("stellar_teff"))[0]
    width = len(names)
    assert not bare[: 2 * width].any()
    assert star[names.index("star")] == 0.5
    assert star[width + names.index("star")] == 1
    assert bare[2 * width :].tolist() == [1, *[0] * (WAYS - 1)]
    assert star[2 * width :].tolist() == [0, 1, *[0] * (WAYS - 2)]
    assert given.covariates(np.ones((1, len(NUMERIC_NAMES)), dtype=bool))[0, : 2 * width].all()


def test_what_a_mission_never_gives_is_not_missing() -> None:
    usual = knows("transit_snr").repeat(9, axis=0)
    given = Given.fit(usual)
    at = [name for name, _ in given.blocks].index("strength")
    assert given.covariates(knows("transit_snr"))[0, at] == 1
    whole = Given.fit(np.ones((5, len(NUMERIC_NAMES)), dtype=bool))
    assert whole.covariates(knows("transit_snr"))[0, at] == 0.5


def test_covariates_do_not_depend_on_the_batch() -> None:
    rows = np.random.default_rng(0).random((300, len(NUMERIC_NAMES))) < 0.5
    given = Given.fit(rows)
    alone = np.vstack([given.covariates(rows[k : k + 1]) for k in range(300)])
    np.testing.assert_array_equal(given.covariates(rows), alone)
