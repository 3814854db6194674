"""What a newer table says otherwise."""

from __future__ import annotations

from predictions.catalogue.filling.changes import Entry, difference, shrinks


def entry(
    disposition: str = "CANDIDATE", star: int = 1, period: float = 3.0, **more: bool
) -> Entry:
    return Entry(disposition, star, period, None, **more)


def test_new_gone_and_changed() -> None:
    found = difference(
        {"a": entry(), "b": entry(star=2), "c": entry("", star=3)},
        {"a": entry("CONFIRMED"), "c": entry("FALSE POSITIVE", star=3), "d": entry(star=4)},
    )
    assert (found.new, found.gone, found.back, found.renamed) == (["d"], ["b"], [], {})
    assert found.changed == {"a": ("CANDIDATE", "CONFIRMED"), "c": ("", "FALSE POSITIVE")}
    assert found.counts == {"new": 1, "gone": 1, "back": 0, "renamed": 0, "changed": 2}


def test_the_same_table_says_nothing() -> None:
    table = {"a": entry(), "b": entry("CONFIRMED", star=2)}
    assert set(difference(table, table).counts.values()) == {0}


def test_one_star_and_one_period_under_another_name_is_one_signal() -> None:
    found = difference(
        {"EPIC 1.01": entry(), "EPIC 1.02": entry(period=9.0)},
        {"K2-1 b": entry("CONFIRMED", period=3.00001), "EPIC 1.02": entry(period=9.0)},
    )
    assert found.renamed == {"EPIC 1.01": "K2-1 b"}
    assert found.changed == {"K2-1 b": ("CANDIDATE", "CONFIRMED")}
    assert found.new == found.gone == []


def test_another_period_or_star_is_another_signal() -> None:
    for other in (entry(period=3.1), entry(star=2), Entry("CANDIDATE", 1, None)):
        found = difference({"a": entry()}, {"b": other})
        assert (found.new, found.gone, found.renamed) == (["b"], ["a"], {})


def test_a_name_is_given_once() -> None:
    found = difference({"a": entry(), "b": entry()}, {"c": entry()})
    assert found.renamed == {"a": "c"}
    assert found.gone == ["b"]


def test_uncertain_periods_are_one_within_three_sigma() -> None:
    one, other = Entry("", 1, 3.0, 0.003), Entry("", 1, 3.01, 0.003)
    assert difference({"a": one}, {"b": other}).renamed == {"a": "b"}
    far = Entry("", 1, 3.02, 0.003)
    assert difference({"a": one}, {"b": far}).renamed == {}


def test_what_was_gone_comes_back() -> None:
    found = difference({"a": entry("CONFIRMED", is_listed=False)}, {"a": entry("CONFIRMED")})
    assert (found.new, found.gone, found.back, found.changed) == ([], [], ["a"], {})
    still = difference({"a": entry(is_listed=False)}, {})
    assert still.gone == []


def test_a_truncated_table_is_noticed() -> None:
    assert shrinks(9564, 9300)
    assert not shrinks(9564, 9500)
    assert not shrinks(100, 110)
