"""Sections of a model card about answers: how little may be given, what became of open signals,
and how a score changes along one quantity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from training.ml.evaluation.markdown import number, table
from training.ml.evaluation.subsets import (
    SubsetRow,
    band_rows,
    gap_sentences,
    open_sentences,
    shortfalls,
    subset_rows,
)
from training.ml.schema import DISPOSITIONS


def prospective_section(backtests: Mapping[str, Any] | None) -> str:
    if not backtests:
        return ""
    rows = [
        [
            mission,
            f"`{result['then']['file']}`",
            f"`{result['now']['file']}`",
            f"{result['decided']:,}",
            f"{result['confirmed']:,}",
            f"{number(result['roc_auc'])} "
            f"({number(result['roc_auc_interval'][0])}–{number(result['roc_auc_interval'][1])})",
            number(result["same_day_roc_auc"]),
            number(result["prediction_sets"]["coverage"]),
        ]
        for mission, result in backtests.items()
    ]
    head = [
        "mission",
        "trained on",
        "outcomes from",
        "decided since",
        "confirmed",
        "ROC-AUC (95 % by star)",
        "ROC-AUC, decided then",
        "coverage",
    ]
    return f"""## Looking forward in time

Trained on a table as it stood, judged on the signals that were open then and have been decided
since, each by a classifier that never saw its star.

{table(head, rows)}

These figures are lower than the cross-validated ones: what is decided late is what was hard to
decide, and follow-up picks its targets. They are the better guide to what happens to a signal that
is open today. Sets over three dispositions are calibrated on all signals of a day; among signals
that were open and got decided, CANDIDATE is never the outcome, so their coverage here is lower and
not the promised 90 %. The set over planet and false positive (below) is the one for open
signals."""


def _rows_of(metadata: Mapping[str, Any]) -> list[SubsetRow]:
    return subset_rows(metadata.get("metrics", {}), metadata.get("evaluation"))


def shortfalls_section(metadata: Mapping[str, Any]) -> str:
    found = [*shortfalls(_rows_of(metadata)), *gap_sentences(metadata.get("evaluation"))]
    if not found:
        return ""
    return "\n".join(["## Where it falls short", "", *(f"- {sentence}" for sentence in found)])


def subsets_section(metadata: Mapping[str, Any]) -> str:
    rows = _rows_of(metadata)
    if not rows:
        return ""
    head = [
        *("given", "mission", *map(str, DISPOSITIONS), "members", "calibration error"),
        *("of the planet score", "ROC-AUC", "lacks", "open: planet", "open: false positive"),
        *("open: members", "open: calibration error"),
    ]
    lines = [
        [
            row.title,
            row.mission,
            *(number(share) for share in row.coverage),
            number(row.mean_size, 2),
            number(row.calibration_error),
            number(row.planet_calibration_error),
            number(row.roc_auc, 4),
            number(row.lacks, 4),
            *map(number, row.open_coverage),
            number(row.open_size, 2),
            number(row.open_calibration_error),
        ]
        for row in rows
    ]
    return f"""## By how much is given

Out of fold, by star: how often the set at 90 % holds the true disposition, for each of them; how
many members it has; the calibration errors of the probabilities and of the planet score; the
ROC-AUC of the planet score, and what it lacks to a classifier trained on these columns only. Then
the set over planet and false positive for open signals, on decided ones, each counted by how much
it is like an open one, planets as much as false positives. “other” is a mission never seen: its
sets are the widest.

{table(head, lines)}"""


def sweeps_section(address: str, facts: Mapping[str, Any] | None) -> str:
    if not address:
        return ""
    parts = [
        "## Along one quantity",
        """The planet score of well-known signals while one quantity walks through the percentiles
of its mission and all others stay as published; the dot is the signal itself.""",
        f"![Planet scores of well-known signals along each of six quantities]({address})",
        _jumps(facts) if facts else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _jumps(facts: Mapping[str, Any]) -> str:
    jumps = facts["jumps"]
    if not jumps:
        return (
            f"None of the {facts['sweeps']} curves jumps by over 0.1 from percentile to percentile."
        )
    worst = max(jumps, key=lambda jump: jump["size"])
    counts = Counter(jump["reason"] for jump in jumps)
    rows = [[reason or "none that physics gives", str(n)] for reason, n in counts.most_common()]
    return f"""{len(jumps)} of {facts["sweeps"]} curves jump by over 0.1 somewhere from one
percentile to the next; the largest jump is {number(worst["size"], 2)} ({worst["signal"]},
{worst["label"].lower()}). One quantity alone is moved, so that inputs contradict each other on the
way, as no table's do. What changed most at the largest jump of each curve, by TreeSHAP:

{table(["reason", "curves"], rows)}"""


def open_signals_section(backtests: Mapping[str, Any] | None) -> str:
    sentences = open_sentences(backtests)
    if not sentences:
        return ""
    head = ["mission", "open score", "signals", "said", "became planets"]
    bands = [
        [mission, band, f"{signals:,}", number(said, 2), number(observed, 2)]
        for mission, band, signals, said, observed in band_rows(backtests)
    ]
    lines = "\n".join(f"- {sentence}" for sentence in sentences)
    return f"""## Open signals: is it a planet?

{lines}

The open score takes planet and false positive to be equally likely before the signal is looked at.
Of the open signals that were decided since more were planets ({_shares(backtests)}), so
that more of a band became planets than its score says:

{table(head, bands)}"""


def _shares(backtests: Mapping[str, Any] | None) -> str:
    found = [
        f"{mission}: {100 * result['confirmed'] / result['decided']:.0f} %"
        for mission, result in (backtests or {}).items()
        if result.get("confirmed") is not None and result.get("decided")
    ]
    return ", ".join(found) or "by how many is not kept"
