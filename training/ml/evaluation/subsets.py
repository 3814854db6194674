"""What answers are worth by how much is given: rows for the model card and the page of figures, and
the figures among them that fall short, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from training.ml.calibrate import MISSIONS
from training.ml.evaluation.shapes import OPEN_GROUPS
from training.ml.schema import DISPOSITIONS

TITLES: Final[Mapping[str, str]] = {
    "all": "all columns",
    "default": "the archive's default columns",
    "six": "six parameters",
    "five": "five: without the planet radius",
    "three and star": "three and the star",
    "three": "the needed three",
    "random subsets": "a random part",
    "few, with place or neighbours": "few, place or neighbours at random",
    "all, with gaps": "all columns, gaps in every row",
    "all, three in ten missing": "all columns, three in ten missing",
    "new random subsets": "another random part",
}
MIN_COVERAGE: Final = 0.87
MAX_COVERAGE: Final = 0.93
MAX_CALIBRATION_ERROR: Final = 0.03
MAX_LACKED: Final = 0.01
MOST_TOLD_BY_GAPS: Final = 0.005
_NAMED: Final = 4
"""So many of a kind are named in a sentence."""


@dataclass(frozen=True)
class SubsetRow:
    """Figures of one mission with one amount of inputs; None where too few signals judge it."""

    view: str
    mission: str
    signals: int
    coverage: tuple[float | None, ...]  # per disposition, in the order of DISPOSITIONS
    mean_size: float
    calibration_error: float
    planet_calibration_error: float | None
    roc_auc: float | None
    lacks: float | None
    """Of ROC-AUC, to a classifier trained on these columns only."""
    open_coverage: tuple[float | None, ...]  # in the order of OPEN_GROUPS
    open_size: float | None
    open_calibration_error: float | None

    @property
    def title(self) -> str:
        return TITLES.get(self.view, self.view)

    @property
    def name(self) -> str:
        return f"{self.mission}, {self.title}"


def subset_rows(
    metrics: Mapping[str, Any], evaluation: Mapping[str, Any] | None
) -> list[SubsetRow]:
    """From the evaluation over several seeds where there is one, else from the version's own
    cross-validation; empty for a version that measured neither."""
    source = evaluation if evaluation and evaluation.get("subsets") else metrics
    subsets, specialists = source.get("subsets", {}), source.get("specialists", {})
    return [
        _row(view, mission, subsets[view][mission], specialists.get(view, {}).get(mission))
        for view in TITLES
        for mission in map(str, MISSIONS)
        if mission in subsets.get(view, {})
    ]


def _row(view: str, mission: str, block: Mapping[str, Any], specialist: float | None) -> SubsetRow:
    auc, opened = block.get("roc_auc"), block.get("open") or {}
    return SubsetRow(
        view=view,
        mission=mission,
        signals=int(block.get("signals", 0)),
        coverage=tuple(block["coverage"].get(str(d)) for d in DISPOSITIONS),
        mean_size=block["mean_size"],
        calibration_error=block["calibration_error"],
        planet_calibration_error=block.get("planet_calibration_error"),
        roc_auc=auc,
        lacks=None if specialist is None or auc is None else specialist - auc,
        open_coverage=tuple(opened.get("coverage", {}).get(name) for name in OPEN_GROUPS),
        open_size=opened.get("mean_size"),
        open_calibration_error=opened.get("calibration_error"),
    )


def shortfalls(rows: Iterable[SubsetRow]) -> list[str]:
    """Sentences about the figures that miss what is promised,
    the worst first; none where all hold."""
    rows = list(rows)
    low = [
        (share, f"{row.name}, {disposition}: {100 * share:.0f} %")
        for row in rows
        for disposition, share in zip(DISPOSITIONS, row.coverage, strict=True)
        if share is not None and share < MIN_COVERAGE
    ]
    wide = [
        (-share, f"{row.name}, {disposition}: {100 * share:.0f} %")
        for row in rows
        for disposition, share in zip(DISPOSITIONS, row.coverage, strict=True)
        if share is not None and share > MAX_COVERAGE
    ]
    unsure = [
        (-row.calibration_error, f"{row.name}: {row.calibration_error:.3f}")
        for row in rows
        if row.calibration_error > MAX_CALIBRATION_ERROR
    ]
    behind = [
        (-row.lacks, f"{row.name}: {row.lacks:.3f}")
        for row in rows
        if row.lacks is not None and row.lacks > MAX_LACKED
    ]
    kinds = (
        (low, "Sets at 90 % hold the truth less often than promised in {n}: {those}."),
        (wide, "Sets at 90 % are wider than they need be in {n}: {those}."),
        (unsure, "Probabilities are off by more than 0.03 on average in {n}: {those}."),
        (
            behind,
            (
                "A classifier trained on these columns alone ranks better by over 0.01 in {n}: "
                "{those}."
            ),
        ),
    )
    return [_sentence(words, found) for found, words in kinds if found]


def _sentence(words: str, found: list[tuple[float, str]]) -> str:
    named = [text for _, text in sorted(found)[:_NAMED]]
    cases = f"{len(found)} case{'s' * (len(found) != 1)}"
    more = len(found) - len(named)
    those = "; ".join(named) + (f"; and {more} more" if more else "")
    return words.format(n=cases, those=those)


def gap_sentences(evaluation: Mapping[str, Any] | None) -> list[str]:
    """Where the pattern of what is missing tells too much: one sentence, or none."""
    views = (evaluation or {}).get("views", {})
    own, other = (views.get(f"gaps of {whose} disposition", {}) for whose in ("own", "another"))
    lost = {name: own[name] - other[name] for name in own if name in other}
    far = [f"{name}: {loss:.4f}" for name, loss in lost.items() if abs(loss) > MOST_TOLD_BY_GAPS]
    if not far:
        return []
    words = f"over {MOST_TOLD_BY_GAPS} of ROC-AUC is lost with the gaps of another disposition"
    return [f"What is missing still tells who was followed up: {words} ({'; '.join(far)})."]


def open_sentences(backtests: Mapping[str, Any] | None) -> list[str]:
    """What the answers for open signals turned out to be worth, mission by mission."""
    found = []
    for mission, result in (backtests or {}).items():
        opened = result.get("open") or {}
        if opened.get("covered") is None:
            continue
        right = opened.get("single_right")
        single = "" if right is None else f", and a single answer was right in {100 * right:.0f} %"
        found.append(
            f"{mission}: of {result['decided']:,} signals that were open and have been decided "
            f"since, the set at 90 % held what became of them in {100 * opened['covered']:.0f} "
            f"%{single}."
        )
    return found


def band_rows(backtests: Mapping[str, Any] | None) -> list[tuple[str, str, int, float, float]]:
    """(mission, band of the open score, signals, mean score, share that became planets)."""
    return [
        (
            mission,
            f"{band['lower']:.2f}–{band['upper']:.2f}",
            int(band["signals"]),
            float(band["said"]),
            float(band["observed"]),
        )
        for mission, result in (backtests or {}).items()
        for band in (result.get("open") or {}).get("bands", [])
    ]
