"""Plain sentences from the largest contributions of an explanation.

A ``Reading`` says what a value means before the sky; whether it speaks for or against the predicted
disposition is the contribution's sign and nothing else. Where the two point the same way the words
in brackets say why; where they do not, the sentence says that the classifier leans on what such
signals usually are. A mission is no reason, so no explanation opens with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from training.ml.errors import join_words
from training.ml.explanations.explanation import Contribution
from training.ml.explanations.readings import READINGS_BY_FEATURE, Reading
from training.ml.features import DERIVED_BY_NAME
from training.ml.numbers import readable
from training.ml.schema import FEATURE_BY_NAME, NEIGHBOUR_NAMES, Disposition

MIN_SHARE: Final = 0.25
"""A second reason must weigh at least this share of the first one."""
MIN_WEIGHT: Final = 0.05
"""A contribution below this, in raw-score units, is no reason for anything."""


_TOPICS: Final = {
    name: topic
    for topic, names in {
        "size": (
            "planet_radius",
            "radius_from_depth",
            "transit_depth",
            "radius_ratio",
            "excess_radius",
            "radius_deficit",
        ),
        "size again": ("radius_consistency", "ratio_consistency", "grazing", "impact_parameter"),
        "orbit": (
            "transit_duration",
            "duration_ratio",
            "duty_cycle",
            "density_ratio",
            "axis_ratio",
            "scaled_semi_major_axis",
            "transit_stellar_density",
            "orbital_period",
            "excess_duration",
        ),
        "strength": (
            "signal_to_noise",
            "transit_snr",
            "snr_per_transit",
            "max_multiple_event_statistic",
            "max_single_event_statistic",
            "depth_over_photon_noise",
        ),
        "place": (
            "flux_centroid_offset",
            "prf_offset_oot",
            "prf_offset_catalogue",
            "centroid_shift",
            "centroid_significance",
        ),
        "mission": ("mission", "magnitude_band"),
        "company": ("signal_count", "sibling_period_ratio", "detection_order", *NEIGHBOUR_NAMES),
    }.items()
    for name in names
}
"""Quantities that tell the same story: the second sentence tells another one than the first."""


@dataclass(frozen=True)
class Direction:
    """Which way a contribution speaks."""

    disposition: Disposition
    towards: bool

    @classmethod
    def of(cls, part: Contribution, disposition: Disposition) -> Direction:
        return cls(disposition, part.contribution > 0)

    @property
    def word(self) -> str:
        return "for" if self.towards else "against"

    @property
    def to_planet(self) -> bool:
        return self.towards == (self.disposition is Disposition.CONFIRMED)

    def hint(self, reading: Reading) -> str:
        """Why physics agrees; empty where it has nothing to say or would say the opposite."""
        if self.disposition is Disposition.CANDIDATE:
            return reading.open if self.towards else ""
        return reading.planet if self.to_planet else reading.false

    def objection(self, reading: Reading) -> str:
        """What physics says instead, where it does not agree."""
        if self.disposition is Disposition.CANDIDATE or self.hint(reading):
            return ""
        hint, towards = (
            (reading.false, "a false positive") if self.to_planet else (reading.planet, "a planet")
        )
        return f"by itself points to {towards} ({hint})" if hint else ""


def sentences_for(disposition: Disposition, parts: Sequence[Contribution]) -> list[str]:
    """One to four sentences from contributions that come with the largest absolute value first."""
    values = values_of(parts)
    given = [
        part
        for part in parts
        if part.is_given and abs(part.contribution) >= MIN_WEIGHT and _topic(part) != "mission"
    ]
    main = next((part for part in given if part.contribution > 0), None)
    second = _second(given, main)
    sentences = [
        _nothing_in_favour(disposition, parts)
        if main is None
        else f"{clause(main, disposition, values)}."
    ]
    if second is not None:
        also = main is not None and second.contribution > 0
        sentences.append(f"{clause(second, disposition, values, also=also)}.")
    mission = [] if main is None else _mission(disposition, parts)
    return _said_once(sentences, disposition) + mission + _absence(disposition, parts)


def _nothing_in_favour(disposition: Disposition, parts: Sequence[Contribution]) -> str:
    mission = next((part for part in parts if part.feature == "mission"), None)
    if mission is not None and mission.contribution >= MIN_WEIGHT:
        return (
            f"No property of this signal speaks for {disposition}: that the mission is"
            f" {_mission_words(mission)} does, which tells only how much of each mission has been"
            " decided."
        )
    return (
        f"No single input speaks for {disposition}: it is what remains when the others are less"
        " likely."
    )


def _said_once(sentences: list[str], disposition: Disposition) -> list[str]:
    """Without the words that stand where physics gives no reason, after the first time."""
    usual = f" ({_usual(disposition)})"
    first, *others = sentences
    if usual not in first:
        return sentences
    return [first, *(sentence.replace(usual, "") for sentence in others)]


def values_of(parts: Sequence[Contribution]) -> dict[str, float]:
    """The numbers that are known, by quantity."""
    return {
        part.feature: part.value
        for part in parts
        if part.value is not None and not isinstance(part.value, str)
    }


def _second(given: Sequence[Contribution], main: Contribution | None) -> Contribution | None:
    """The largest other contribution of some weight beside the first; the same story only if it
    contradicts."""
    if main is None:
        return next(iter(given), None)
    least = main.contribution * MIN_SHARE
    others = [part for part in given if _topic(part) != _topic(main) or part.contribution < 0]
    return next((part for part in others if abs(part.contribution) >= least), None)


def _topic(part: Contribution) -> str:
    return _TOPICS.get(part.feature, part.feature)


def clause(
    part: Contribution,
    disposition: Disposition,
    values: Mapping[str, float] | None = None,
    *,
    also: bool = False,
) -> str:
    """What a value means and which way it speaks, without the full stop.

    ``values`` are the other quantities that are known, in the units of the explanation.
    """
    reading, way = reading_of(part, values), Direction.of(part, disposition)
    fact = _generic(part) if reading is None else _filled(reading.fact, part)
    if reading is not None and (objection := way.objection(reading)):
        return f"{fact}, which {objection}; {_leaning(way)}"
    hint = way.hint(reading) if reading is not None else ""
    return (
        f"{fact}, which {'also ' if also else ''}speaks {way.word} {disposition}"
        f" ({hint or _usual(disposition)})"
    )


def _leaning(way: Direction) -> str:
    return (
        f"the classifier counts it {way.word} {way.disposition} all the same, leaning on what such"
        " signals usually are"
    )


def _usual(disposition: Disposition) -> str:
    """What stands where physics gives no reason."""
    if disposition is Disposition.CANDIDATE:
        return "the classifier leans on how often such signals are still open"
    return "the classifier leans on what such signals usually are"


def reading_of(part: Contribution, values: Mapping[str, float] | None = None) -> Reading | None:
    """What the value means beside the other ``values``."""
    if part.value is None or isinstance(part.value, str):
        return None
    known = {**(values or {}), part.feature: part.value}
    return next((r for r in READINGS_BY_FEATURE.get(part.feature, ()) if r.holds(known)), None)


def _filled(fact: str, part: Contribution) -> str:
    value = float(part.value or 0)
    chance = "below 0.001" if value < 0.001 else two_digits(value)
    return fact.format(x=two_digits(value), n=readable(value), p=chance, q=part.value_text)


def two_digits(value: float) -> str:
    """Two significant digits, a zero at the end included: 2.1, 1.0, 38, 1,100."""
    rounded = float(f"{value:.2g}")
    return (
        f"{rounded:#.2g}".rstrip(".").replace("-", "−")
        if 0.001 <= abs(rounded) < 100
        else readable(rounded)
    )


def _generic(part: Contribution) -> str:
    if part.feature in DERIVED_BY_NAME:
        words = DERIVED_BY_NAME[part.feature].words
        return f"{words[0].upper()}{words[1:]} is {part.value_text}"
    if isinstance(part.value, str):
        return f"The {_mid_sentence(part.label)} is {_mission_words(part)}"
    return f"The {_mid_sentence(part.label)} is {part.value_text}"


def _mission_words(part: Contribution) -> str:
    return "another one" if part.value == "other" else str(part.value)


def _mission(disposition: Disposition, parts: Sequence[Contribution]) -> list[str]:
    """Said last, and only where it weighs more than every property of the signal."""
    first = parts[0]
    if _topic(first) != "mission" or not first.is_given:
        return []
    if abs(first.contribution) < MIN_WEIGHT:
        return []
    way = Direction.of(first, disposition)
    return [
        f"Most of all, that the mission is {_mission_words(first)} counts {way.word} {disposition}:"
        " no property of the signal, but of how much of each mission has been decided."
    ]


def _mid_sentence(label: str) -> str:
    return label[0].lower() + label[1:]


def _absence(disposition: Disposition, parts: Sequence[Contribution]) -> list[str]:
    """A sentence where what is not given weighs more than what is: a typical value stands in for
    it."""
    absent = [part for part in parts if not part.is_given and abs(part.contribution) >= MIN_WEIGHT]
    if not absent:
        return []
    total = sum(abs(part.contribution) for part in parts)
    if sum(abs(part.contribution) for part in absent) > total / 2:
        words = _absent_words(absent, parts)
        return [
            f"More than half of the weight comes from what is not given, above all {words}: typical"
            " values stand in."
        ]
    if absent[0] == parts[0]:
        direction = "for" if absent[0].contribution > 0 else "against"
        words = _absent_words(absent[:1], parts)
        return [
            f"That {words} is not given speaks {direction} {disposition}: a typical value"
            " stands in."
        ]
    return []


def _absent_words(absent: Sequence[Contribution], parts: Sequence[Contribution]) -> str:
    return join_words([f"the {name}" for name in _absent_names(absent, parts)[:3]])


def _absent_names(absent: Sequence[Contribution], parts: Sequence[Contribution]) -> list[str]:
    """The inputs that a person could give, in words; a derived quantity lacks some of its own
    inputs."""
    missing = {part.feature for part in parts if not part.is_given}
    names: dict[str, None] = {}
    for part in absent:
        derived = DERIVED_BY_NAME.get(part.feature)
        wanted = [name for name in derived.inputs if name in missing] if derived else [part.feature]
        # A derived quantity can be undefined although all its inputs are given, as the logarithm of
        # zero is.
        labels = [FEATURE_BY_NAME[name].label for name in wanted] or [part.label]
        names |= dict.fromkeys(_mid_sentence(label) for label in labels)
    return list(names)
