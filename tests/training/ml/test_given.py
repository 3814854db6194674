from __future__ import annotations

import numpy as np

from training.ml.given import (
    FULL_NAMES,
    MISSING_OF_FULL,
    WAYS,
    Booleans,
    Given,
    blocks,
    fullness,
)
from training.ml.schema import FEATURES, NUMERIC_NAMES, REQUIRED_NAMES, Group


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


# --- full signals ---------------------------------------------------------------------------------


def test_a_signal_of_which_everything_is_known_is_full() -> None:
    assert {"transit_depth", "neighbour_count", "odd_even_significance"} < set(FULL_NAMES)
    # A lone signal has no siblings' periods; of these two Kepler's table says nothing.
    assert not {"sibling_period_ratio", "stellar_distance", "proper_motion"} & set(FULL_NAMES)
    assert fullness(np.isin(FULL_NAMES, FULL_NAMES)[np.newaxis]).tolist() == [1.0]


def test_with_every_input_less_a_signal_is_a_little_less_full() -> None:
    lost = np.random.default_rng(0).permutation(len(FULL_NAMES))
    given = np.ones((len(lost) + 1, len(FULL_NAMES)), dtype=bool)
    for row, position in enumerate(lost):
        given[row + 1 :, position] = False
    found = fullness(given)
    assert found[0] == 1 and found[MISSING_OF_FULL - 1] > 0
    assert not found[MISSING_OF_FULL:].any()
    assert np.abs(np.diff(found)).max() < 1.01 / MISSING_OF_FULL


def test_without_any_vetting_measurement_no_signal_is_full() -> None:
    vetting = [f.name for f in FEATURES if f.group is Group.VETTING]
    order = ["detection_order"]  # which comes with the default download
    given = np.isin(FULL_NAMES, [name for name in FULL_NAMES if name not in vetting] + order)
    assert (~given).sum() < MISSING_OF_FULL
    assert fullness(given[np.newaxis]).tolist() == [0.0]


def test_only_where_a_booster_answers_for_them_full_signals_are_told_apart() -> None:
    rows = np.random.default_rng(0).random((300, len(NUMERIC_NAMES))) < 0.95
    plain, kepler = Given.fit(rows), Given.fit(rows, may_be_full=True)
    assert plain.blocks == kepler.blocks
    told = kepler.covariates(rows)
    np.testing.assert_array_equal(told[:, :-1], plain.covariates(rows))
    positions = [NUMERIC_NAMES.index(name) for name in FULL_NAMES]
    np.testing.assert_array_equal(told[:, -1], fullness(rows[:, positions]))
    assert len(np.unique(told[:, -1])) > 5 and told[:, -1].max() > 0.5
