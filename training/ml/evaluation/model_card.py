"""The model card of a classifier, written from its metadata and nothing else."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any, Final

from training.ml.evaluation.card_answers import (
    open_signals_section,
    prospective_section,
    shortfalls_section,
    subsets_section,
    sweeps_section,
)
from training.ml.evaluation.markdown import number, pooled_first, spread, table
from training.ml.given import FULL_NAMES
from training.ml.schema import FEATURES, Group

DOIS: Final = {
    "Kepler": (
        "NASA Exoplanet Archive, cumulative KOI table, "
        "[DOI 10.26133/NEA4](https://doi.org/10.26133/NEA4)"
    ),
    "TESS": (
        "ExoFOP / NASA Exoplanet Archive, TESS Objects of Interest, "
        "[DOI 10.26134/ExoFOP5](https://doi.org/10.26134/ExoFOP5)"
    ),
    "K2": (
        "NASA Exoplanet Archive, K2 Planets and Candidates, "
        "[DOI 10.26133/NEA19](https://doi.org/10.26133/NEA19)"
    ),
}
SWEEPS: Final = "images/sweeps.svg"
"""Beside the card: planet scores of well-known signals along single quantities."""
REGIMES: Final = {
    "all": "all columns",
    "default": "the archive's default columns",
    "six": "six parameters (period, duration, depth, planet radius, Teff, stellar radius)",
}


def render(metadata: Mapping[str, Any], sweeps: str = "") -> str:
    """The card as Markdown. Sections whose figures the metadata does not hold are left out.

    ``sweeps`` is the address of the drawing of sweeps, where there is one.
    """
    sections = [
        _head(metadata),
        shortfalls_section(metadata),
        _data(metadata),
        _protocol(metadata),
        _held_out(metadata),
        _procedure(metadata.get("evaluation")),
        subsets_section(metadata),
        sweeps_section(sweeps, metadata.get("sweeps")),
        prospective_section(metadata.get("backtests")),
        open_signals_section(metadata.get("backtests")),
        _ablation(metadata.get("evaluation")),
        _absent(metadata),
        _importance(metadata),
        _limits(),
        _reproduce(metadata),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _head(metadata: Mapping[str, Any]) -> str:
    return f"""# Model card

Classifier made on {metadata["created"][:10]} with seed {metadata["seed"]}. This page is generated from the classifier's
own metadata (`manage.py model_card`); no figure in it is typed by hand.

**Intended use.** To rank and sort transit signals of Kepler, TESS and K2 into CONFIRMED, CANDIDATE and FALSE POSITIVE,
with a calibrated probability, a prediction set and the reasons, as help for people who decide about follow-up.

**Out of scope.** It does not validate planets: a probability near 1 is not a confirmation. It looks at catalogue
parameters, not at light curves or images. Signals of other missions get an answer carried over from these three, with
a warning. Rows that are measured in light curves are answered as the archive's rows, the only ones it has learnt
from: `docs/curves.md` tells what that is worth. It says nothing about how common planets are."""


def _data(metadata: Mapping[str, Any]) -> str:
    rows = [
        [
            table["mission"],
            f"`{table['file']}`",
            table["date"],
            f"{table['rows']:,}",
            f"{table['signals']:,}",
            f"`{table['sha256'][:12]}…`",
            DOIS.get(table["mission"], "–"),
        ]
        for table in metadata["tables"]
    ]
    counts = ", ".join(f"{count:,} {name}" for name, count in metadata["dispositions"].items())
    tables = table(["mission", "file", "state of", "rows", "signals", "SHA-256", "source"], rows)
    return f"""## Data

{tables}

{metadata["signals"]:,} dispositioned signals on {metadata["stars"]:,} stars: {counts}. Units, dispositions and what is
left out because it would give the answer away: [data.md](data.md). Inputs: {_inputs()}."""


def _inputs() -> str:
    counts = {group: sum(feature.group is group for feature in FEATURES) for group in Group}
    return ", ".join(f"{count} {group}" for group, count in counts.items()) + ", and the mission"


def _protocol(metadata: Mapping[str, Any]) -> str:
    protocol, parameters = metadata["metrics"]["protocol"], metadata["parameters"]
    chosen = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in parameters.items())
    return f"""## Protocol

Stars, not rows, are divided: signals of one star, and of stars within 5 arcsec in different missions, always stand on
the same side. {protocol["test_signals"]:,} signals on {protocol["test_stars"]:,} stars were set aside and touched by
nothing but the last evaluation. Of the rest ({protocol["development_signals"]:,} signals,
{protocol["development_stars"]:,} stars), {protocol["folds"]} folds by star chose when to stop boosting and
gave the out-of-fold scores that calibrate probabilities and prediction sets; the figures for a fold come from a
calibration that never saw it. Masking and SMOTE act in training folds only. The classifier in service was then fitted
once more on all stars with the same parameters: {chosen}.

Two boosters answer as one. The first is fitted on decided signals alone, with a candidate that its own table doubts
(TESS's APC) as a weak false positive; it decides between CONFIRMED and FALSE POSITIVE, hence the planet score. The second
starts from there and decides how probable CANDIDATE is. Only it sees a star's distance from the ecliptic, which says how
long TESS looked: that tells what is still open, and not what is a planet.

A third answers for signals that are still open. It is fitted on decided signals without the planets that were known
before TESS looked (KP), which open signals are not like, with several draws whose mean counts. What its score means is
learnt from decided signals, each counted by how much it is like an open one (a third to three times), and with planets
and false positives equally likely before the signal is looked at. A fourth, which sees only
what means the same to every survey (ratios, company, the kind of star, relative uncertainties of the fit), answers for
missions that were never learnt from. In all of them a duration beyond the expected one and a radius beyond that of any
planet, or below that of any known, can only lower the score.{_full(parameters)}"""


def _full(parameters: Mapping[str, Any]) -> str:
    if not parameters.get("full_rounds"):  # a version that was made before there was such a booster
        return ""
    return f"""

For Kepler's signals of which nearly everything is known a booster of their own takes the place of the second: one set of
trees for any inputs tells less where all are given. It starts from the planet score, too, and learns from Kepler's vetted
signals alone. All of the answer is its own where none of {len(FULL_NAMES)} inputs is missing (those of Kepler's table, and what is
around a signal), a twelfth less with each that is, and none without any vetting measurement."""


def _metric_rows(blocks: Mapping[str, Mapping[str, Any]]) -> list[list[str]]:
    return [
        [
            mission,
            REGIMES[regime].split(" (")[0],
            f"{block['signals']:,}",
            number(block["accuracy"]),
            number(block["macro_f1"]),
            number(block["roc_auc"], 4),
            number(block["calibration_error"]),
            number(block["prediction_sets"]["coverage"]),
            number(block["prediction_sets"]["mean_size"], 2),
        ]
        for regime, missions in blocks.items()
        for mission, block in missions.items()
    ]


HEAD: Final = (
    "mission",
    "given",
    "signals",
    "accuracy",
    "macro-F1",
    "ROC-AUC",
    "calibration error",
    "coverage at 90 %",
    "mean set size",
)


def _held_out(metadata: Mapping[str, Any]) -> str:
    metrics = metadata["metrics"]
    return f"""## This classifier on stars it had not seen

ROC-AUC is that of the planet score, P(CONFIRMED) / (P(CONFIRMED) + P(FALSE POSITIVE)), on decided signals. The
calibration error is that of the top disposition in 15 bins.

Cross-validated on the development stars:

{table(HEAD, _metric_rows(metrics["cross_validation"]))}

On the untouched test stars, by the classifier as it was before the last fit:

{table(HEAD, _metric_rows(metrics["test"]))}

Per disposition, cross-validated, all columns:

{table(["mission", "disposition", "signals", "precision", "recall", "F1", "ROC-AUC"], _disposition_rows(metrics))}"""


def _disposition_rows(metrics: Mapping[str, Any]) -> list[list[str]]:
    return [
        [
            mission,
            name,
            f"{row['signals']:,}",
            number(row["precision"]),
            number(row["recall"]),
            number(row["f1"]),
            number(row["roc_auc"]),
        ]
        for mission, block in metrics["cross_validation"]["all"].items()
        for name, row in block["dispositions"].items()
    ]


def _procedure(evaluation: Mapping[str, Any] | None) -> str:
    if not evaluation:
        return ""
    parts = (_over_seeds(evaluation), _one_mission(evaluation), _transfer(evaluation))
    return "\n\n".join(part for part in parts if part)


def _over_seeds(evaluation: Mapping[str, Any]) -> str:
    rows = [
        [
            mission,
            REGIMES[regime].split(" (")[0],
            f"{block['signals']:,}",
            *(
                spread(block, name)
                for name in ("accuracy", "macro_f1", "roc_auc", "calibration_error")
            ),
            number(block["prediction_sets"]["coverage"]),
            number(evaluation.get("specialists", {}).get(regime, {}).get(mission), 4),
        ]
        for regime, missions in evaluation["figures"].items()
        for mission, block in pooled_first(missions)
    ]
    head = [
        "mission",
        "given",
        "signals",
        "accuracy",
        "macro-F1",
        "ROC-AUC",
        "calibration error",
        "coverage",
        "specialist",
    ]
    views = evaluation["views"]
    gaps = [
        [
            mission,
            number(views["gaps of own disposition"].get(mission), 4),
            number(views["gaps of another disposition"].get(mission), 4),
        ]
        for mission, _ in pooled_first(views["gaps of own disposition"])
    ]
    seeds = ", ".join(map(str, evaluation["seeds"]))
    return f"""## The training procedure, over seeds

Five folds by star over all {evaluation["signals"]:,} signals; mean ± standard deviation over seeds {seeds}. The last
column is the ROC-AUC of a classifier trained on just those columns: what it costs that one classifier serves all inputs.

{table(head, rows)}

**Does it learn who gets followed up?** Each row was given the gaps of a random row of its own disposition, then of
another disposition. ROC-AUC:

{table(["mission", "gaps of own disposition", "gaps of another"], gaps)}"""


def _one_mission(evaluation: Mapping[str, Any]) -> str:
    if "one_mission" not in evaluation:
        return ""
    alone, five = evaluation["one_mission"]["K2"], evaluation["views"]["five"]
    return f"""**K2, where missing values tell the most.** With only period, duration, depth, Teff and
stellar radius given to every row, ROC-AUC {number(five.get("K2"), 4)}; a classifier trained on K2
alone reaches {number(alone["five"], 4)} on the same inputs (with all its columns
{number(alone["all"], 4)})."""


def _transfer(evaluation: Mapping[str, Any]) -> str:
    if "transfer" not in evaluation:
        return ""
    rows = [[words, number(value, 3)] for words, value in evaluation["transfer"].items()]
    return f"""**A mission never seen** (shared stars dropped), ROC-AUC:

{table(["trained on → judged on", "ROC-AUC"], rows)}"""


def _ablation(evaluation: Mapping[str, Any] | None) -> str:
    if not evaluation or "ablation" not in evaluation:
        return ""
    names = {"smote": "SMOTE (default)", "weights": "class weights", "none": "neither"}
    rows = [
        [
            names[balance],
            mission,
            *(
                number(block[name]["mean"], 4) if name in block else "–"
                for name in ("accuracy", "macro_f1", "roc_auc", "calibration_error")
            ),
        ]
        for balance in names
        for mission, block in pooled_first(evaluation["ablation"].get(balance, {}))
    ]
    return f"""## Ablation: SMOTE, class weights, neither

One seed, five folds by star, all columns, after calibration.

{table(["balance", "mission", "accuracy", "macro-F1", "ROC-AUC", "calibration error"], rows)}

The bundled classifier uses SMOTE, as the architecture promises: once probabilities are calibrated, the three differ by
no more than the seeds do, so there is no reason to depart from it. There are no missing-value indicators: they learn how
well a star was followed up (see the gaps above)."""


def _absent(metadata: Mapping[str, Any]) -> str:
    rows = [
        [
            row["group"],
            row["mission"],
            number(row["accuracy_loss"]),
            number(row["macro_f1_loss"]),
            number(row["roc_auc_loss"], 4),
        ]
        for row in metadata["metrics"]["absent_cost"]
    ]
    return f"""## What absent inputs cost

Loss on the test stars when a group of inputs is taken away from every signal (its required members stay).

{table(["group taken away", "mission", "accuracy", "macro-F1", "ROC-AUC"], rows)}"""


def _importance(metadata: Mapping[str, Any]) -> str:
    rows = [[row["label"], f"{row['value']:.3f}"] for row in metadata["metrics"]["importance"][:20]]
    return f"""## What it looks at

Mean absolute SHAP contribution to the predicted disposition, on a fixed sample of test stars; the twenty largest.

{table(["quantity", "mean |SHAP|"], rows)}"""


def _limits() -> str:
    return """## Limits and known biases

- The recipe (features, masking, a handful of boosting parameters) was chosen by five folds over all stars, so the test
  stars are untouched by fitting, early stopping, calibration and thresholds, but not by the choice of the recipe.
- CONFIRMED means that somebody confirmed it. Bright, nearby stars and short periods are followed up more, so a CANDIDATE
  is often a planet that nobody had time for. The planet score leaves CANDIDATE out for that reason.
- The mission is an input, because the missions disposition differently: a TESS signal that is hard to decide stays a
  CANDIDATE for years, a Kepler one was decided by a vetting pipeline with the same measurements that stand in its table.
- Several dispositions of the KOI table were made by the Robovetter from centroid and odd–even measurements. With "all
  columns" the classifier partly learns the Robovetter's rules, which is why those figures are so high.
- K2's table holds one row per publication. What is missing there tells much about the outcome; random gaps in training
  take most of that hint away, not all of it.
- Coverage of prediction sets holds for signals like those of the tables, per mission and disposition; it does not hold
  for signals chosen by follow-up (see above) or for missions never seen.
- Long periods (few transits), grazing transits and evolved stars are rare in the tables: probabilities there rest on few
  signals, and the page says when a value lies outside of what was seen."""


def _reproduce(metadata: Mapping[str, Any]) -> str:
    options = {"Kepler": "--kepler", "TESS": "--tess", "K2": "--k2"}
    tables = " ".join(
        f"{options[t['mission']]} {shlex.quote(t['file'])}"
        for t in metadata["tables"]
        if t["mission"] in options
    )
    libraries = ", ".join(f"{name} {version}" for name, version in metadata["libraries"].items())
    return f"""## Reproduce

    python manage.py train_model {tables} --seed {metadata["seed"]}

with the files named above. Python {metadata["python"]}, {libraries}. The same seed, tables and libraries give the same
answers on any number of threads."""
