"""How many wrong labels the review queue finds: ``python -m benchmarks.review [--json]``.

In the KOI and TOI tables 5 % of the decided labels are exchanged, CONFIRMED for FALSE POSITIVE and
the other way round. A training as the site does it is cross-validated on these labels, in folds by
star; its out-of-fold answers become the scores of a catalogue that lists the same labels, and the
site makes its queue of them. Counted is how many of the exchanged labels stand in the first tenth:
of the queue itself; and, counted from its head, of all signals of the set. SQLite in a folder of
its own. A seed takes about two minutes of CPU; ``--seeds`` says which.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.figures import report
from benchmarks.pages import set_up
from benchmarks.real_tables import widest_tables
from training.ml.schema import Mission

SHARE: Final = 0.05
FIRST: Final = 0.1
AT_LEAST: Final = 0.6
MISSIONS: Final = (Mission.KEPLER, Mission.TESS)
CANDIDATE: Final = 1  # of DISPOSITIONS


def fill() -> None:
    """The catalogue as the archive has it."""
    from predictions.catalogue.services import charge_create, table_execute
    from training.datasets.services import dataset_upload

    for mission in MISSIONS:
        path = widest_tables()[mission]
        with path.open("rb") as file:
            dataset = dataset_upload(file=file, name=path.name, mission=mission).dataset
        table_execute(charge_create(dataset=dataset, user=None).pk)


def training_set() -> Any:
    from training.ml.fitting.training_set import gather
    from training.ml.tables.data_loader import read_signals

    paths = widest_tables()
    return gather([read_signals(paths[mission], mission=mission) for mission in MISSIONS])


def exchanged(truth: Any, seed: int) -> tuple[Any, Any]:
    """The labels with some of them wrong, and which."""
    random = np.random.default_rng(seed)
    decided = np.flatnonzero(truth != CANDIDATE)
    wrong = random.choice(decided, round(SHARE * len(decided)), replace=False)
    labels = truth.copy()
    labels[wrong] = 2 - labels[wrong]
    return labels, wrong


def answers_of(signals: Any, labels: Any, seed: int) -> Any:
    """What the training says of each signal while it has not seen its star."""
    from training.ml.fitting.cross_validation import cross_validate
    from training.ml.fitting.judging import judge_out_of_fold
    from training.ml.fitting.parameters import Parameters
    from training.ml.given import Regime

    told = replace(signals, truth=labels)
    out_of_fold = cross_validate(told, Parameters(), seed=seed, threads=1)
    return judge_out_of_fold(told, out_of_fold).answers[Regime.ALL]


def into_catalogue(signals: Any, labels: Any, answers: Any) -> list[int]:
    """Labels and answers in place of what the catalogue holds; the signal's key per row of the
    set."""
    from django.db import transaction
    from django.utils import timezone

    from predictions.catalogue.models import Score, Signal
    from predictions.catalogue.scoring import _columns
    from training.ml.answers import hash_keys
    from training.ml.libraries import pandas as pd
    from training.ml.schema import DISPOSITIONS
    from training.models import ModelVersion

    version = ModelVersion.objects.active()
    listed = list(Signal.objects.order_by("pk"))
    names = pd.Series([f"{one.mission} {one.listed_name}" for one in listed], dtype="str")
    of_hash = dict(zip(hash_keys(names).tolist(), listed, strict=True))
    found = [of_hash[key] for key in signals.signals.tolist()]
    columns = _columns(replace(answers, out_of_fold=np.ones(len(found), bool)), labels >= 0)
    now = timezone.now()
    for signal, label, values in zip(found, labels.tolist(), columns, strict=True):
        signal.disposition, signal.scored_by = str(DISPOSITIONS[label]), version
        signal.planet_score, signal.open_score = values["planet_score"], values["open_score"]
        signal.basis = values["basis"]
    with transaction.atomic():
        Score.objects.all().delete()
        Score.objects.bulk_create(
            [
                Score(signal=signal, version=version, made_at=now, **values)
                for signal, values in zip(found, columns, strict=True)
            ]
        )
        copied = ("disposition", "scored_by", "planet_score", "open_score", "basis")
        Signal.objects.bulk_update(found, copied, batch_size=500)
    return [signal.pk for signal in found]


def found_by_queue(keys: Sequence[int], wrong: Any, missions: Any) -> dict[str, Any]:
    """Shares of the exchanged labels in the first places of the queue."""
    from predictions.reviewing.making import queue_make
    from predictions.reviewing.models import ReviewItem
    from training.ml.reviewing.worth import Reason
    from training.models import ModelVersion

    queue_make(ModelVersion.objects.active())
    order = list(ReviewItem.objects.in_order().values_list("signal_id", flat=True))
    suspected = set(
        ReviewItem.objects.of_reason(Reason.SUSPECTED_LABEL).values_list("signal_id", flat=True)
    )
    exchanged_keys = {keys[row] for row in wrong.tolist()}

    def share(places: int) -> float:
        return round(len(exchanged_keys & set(order[:places])) / len(exchanged_keys), 3)

    by_mission = {}
    first = set(order[: round(FIRST * len(order))])
    for number, mission in enumerate(MISSIONS):
        own = {keys[row] for row in wrong.tolist() if missions[row] == number}
        by_mission[str(mission)] = round(len(own & first) / len(own), 3)
    return {
        "exchanged": len(exchanged_keys),
        "queue": len(order),
        "found_in_first_tenth_of_the_queue": share(round(FIRST * len(order))),
        "the_same_by_mission": by_mission,
        "found_in_first_tenth_of_all_signals": share(round(FIRST * len(keys))),
        "suspected": len(suspected),
        "of_these_exchanged": len(suspected & exchanged_keys),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    options = parser.parse_args()
    runs: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        set_up(Path(folder))
        fill()
        signals = training_set()
        for seed in options.seeds:
            start = time.process_time()
            labels, wrong = exchanged(signals.truth, seed)
            keys = into_catalogue(signals, labels, answers_of(signals, labels, seed))
            found = found_by_queue(keys, wrong, signals.missions)
            runs[f"seed {seed}"] = found | {"cpu_seconds": round(time.process_time() - start)}
            print(f"seed {seed}: {found}", file=sys.stderr, flush=True)  # more may take long
    shares = [run["found_in_first_tenth_of_the_queue"] for run in runs.values()]
    figures = {
        "signals": len(signals),
        "exchanged_share_of_decided": SHARE,
        "at_least": AT_LEAST,
        "least_found": min(shares),
        "kept": "yes" if min(shares) >= AT_LEAST else "no",
        **runs,
    }
    report(figures, as_json=options.json)


if __name__ == "__main__":
    main()
