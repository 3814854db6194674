"""Judging the procedure on the command line,
and keeping the scorecards where the pages find them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from training.ml.schema import Mission

BACKTESTS: Final = "backtests"


def procedure_evaluate(
    *,
    paths: Mapping[Mission, Path],
    seeds: Sequence[int],
    threads: int,
    report: Callable[[str], None],
) -> dict[str, Any]:
    """All figures of the training procedure on these tables; nothing is stored."""
    from training.ml.evaluation.protocol import evaluate_procedure
    from training.ml.fitting.lineage import read_tables
    from training.ml.fitting.parameters import Parameters
    from training.ml.fitting.training_set import gather

    tables, facts = read_tables(paths)
    figures = evaluate_procedure(
        gather(tables, facts), Parameters(), seeds=seeds, threads=threads, report=report
    )
    return {"tables": [asdict(fact) for fact in facts], **figures}


def backtest_run(
    *,
    then: Path,
    now: Path,
    others: Sequence[Path],
    seed: int,
    threads: int,
    bundled: bool = False,
) -> dict[str, Any]:
    """Run a prospective test and store its scorecard through the storage API. ``bundled``: what was
    said of the signals goes beside the bundled classifier, too."""
    from training.ml.evaluation.backtest import look_back
    from training.ml.fitting.bundling import bundle_open_then
    from training.ml.fitting.lineage import read_with_facts

    older, older_facts = read_with_facts(then)
    newer, newer_facts = read_with_facts(now, older.mission)
    further = [read_with_facts(path) for path in others]
    tables = [table for table, _ in further]
    result, said = look_back(older, newer, tables, seed=seed, threads=threads)
    if bundled:
        bundle_open_then(replace(said, then=older_facts.date, now=newer_facts.date))
    result |= {
        "mission": str(older.mission),
        "then": asdict(older_facts),
        "now": asdict(newer_facts),
        "with": [asdict(facts) for _, facts in further],
        "created": timezone.now().isoformat(timespec="seconds"),
    }
    return backtest_store(result)


def backtest_store(result: dict[str, Any]) -> dict[str, Any]:
    """Keep a scorecard; the newest of each mission is what the metrics page shows."""
    stamp = result["created"].replace(":", "-").replace("+00-00", "Z")
    name = f"{BACKTESTS}/{result['mission']}-{stamp}.json"
    stored = default_storage.save(name, ContentFile(json.dumps(result, indent=1).encode()))
    return {**result, "stored_as": stored}


def backtests_of(metadata: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """A version's own scorecards by mission; one that was stored on this site takes its place."""
    return {**(metadata.get("backtests") or {}), **backtests_latest()}


def backtests_latest() -> dict[str, dict[str, Any]]:
    """The newest stored scorecard of each mission."""
    latest: dict[str, dict[str, Any]] = {}
    try:
        names = default_storage.listdir(BACKTESTS)[1]
    except FileNotFoundError:  # on a disk, until the first one; an object store has no folders
        return latest
    for name in sorted(names):
        with default_storage.open(f"{BACKTESTS}/{name}") as file:
            result = json.load(file)
        if result["created"] >= latest.get(result["mission"], result)["created"]:
            latest[result["mission"]] = result
    return latest
