"""Which star or signal a name means, as the archive's tables name it."""

import pytest

from predictions.signals.known import learnt_from, signal_keys, star_keys
from training.models import ModelVersion


@pytest.mark.parametrize(
    ("identifier", "stars", "first_signal"),
    [
        ("KOI-72.01", [], "Kepler K00072.01"),
        ("K00072.02", [], "Kepler K00072.02"),
        ("koi 72", [], "Kepler K00072.01"),
        ("TOI-700.02", [], "TESS 700.02"),
        ("KIC 11904151", ["KIC 11904151"], "K2 KIC 11904151"),
        ("tic150428135", ["TIC 150428135"], "K2 tic150428135"),
        ("EPIC 201912552.01", ["EPIC 201912552"], "K2 EPIC 201912552.01"),
        ("K2-18 b", [], "K2 K2-18 b"),
    ],
)
def test_a_name_means_a_star_or_a_signal(
    identifier: str, stars: list[str], first_signal: str
) -> None:
    assert star_keys(identifier) == stars
    assert signal_keys(identifier)[0] == first_signal


@pytest.mark.django_db
def test_the_version_knows_the_stars_that_it_learnt_from() -> None:
    held_out = ModelVersion.objects.active().classifier.held_out
    for known in ("KOI-72.01", "KOI-72", "KIC 11904151", "K00072.01"):
        assert learnt_from(held_out, known), known
    for unknown in ("", "my signal", "KOI-99999.01", "KIC 1", "TIC 9999999999"):
        assert not learnt_from(held_out, unknown), unknown
