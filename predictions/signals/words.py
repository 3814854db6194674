"""What an answer means, in sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from training.figures import NARROW_SPACE, probability_text
from training.ml.errors import join_words
from training.ml.fitting.bundles import BUNDLE_BY_KEY, Bundle
from training.ml.schema import (
    DISPOSITIONS,
    FEATURE_BY_NAME,
    FEATURES,
    LAYOUT_OF_MISSION,
    Disposition,
    Group,
    Mission,
)
from training.ml.sky.names import is_planet_form, signal_name, targets_in

PLANET_SET: Final = ("planet", "false positive")
"""What an open signal can be found to be, in the order of ``Predictions.planet_sets``."""
_CERTAINTY: Final = ((0.9, "Very probably"), (0.6, "Probably"), (0.0, "Perhaps"))
_MEANING: Final[Mapping[str, str]] = {
    Disposition.CONFIRMED: "a planet",
    Disposition.CANDIDATE: "an open candidate",
    Disposition.FALSE_POSITIVE: "a false positive",
}


def verdict_sentence(disposition: str, probability: float) -> str:
    """The one line that people come for: "Very probably a planet: 97 %"."""
    certainty = next(words for least, words in _CERTAINTY if probability >= least)
    return f"{certainty} {_MEANING[disposition]}: {probability_text(probability)}"


_PLANET: Final = (
    (0.9, "Very probably a planet"),
    (0.6, "Probably a planet"),
    (0.4, "Perhaps a planet, perhaps not"),
    (0.1, "Probably not a planet"),
    (0.0, "Very probably not a planet"),
)


def planet_sentence(score: float, name: str = "planet score") -> str:
    """The one line that people come for, with the probability that it is a planet: "Very probably
    not a planet: planet score 3 %"."""
    words = next(words for least, words in _PLANET if score >= least)
    return f"{words}: {name} {probability_text(score)}"


def undecided_sentence(score: float) -> str:
    """In place of ``planet_sentence`` where neither planet nor false positive can be ruled out."""
    return f"Planet or not cannot be told from these inputs: open score {probability_text(score)}"


def scores_apart_sentence(open_score: float, planet_score: float | None) -> str:
    """Where the two scores point in different ways, and why; empty where they do not."""
    if planet_score is None or (open_score >= 0.5) == (planet_score >= 0.5):
        return ""
    return (
        "Among signals that the catalogue has decided, planets known before the survey included,"
        f" the like are {'mostly planets' if planet_score >= 0.5 else 'mostly false positives'}:"
        f" planet score {probability_text(planet_score)}."
    )


def catalogue_sentence(disposition: str, probability: float) -> str:
    """What the archive's catalogue would call the signal today."""
    certainty = next(words for least, words in _CERTAINTY if probability >= least).lower()
    return (
        f"The catalogue would {certainty} call it {disposition} today: "
        f"{probability_text(probability)}."
    )


def _of_100(score: float) -> str:
    """How many of a hundred are something; never all or none: nobody knows that."""
    count = round(100 * score)
    if count >= 100:
        return "more than 99 are"
    return f"about {count} or more are" if count else "hardly any are"


def open_sentence(score: float, members: Sequence[str], level: float) -> str:
    """What to expect of the signal if the catalogue has not decided it yet."""
    share = f"{100 * level:.0f}{NARROW_SPACE}%"
    head = f"If it is still open: of 100 open signals with this score {_of_100(score)} planets"
    if len(members) == len(PLANET_SET):
        return f"{head}; at {share} neither planet nor false positive can be ruled out."
    if not members:
        return f"{head}; at {share} it is unlike both planets and false positives."
    other = next(name for name in PLANET_SET if name not in members)
    rare = f"at most {100 - round(100 * level)} in 100 {other}s look like this"
    return f"{head}; at {share} it is a {members[0]}, because {rare}."


def learnt_sentence(learnt_from: bool, out_of_fold: bool) -> str:
    """Whether the answer was given by something that knew the answer; empty where it was not."""
    if out_of_fold:
        return (
            "The version has learnt from this very signal, so the answer is that of a classifier"
            " that had never seen its star. The reasons are those of the version itself."
        )
    if learnt_from:
        return (
            "The version has learnt from this star: the answer may repeat what it was told, and is"
            " no test of it."
        )
    return ""


def basis_sentence(inputs: Collection[str]) -> str:
    """On how much the verdict rests: "Judged from 6 of 47 inputs, with planet and star known."."""
    groups = {FEATURE_BY_NAME[name].group for name in inputs if name in FEATURE_BY_NAME}
    known = [str(group) for group in Group if group in groups and group is not Group.TRANSIT]
    judged = f"Judged from {len(inputs)} of {len(FEATURES)} inputs"
    return (
        f"{judged}: transit, {join_words(known)}."
        if known
        else f"{judged}: nothing but the transit itself."
    )


def prediction_set_sentence(members: Sequence[str], level: float) -> str:
    """What cannot be ruled out at this level, and what that means for the reader."""
    share = f"{100 * level:.0f}"
    if not members:
        return (
            f"At {share} % no disposition fits: the signal is unlike those that the classifier"
            " learnt from, so do not rely on this answer."
        )
    if len(members) == len(DISPOSITIONS):
        return f"At {share} % nothing can be ruled out: these inputs do not decide the question."
    rare = f"at most {100 - round(100 * level)} in 100 signals"
    if len(members) == 1:
        return (
            f"At {share} % it is {members[0]} alone: {rare} of another disposition look so unlike"
            " their own kind."
        )
    out = next(str(d) for d in DISPOSITIONS if d not in members)
    return (
        f"At {share} % it is {join_words(list(members), 'or')}: {rare} that are {out} look like"
        " this."
    )


# --- what more inputs would bring -----------------------------------------------------------------


MIN_COST: Final = 0.001
"""Of accuracy; less is noise."""


@dataclass(frozen=True)
class AbsentGroup:
    """A group of inputs of which none is given, and what that costs on stars that the classifier
    never saw."""

    group: str
    names: list[str]
    accuracy_loss: float | None
    roc_auc_loss: float | None
    mission: str

    @property
    def cost(self) -> str:
        """What the absence costs, in points of accuracy, where it was measured."""
        if self.accuracy_loss is None:
            return ""
        if self.accuracy_loss < MIN_COST:
            return f"On {self.mission} signals their absence costs no measurable accuracy."
        return (
            f"On {self.mission} signals their absence costs {100 * self.accuracy_loss:.1f} points"
            " of accuracy."
        )

    def as_json(self) -> dict[str, str | float | None]:
        return {
            "group": self.group,
            "accuracy_loss": self.accuracy_loss,
            "roc_auc_loss": self.roc_auc_loss,
        }


def absent_groups(
    missing: Collection[str], mission: str, metrics: Mapping[str, Any]
) -> list[AbsentGroup]:
    """Groups without any input, the costliest first."""
    costs = {(row["group"], row["mission"]): row for row in metrics.get("absent_cost", [])}
    found, absent = [], set(missing)
    for group, names in _NAMES_BY_GROUP.items():
        if absent.issuperset(names):
            measured = mission if (group, mission) in costs else "pooled"
            row = costs.get((group, measured), {})
            losses = row.get("accuracy_loss"), row.get("roc_auc_loss")
            found.append(
                AbsentGroup(
                    group, list(names), *losses, "all" if measured == "pooled" else measured
                )
            )
    return sorted(found, key=lambda absent: -(absent.accuracy_loss or 0))


_NAMES_BY_GROUP: Final[Mapping[str, tuple[str, ...]]] = {
    str(group): tuple(f.name for f in FEATURES if f.group is group) for group in Group
}


@cache
def has_input(mission: str, name: str) -> bool:
    """Whether signals of this mission come with an input: of none of TESS is there a centroid
    offset of Kepler's pipeline. What no table of the archive has can be given for any."""
    sources = FEATURE_BY_NAME[name].sources
    if mission not in _TABLES or not sources.keys() & set(_TABLES.values()):
        return True
    return _TABLES[mission] in sources or ("exofop" in sources and mission == Mission.TESS)


_TABLES: Final[Mapping[str, str]] = {
    str(mission): key for mission, key in LAYOUT_OF_MISSION.items() if mission is not Mission.OTHER
}


def typical_accuracy(regime: str, mission: str, metrics: Mapping[str, Any]) -> str:
    """How often signals with about as much given are named rightly, and how often with everything
    given."""
    blocks = metrics.get("cross_validation", {})
    here, whole = (
        blocks.get(name, {}).get(mission, {}).get("accuracy") for name in (regime, "all")
    )
    if here is None or whole is None:
        return ""
    words = (
        f"With about as much given as here it names the right disposition of {_percent(here)} of"
        f" {mission} signals"
    )
    return (
        f"{words}."
        if whole - here < MIN_COST
        else f"{words}; with everything given, of {_percent(whole)}."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f}{NARROW_SPACE}%"


@dataclass(frozen=True)
class Help:
    """Inputs that are missing, and what giving them brought to signals of the same mission."""

    words: str
    names: list[str]
    mission: str
    accuracy_gain: float
    roc_auc_gain: float | None
    log_loss_gain: float

    @property
    def effect(self) -> str:
        """In words: how many more signals are named rightly, or else ranked rightly."""
        of = "" if self.mission == Mission.OTHER else f"{self.mission} "
        if self.accuracy_gain >= MIN_SHOWN:
            return f"names {100 * self.accuracy_gain:.0f} more of 100 {of}signals rightly"
        if self.roc_auc_gain is not None and self.roc_auc_gain >= MIN_SHOWN:
            pairs = f"{100 * self.roc_auc_gain:.0f} more of 100 pairs"
            return f"ranks a {of}planet above a false positive in {pairs}"
        return f"makes the probabilities of {of}signals a little truer"

    def as_json(self) -> dict[str, Any]:
        return {
            "inputs": self.names,
            "words": self.words,
            "accuracy_gain": self.accuracy_gain,
            "roc_auc_gain": self.roc_auc_gain,
        }


MIN_SHOWN: Final = 0.01
MIN_GAIN: Final = 0.01
"""Of log loss, in nats; less is noise on a few hundred signals."""


def most_helpful(
    missing: Collection[str], mission: str, metrics: Mapping[str, Any], n: int = 3
) -> list[Help]:
    """The missing inputs that helped other signals of this mission most, the best first; none where
    the version has not measured it.

    Another mission takes the mean of those that were measured, and only what all of them have.
    """
    absent = set(missing)
    start = "three" if _STAR_AND_SIZE & absent else "six"
    missions, bundles = set(), defaultdict(list)
    for row in metrics.get("input_gain", []):
        if row["start"] == start:
            missions.add(row["mission"])
            bundles[row["bundle"]].append(row)
    found = []
    for key, rows in bundles.items():
        members = BUNDLE_BY_KEY[key].names if key in BUNDLE_BY_KEY else ()
        usual = [name for name in members if has_input(mission, name)]
        names = [name for name in usual if name in absent]
        own = [row for row in rows if mission in (row["mission"], "other")]
        # What was measured is what all of them bring: the last of five brings little of it.
        is_lacking = names and 2 * len(names) >= len(usual)
        if is_lacking and own and (mission in missions or len(own) == len(missions)):
            found.append(_help(BUNDLE_BY_KEY[key], names, mission, own))
    useful = [help_ for help_ in found if help_.log_loss_gain >= MIN_GAIN]
    return sorted(useful, key=lambda help_: -help_.log_loss_gain)[:n]


_STAR_AND_SIZE: Final = {"stellar_teff", "stellar_radius", "planet_radius"}


def _help(
    bundle: Bundle, names: list[str], mission: str, rows: Sequence[Mapping[str, Any]]
) -> Help:
    ranked = [row["roc_auc_gain"] for row in rows if row["roc_auc_gain"] is not None]
    whole = names == [name for name in bundle.names if has_input(mission, name)]
    labels = [FEATURE_BY_NAME[name].label.lower() for name in names]
    return Help(
        words=bundle.words if whole else f"the {join_words(labels)}",
        names=names,
        mission=mission,
        accuracy_gain=_mean([row["accuracy_gain"] for row in rows]),
        roc_auc_gain=_mean(ranked) if ranked else None,
        log_loss_gain=_mean([row["log_loss_gain"] for row in rows]),
    )


def _mean(figures: Sequence[float]) -> float:
    return sum(figures) / len(figures)


# --- where else to read about a signal ------------------------------------------------------------

_EXOFOP: Final = "https://exofop.ipac.caltech.edu"
_ARCHIVE: Final = "https://exoplanetarchive.ipac.caltech.edu/overview"
_EXOFOP_PAGES: Final = {
    "TIC": "tess/target.php?id=",
    "TOI": "tess/target.php?toi=",
    "KOI": "kepler/edit_target.php?id=",
    "KIC": "kepler/edit_target.php?id=",
    "EPIC": "k2/edit_target.php?id=",
}
"""Where ExoFOP keeps what, the catalogue that says most about a star first."""


@dataclass(frozen=True)
class Link:
    text: str
    address: str


def identifier_links(identifier: str) -> list[Link]:
    """Pages about the star or signal that an identifier names, where it is of a form that they
    know."""
    order = list(_EXOFOP_PAGES)
    for target in sorted(targets_in(identifier), key=lambda found: order.index(found.catalogue)):
        exofop = f"{_EXOFOP}/{_EXOFOP_PAGES[target.catalogue]}{target.number}"
        return [
            Link(f"{target.name} at ExoFOP", exofop),
            _archive_link(target.name),
        ]
    return [_archive_link(signal_name(identifier))] if is_planet_form(identifier) else []


def _archive_link(name: str) -> Link:
    target = name.replace(" ", "%20")
    return Link(f"{name} at the NASA Exoplanet Archive", f"{_ARCHIVE}/{target}")
