"""What it costs to say how firm a verdict is: 200 draws over an explained prediction, in CPU time
and as a ratio within one run; and how long the what-if answer takes.

    python -m benchmarks.firmness [--keep]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

AT_MOST_RATIO = 1.3
AT_MOST_MILLISECONDS = 100
ROUNDS = 25
RESULT = Path(__file__).parent / "results" / "firmness.json"


def cpu_milliseconds(work: Callable[[], object]) -> float:
    """The minimum over rounds: what the work itself takes."""
    found = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        found.append(1000 * (time.process_time() - start))
    return min(found)


def median_milliseconds(work: Callable[[], object]) -> float:
    found = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        found.append(1000 * (time.perf_counter() - start))
    return statistics.median(found)


def measure() -> dict[str, Any]:
    from django.contrib.auth.models import User
    from django.test import Client

    from predictions.pages.examples import EXAMPLES
    from predictions.signals.services import prediction_create, signal_classify
    from predictions.signals.variations import drawn_firmness
    from training.ml.explanations.explain import answer_and_explain
    from training.ml.inputs import parse_signal
    from training.models import ModelVersion

    classifier = ModelVersion.objects.serving().classifier
    example = EXAMPLES[0]
    raw = {name: float(value) for name, value in example.values.items()}
    rows = parse_signal({"mission": str(example.mission), **raw})
    explained = cpu_milliseconds(lambda: answer_and_explain(classifier, rows))
    firm = cpu_milliseconds(lambda: drawn_firmness(classifier, rows, "CONFIRMED"))
    user = User.objects.create_user("measured")
    verdict = signal_classify(rows, counted=False)
    prediction = prediction_create(user=user, raw=raw, verdict=verdict)
    client = Client()
    client.force_login(user)
    address = f"{prediction.get_absolute_url()}what-if/"
    asked = {"transit_depth": "170", "orbital_period": "0.9"}
    what_if = median_milliseconds(
        lambda: client.get(address, asked, headers={"X-Fragment": "answer"})
    )
    page = median_milliseconds(lambda: client.get(prediction.get_absolute_url()))
    return {
        "explained_cpu_milliseconds": round(explained, 2),
        "draws_cpu_milliseconds": round(firm, 2),
        "draws_over_explained": round(firm / explained, 2),
        "both_over_explained": round((explained + firm) / explained, 2),
        "at_most_draws_over_explained": AT_MOST_RATIO,
        "what_if_milliseconds": round(what_if, 1),
        "prediction_page_milliseconds": round(page, 1),
        "at_most_milliseconds": AT_MOST_MILLISECONDS,
        "kept": firm / explained <= AT_MOST_RATIO and what_if <= AT_MOST_MILLISECONDS,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help=f"write {RESULT.name}")
    keep = parser.parse_args().keep
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DATA_DIR": folder, "OMP_NUM_THREADS": "1", "ALLOWED_HOSTS": "testserver"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "exoplanet_site.settings"
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        result = measure()
    print(json.dumps(result, indent=1))
    if keep:
        RESULT.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
