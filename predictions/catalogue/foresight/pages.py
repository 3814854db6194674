"""What the page of figures and its JSON say of decisions since a version's tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from predictions.catalogue.foresight.models import ProspectiveCard
from predictions.catalogue.foresight.services import POOLED
from predictions.catalogue.foresight.shapes import ProspectiveFiguresJson, ProspectiveJson
from training.figures import counted, figure_text, share_text
from training.ml.numbers import number_text
from training.models import ModelVersion

NONE_YET: Final = (
    "None yet: no signal that was open in its tables, and that it had scored, has been decided"
    " since by a table of the catalogue."
)


@dataclass(frozen=True)
class SinceRow:
    mission: str
    figures: ProspectiveFiguresJson

    @property
    def title(self) -> str:
        return "All missions" if self.mission == POOLED else self.mission

    @property
    def interval(self) -> str:
        return "–".join(figure_text(bound) for bound in self.figures["roc_auc_interval"]) or "none"


@dataclass(frozen=True)
class Since:
    """Of the version in service, or of another one."""

    missions: dict[str, ProspectiveFiguresJson]

    @property
    def rows(self) -> list[SinceRow]:
        names = [name for name in self.missions if name != POOLED]
        pooled = [POOLED] if len(names) > 1 else []
        return [SinceRow(name, self.missions[name]) for name in (*pooled, *names)]

    @property
    def sentence(self) -> str:
        if not self.missions:
            return NONE_YET
        found = self.missions[POOLED]
        signals = counted(found["decided"], "signal")
        return (
            f"{signals} on {counted(found['stars'], 'star')} that were open in its tables have been"
            f" decided by tables {_days(found)}:"
            f" {number_text(found['confirmed'])} CONFIRMED,"
            f" {number_text(found['false_positive'])} FALSE POSITIVE. What it had said before was"
            f" right for {share_text(found['accuracy'])}."
        )


def _days(found: ProspectiveFiguresJson) -> str:
    first, last = found["since"], found["until"]
    return f"of {first}" if first == last else f"from {first} to {last}"


def since(version: ModelVersion) -> Since:
    card = ProspectiveCard.objects.filter(version=version).first()
    return Since(card.missions if card else {})


def prospective_json(version: ModelVersion) -> ProspectiveJson:
    found = since(version)
    return {"sentence": found.sentence, "missions": found.missions}
