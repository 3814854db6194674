"""What an answer means, in sentences."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from training.figures import NARROW_SPACE, probability_text
from training.ml.errors import join_words
from training.ml.schema import DISPOSITIONS, FEATURE_BY_NAME, FEATURES, Disposition, Group

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


def basis_sentence(inputs: Collection[str]) -> str:
    """On how much the verdict rests: "Judged from 6 of 47 inputs, with planet and star known."."""
    groups = {FEATURE_BY_NAME[name].group for name in inputs if name in FEATURE_BY_NAME}
    known = [str(group) for group in Group if group in groups and group is not Group.TRANSIT]
    judged = f"Judged from {len(inputs)} of {len(FEATURES)} inputs"
    return f"{judged}: transit, {join_words(known)}." if known else f"{judged}: nothing but the transit itself."


def prediction_set_sentence(members: Sequence[str], level: float) -> str:
    """What cannot be ruled out at this level, and what that means for the reader."""
    share = f"{100 * level:.0f}"
    if not members:
        return (
            f"At {share} % no disposition fits: the signal is unlike those that the classifier learnt from, "
            "so do not rely on this answer."
        )
    if len(members) == len(DISPOSITIONS):
        return f"At {share} % nothing can be ruled out: these inputs do not decide the question."
    rare = f"at most {100 - round(100 * level)} in 100 signals"
    if len(members) == 1:
        return f"At {share} % it is {members[0]} alone: {rare} of another disposition look so unlike their own kind."
    out = next(str(d) for d in DISPOSITIONS if d not in members)
    return f"At {share} % it is {join_words(list(members), 'or')}: {rare} that are {out} look like this."


# --- what more inputs would bring ----------------------------------------------------------------------------------


LEAST_COST: Final = 0.001
"""Of accuracy; less is noise."""


@dataclass(frozen=True)
class AbsentGroup:
    """A group of inputs of which none is given, and what that costs on stars that the classifier never saw."""

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
        if self.accuracy_loss < LEAST_COST:
            return f"On {self.mission} signals their absence costs no measurable accuracy."
        return f"On {self.mission} signals their absence costs {100 * self.accuracy_loss:.1f} points of accuracy."

    def as_json(self) -> dict[str, str | float | None]:
        return {"group": self.group, "accuracy_loss": self.accuracy_loss, "roc_auc_loss": self.roc_auc_loss}


def absent_groups(missing: Collection[str], mission: str, metrics: Mapping[str, Any]) -> list[AbsentGroup]:
    """Groups without any input, the costliest first."""
    costs = {(row["group"], row["mission"]): row for row in metrics.get("absent_cost", [])}
    found = []
    for group in Group:
        names = [f.name for f in FEATURES if f.group is group]
        if all(name in missing for name in names):
            measured = mission if (str(group), mission) in costs else "pooled"
            row = costs.get((str(group), measured), {})
            losses = row.get("accuracy_loss"), row.get("roc_auc_loss")
            found.append(AbsentGroup(str(group), names, *losses, "all" if measured == "pooled" else measured))
    return sorted(found, key=lambda absent: -(absent.accuracy_loss or 0))


def typical_accuracy(regime: str, mission: str, metrics: Mapping[str, Any]) -> str:
    """How often signals with about as much given are named rightly, and how often with everything given."""
    blocks = metrics.get("cross_validation", {})
    here, whole = (blocks.get(name, {}).get(mission, {}).get("accuracy") for name in (regime, "all"))
    if here is None or whole is None:
        return ""
    words = f"With about as much given as here it names the right disposition of {_percent(here)} of {mission} signals"
    return f"{words}." if whole - here < LEAST_COST else f"{words}; with everything given, of {_percent(whole)}."


def _percent(share: float) -> str:
    return f"{100 * share:.0f}{NARROW_SPACE}%"


def most_helpful(missing: Collection[str], metrics: Mapping[str, Any], n: int = 3) -> list[str]:
    """Labels of the missing inputs that the classifier leans on most, where the version says so."""
    ranked = [row["feature"] for row in metrics.get("importance", [])]
    return [FEATURE_BY_NAME[name].label for name in ranked if name in missing][:n]


# --- where else to read about a signal -------------------------------------------------------------------------------

_EXOFOP: Final = "https://exofop.ipac.caltech.edu"
_ARCHIVE: Final = "https://exoplanetarchive.ipac.caltech.edu/overview"
_TARGETS: Final = (
    # (pattern, what the number is, where ExoFOP keeps it, what the archive calls it)
    (re.compile(r"\bTIC[\s-]*(\d{1,12})\b", re.I), "TIC {}", "/tess/target.php?id={}", "TIC {}"),
    (re.compile(r"\bTOI[\s-]*(\d{1,6})(?:\.\d{1,2})?\b", re.I), "TOI-{}", "/tess/target.php?toi={}", "TOI-{}"),
    (re.compile(r"\bKOI[\s-]*0*(\d{1,5})(?:\.\d{1,2})?\b", re.I), "KOI-{}", "/kepler/edit_target.php?id={}", "KOI-{}"),
    (re.compile(r"\bK0*(\d{1,5})\.\d{1,2}\b", re.I), "KOI-{}", "/kepler/edit_target.php?id={}", "KOI-{}"),
    (re.compile(r"\bKIC[\s-]*(\d{1,9})\b", re.I), "KIC {}", "/kepler/edit_target.php?id={}", "KIC {}"),
    (re.compile(r"\bEPIC[\s-]*(\d{1,9})\b", re.I), "EPIC {}", "/k2/edit_target.php?id={}", "EPIC {}"),
)


@dataclass(frozen=True)
class Link:
    text: str
    address: str


def identifier_links(identifier: str) -> list[Link]:
    """Pages about the star or signal that an identifier names, where it is of a form that they know."""
    for pattern, name, exofop, archive in _TARGETS:
        if match := pattern.search(identifier):
            number = match[1]
            shown = name.format(number)
            target = archive.format(number).replace(" ", "%20")
            return [
                Link(f"{shown} at ExoFOP", _EXOFOP + exofop.format(number)),
                Link(f"{shown} at the NASA Exoplanet Archive", f"{_ARCHIVE}/{target}"),
            ]
    return []
