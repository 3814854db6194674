"""One or two plain sentences from the largest contributions of an explanation.

A ``Reading`` says what a value means before the sky; whether it speaks for or against the predicted disposition is the
contribution's sign and nothing else. The words in brackets are added only where physics and contribution agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from training.ml.errors import join_words
from training.ml.explanation import Contribution, readable
from training.ml.features import DERIVED_BY_NAME
from training.ml.readings import READINGS_BY_FEATURE, Reading
from training.ml.schema import FEATURE_BY_NAME, Disposition

LEAST_SHARE: Final = 0.25
"""A second reason must weigh at least this share of the first one."""
LEAST_SHARE_BESIDE_MISSION: Final = 0.1
"""Less beside the mission, which is no physical reason."""
LEAST_WEIGHT: Final = 0.05
"""A contribution below this, in raw-score units, is no reason for anything."""


_TOPICS: Final = {
    name: topic
    for topic, names in {
        "size": ("planet_radius", "radius_from_depth", "transit_depth", "radius_ratio"),
        "size again": ("radius_consistency", "ratio_consistency", "grazing", "impact_parameter"),
        "duration": ("transit_duration", "duration_ratio", "duty_cycle", "density_ratio", "axis_ratio",
                     "scaled_semi_major_axis", "transit_stellar_density"),
        "strength": ("signal_to_noise", "transit_snr", "snr_per_transit", "max_multiple_event_statistic",
                     "max_single_event_statistic", "depth_over_photon_noise"),
        "place": ("flux_centroid_offset", "prf_offset_oot", "prf_offset_catalogue", "centroid_shift",
                  "centroid_significance"),
        "mission": ("mission", "magnitude_band"),
        "company": ("signal_count", "sibling_period_ratio", "detection_order"),
    }.items()
    for name in names
}  # fmt: skip
"""Quantities that tell the same story: the second sentence tells another one than the first."""


MISSION_HINT: Final = "missions differ in how much has been decided"


def sentences_for(disposition: Disposition, parts: Sequence[Contribution]) -> list[str]:
    """One to three sentences from contributions that come with the largest absolute value first."""
    given = [part for part in parts if part.is_given and abs(part.contribution) >= LEAST_WEIGHT]
    main = next((part for part in given if part.contribution > 0), None)
    if main is None:
        sentences = [f"No single input speaks for {disposition}: it is what remains when the others are less likely."]
    else:
        sentences = [f"{clause(main, disposition)}."]
    second = _second(given, main)
    if second is not None:
        also = main is not None and second.contribution > 0
        sentences.append(f"{clause(second, disposition, also=also)}.")
    return sentences + _absence(disposition, parts)


def _second(given: Sequence[Contribution], main: Contribution | None) -> Contribution | None:
    """The largest other contribution of some weight beside the first; the same story only if it contradicts."""
    if main is None:
        return next(iter(given), None)
    least = main.contribution * (LEAST_SHARE_BESIDE_MISSION if _topic(main) == "mission" else LEAST_SHARE)
    others = [part for part in given if _topic(part) != _topic(main) or part.contribution < 0]
    return next((part for part in others if abs(part.contribution) >= least), None)


def _topic(part: Contribution) -> str:
    return _TOPICS.get(part.feature, part.feature)


def clause(part: Contribution, disposition: Disposition, *, also: bool = False) -> str:
    """What a value means and which way it speaks, without the full stop."""
    reading = reading_of(part)
    fact = _generic(part) if reading is None else _filled(reading.fact, part)
    direction = "for" if part.contribution > 0 else "against"
    hint = _hint(reading, part, disposition) if reading is not None else MISSION_HINT * (part.feature == "mission")
    return f"{fact}, which {'also ' if also else ''}speaks {direction} {disposition}{f' ({hint})' if hint else ''}"


def reading_of(part: Contribution) -> Reading | None:
    value = part.value
    if value is None or isinstance(value, str):
        return None
    return next((r for r in READINGS_BY_FEATURE.get(part.feature, ()) if r.low <= value < r.high), None)


def _filled(fact: str, part: Contribution) -> str:
    value = float(part.value or 0)
    chance = "below 0.001" if value < 0.001 else two_digits(value)
    return fact.format(x=two_digits(value), n=readable(value), p=chance, q=part.value_text)


def two_digits(value: float) -> str:
    """Two significant digits, a zero at the end included: 2.1, 1.0, 38, 1,100."""
    rounded = float(f"{value:.2g}")
    return f"{rounded:#.2g}".rstrip(".").replace("-", "−") if 0.001 <= abs(rounded) < 100 else readable(rounded)


def _hint(reading: Reading, part: Contribution, disposition: Disposition) -> str:
    """Why physics agrees with the contribution; empty where it has nothing to say or would say the opposite."""
    towards = part.contribution > 0
    if disposition is Disposition.CANDIDATE:
        return reading.open if towards else ""
    return reading.planet if towards == (disposition is Disposition.CONFIRMED) else reading.false


def _generic(part: Contribution) -> str:
    if part.feature == "mission":
        return f"The signal comes from {_mission_words(part)}"
    if part.feature in DERIVED_BY_NAME:
        words = DERIVED_BY_NAME[part.feature].words
        return f"{words[0].upper()}{words[1:]} is {part.value_text}"
    return f"The {_mid_sentence(part.label)} is {part.value_text}"


def _mission_words(part: Contribution) -> str:
    return "another mission" if part.value == "other" else str(part.value)


def _mid_sentence(label: str) -> str:
    return label[0].lower() + label[1:]


def _absence(disposition: Disposition, parts: Sequence[Contribution]) -> list[str]:
    """A sentence where what is not given weighs more than what is: a typical value stands in for it."""
    absent = [part for part in parts if not part.is_given and abs(part.contribution) >= LEAST_WEIGHT]
    if not absent:
        return []
    total = sum(abs(part.contribution) for part in parts)
    if sum(abs(part.contribution) for part in absent) > total / 2:
        words = _absent_words(absent, parts)
        return [
            f"More than half of the weight comes from what is not given, above all {words}: typical values stand in."
        ]
    if absent[0] == parts[0]:
        direction = "for" if absent[0].contribution > 0 else "against"
        words = _absent_words(absent[:1], parts)
        return [f"That {words} is not given speaks {direction} {disposition}: a typical value stands in."]
    return []


def _absent_words(absent: Sequence[Contribution], parts: Sequence[Contribution]) -> str:
    return join_words([f"the {name}" for name in _absent_names(absent, parts)[:3]])


def _absent_names(absent: Sequence[Contribution], parts: Sequence[Contribution]) -> list[str]:
    """The inputs that a person could give, in words; a derived quantity lacks some of its own inputs."""
    missing = {part.feature for part in parts if not part.is_given}
    names: dict[str, None] = {}
    for part in absent:
        derived = DERIVED_BY_NAME.get(part.feature)
        wanted = [name for name in derived.inputs if name in missing] if derived else [part.feature]
        # A derived quantity can be undefined although all its inputs are given, as the logarithm of zero is.
        labels = [FEATURE_BY_NAME[name].label for name in wanted] or [part.label]
        names |= dict.fromkeys(_mid_sentence(label) for label in labels)
    return list(names)
