"""What trainings, comparisons and validations leave behind as JSON: stored with versions and
datasets, sent to programs, read by pages.

The OpenAPI document is made from these very types.
"""

from __future__ import annotations

from typing import Annotated, Final, NotRequired, TypedDict

from training.ml.json_notes import Count, DispositionWord, Note, Text

# --- Figures of a version -------------------------------------------------------------------------


class DispositionFigures(TypedDict):
    signals: Count
    precision: float
    recall: float
    f1: float
    roc_auc: float | None
    pr_auc: float | None


class Reliability(TypedDict):
    lower: float
    upper: float
    said: float
    observed: float
    signals: Count


class Coverage(TypedDict):
    coverage: float
    mean_size: float
    empty: float
    dispositions: dict[str, float | None]


class Headlines(TypedDict):
    signals: Count
    accuracy: float
    macro_f1: float
    roc_auc: Annotated[float | None, Note("Of the planet score on decided signals.")]
    calibration_error: float


class MetricsBlock(TypedDict):
    signals: Count
    accuracy: float
    macro_f1: float
    roc_auc: Annotated[float | None, Note("Of the planet score on decided signals.")]
    pr_auc: float | None
    log_loss: float
    calibration_error: float
    confusion: list[list[int]]
    reliability: list[Reliability]
    dispositions: dict[str, DispositionFigures]
    prediction_sets: NotRequired[Coverage]


class Spread(TypedDict):
    mean: float
    std: float


class FirmnessBin(TypedDict):
    lower: float
    upper: float
    signals: Count
    accuracy: Annotated[float | None, Note("None where no signal is in it.")]


class FirmnessFigures(TypedDict):
    draws: Count
    signals: Count
    bins: Annotated[list[FirmnessBin], Note("By the share of draws that keep the verdict.")]
    fragile: FirmnessBin
    firm: FirmnessBin


class AbsentCost(TypedDict):
    group: str
    mission: str
    signals: Count
    accuracy_loss: float
    macro_f1_loss: float
    roc_auc_loss: float | None


class InputGain(TypedDict):
    """What one bundle of inputs adds for one mission; gains above 0 are improvements."""

    start: Annotated[
        str,
        Note(
            "What was known before: “three” needed numbers, or “six”: these with planet radius,"
            " stellar temperature and stellar radius."
        ),
    ]
    mission: str
    bundle: Annotated[str, Note("Inputs that were given together.")]
    signals: Count
    accuracy: float
    accuracy_gain: float
    log_loss_gain: Annotated[float, Note("In nats.")]
    roc_auc_gain: float | None


class Importance(TypedDict):
    feature: str
    label: str
    value: float


OPEN_GROUPS: Final = ("planet", "false positive")
"""What open signals turned out to be. Names of figures: what is kept as JSON has no order."""


class OpenFigures(TypedDict):
    """Of the answers for open signals, on decided ones that stand for them."""

    signals: Count
    coverage: Annotated[dict[str, float | None], Note("“planet” and “false positive” → share.")]
    mean_size: float
    calibration_error: float
    bands: Annotated[list[Reliability], Note("By fifths of the open score.")]


class SubsetFigures(TypedDict):
    signals: Count
    coverage: Annotated[dict[str, float | None], Note("Disposition → share in the set.")]
    mean_size: float
    calibration_error: float
    planet_calibration_error: Annotated[float, Note("Of the planet score on decided signals.")]
    roc_auc: float | None
    open: OpenFigures | None


class Protocol(TypedDict):
    folds: Count
    seed: int
    set_level: float
    development_signals: Count
    development_stars: Count
    test_signals: Count
    test_stars: Count
    refitted_on_all_stars: bool


class VersionMetrics(TypedDict):
    """Empty for a version that was not evaluated."""

    protocol: NotRequired[Protocol]
    cross_validation: NotRequired[
        Annotated[
            dict[str, dict[str, MetricsBlock]],
            Note("What is given → mission or “pooled” → figures, by folds of stars."),
        ]
    ]
    subsets: NotRequired[
        Annotated[
            dict[str, dict[str, SubsetFigures]],
            Note("What is given → mission, “other” among them → figures, by folds of stars."),
        ]
    ]
    fold_spread: NotRequired[dict[str, dict[str, Spread]]]
    test: NotRequired[
        Annotated[
            dict[str, dict[str, MetricsBlock]],
            Note("The same on stars that nothing had touched."),
        ]
    ]
    firmness: NotRequired[
        Annotated[
            FirmnessFigures,
            Note(
                "Accuracy by how many draws within the stated uncertainties keep the verdict,"
                " out of fold."
            ),
        ]
    ]
    absent_cost: NotRequired[list[AbsentCost]]
    input_gain: NotRequired[list[InputGain]]
    importance: NotRequired[list[Importance]]


# --- Two versions compared ------------------------------------------------------------------------


class ComparedFigureJson(TypedDict):
    name: str
    label: str
    first: float
    second: float
    difference: Annotated[float, Note("second − first.")]
    low: Annotated[float, Note("Of the 95 % interval of the difference.")]
    high: float
    verdict: Annotated[str, Note("better, worse or same.")]


class ChangeJson(TypedDict):
    key: Annotated[str, Note("Hash of mission and signal, in hexadecimal digits.")]
    mission: str
    truth: DispositionWord
    first: DispositionWord
    second: DispositionWord
    first_probability: float
    second_probability: float


class ComparisonJson(TypedDict):
    signals: Annotated[
        int, Note("With one disposition in the tables of both, by which both are judged.")
    ]
    stars: Count
    relabelled: Annotated[
        int,
        Note("Shared signals with another disposition in the other's tables; they judge neither."),
    ]
    missions_lost: Annotated[
        list[str], Note("Missions that the other version has learnt from and this one never.")
    ]
    groups: Annotated[dict[str, list[ComparedFigureJson]], Note("“pooled”, and each mission.")]
    changes: Annotated[
        list[ChangeJson],
        Note("Signals that change their disposition, most confident first."),
    ]


# --- The validation report of a dataset -----------------------------------------------------------


class UnusableRow(TypedDict):
    row: Annotated[int, Note(least=1)]
    reason: str


class Unusable(TypedDict):
    count: Count
    examples: list[UnusableRow]


class TableProblem(TypedDict):
    code: str
    sentence: str
    column: Annotated[str | None, Note(may_be_empty=True)]
    count: Count
    rows: Annotated[list[int], Note("The first of them, counted from 1.")]


class StoredProblem(TableProblem):
    """As the validation keeps it, with what adds up the problems of several chunks."""

    template: str
    feature: str | None


class ReportFeature(TypedDict):
    feature: str
    label: str
    unit: Text
    columns: list[str]
    missing: Count
    share: Annotated[float, Note("Of the signals, from 0 to 1.")]


class LeftOut(TypedDict):
    column: str
    why: str


class Duplicate(TypedDict):
    signal: str
    rows: list[int]


class Duplicates(TypedDict):
    count: Count
    examples: list[Duplicate]


class Contradiction(TypedDict):
    signal: str
    row: int
    here: DispositionWord
    there: DispositionWord


class Overlap(TypedDict):
    name: str
    address: Text
    shared: Count
    contradictions: Count
    examples: list[Contradiction]


class Adds(TypedDict):
    version: Annotated[Text, Note("Empty where none was in service.")]
    labelled: Count
    signals: NotRequired[int]
    stars: NotRequired[int]
    dispositions: NotRequired[dict[str, int]]
    changed: NotRequired[Annotated[int, Note("Signals that it knows with another disposition.")]]


class ShiftJson(TypedDict):
    mission: str
    feature: str
    label: str
    unit: Text
    index: Annotated[float, Note("Population stability index.")]
    signals: Count
    size: Annotated[str, Note("none, some or large.")]
    enough: Annotated[bool, Note("Whether there are enough values to say so.")]
    edges: list[float]
    expected: list[float]
    found: list[float]


class DoubtJson(TypedDict):
    kind: Annotated[str, Note("Which unit it seems to be, such as duration_days.")]
    feature: str
    column: str | None
    mission: str | None
    count: Count
    of: Annotated[Count, Note("Rows of the mission with a value.")]
    rows: Annotated[list[int], Note("The first of them.")]
    unit: Annotated[str, Note("In which they were read.")]
    suggested_unit: str | None
    given: Annotated[float | None, Note("The first such value.")]
    suggested: Annotated[float | None, Note("What it would be in the suggested unit.")]
    sentence: str


class Report(TypedDict):
    rows: Count
    signals: Count
    stars: Count
    layout: Annotated[str, Note("What the table was read as.")]
    missions: Annotated[dict[str, dict[str, int]], Note("Mission → disposition → signals.")]
    unusable: Unusable
    problems: list[TableProblem]
    features: list[ReportFeature]
    left_out: Annotated[list[LeftOut], Note("Columns that hold the answer.")]
    ignored: list[str]
    duplicates: Duplicates
    overlaps: Annotated[list[Overlap], Note("With earlier datasets.")]
    adds: Annotated[Adds, Note("To the version in service.")]
    shifts: list[ShiftJson]
    shift_against: Text
    doubts: NotRequired[
        Annotated[list[DoubtJson], Note("To train on it, a training must accept them.")]
    ]
    format: NotRequired[Annotated[Text, Note("Of the file, such as CSV or VOTable.")]]
    encoding: NotRequired[Annotated[Text, Note("Of a text.")]]
