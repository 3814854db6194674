"""The shapes of what the training's addresses send: for the OpenAPI document, which a test holds answers against."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from training.ml.schema import DISPOSITIONS
from training.services_runs import MOST_TRIALS

Shape = serializers.Serializer[Any]


def _count() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0)


def _disposition() -> serializers.ChoiceField:
    return serializers.ChoiceField(choices=[str(disposition) for disposition in DISPOSITIONS])


def _maybe(help_text: str = "") -> serializers.FloatField:
    return serializers.FloatField(allow_null=True, help_text=help_text)


# --- The validation report of a dataset ------------------------------------------------------------------------------


class UnusableRowSerializer(Shape):
    row = serializers.IntegerField(min_value=1)
    reason = serializers.CharField()


class UnusableSerializer(Shape):
    count = _count()
    examples = UnusableRowSerializer(many=True)


class TableProblemSerializer(Shape):
    code = serializers.CharField()
    sentence = serializers.CharField()
    column = serializers.CharField(allow_blank=True, allow_null=True)
    count = _count()
    rows = serializers.ListField(child=serializers.IntegerField(), help_text="The first of them, counted from 1.")


class ReportFeatureSerializer(Shape):
    feature = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    unit = serializers.CharField(allow_blank=True)
    columns = serializers.ListField(child=serializers.CharField())
    missing = _count()
    share = serializers.FloatField(help_text="Of the signals, from 0 to 1.")


class LeftOutSerializer(Shape):
    column = serializers.CharField()
    why = serializers.CharField()


class DuplicateSerializer(Shape):
    signal = serializers.CharField()
    rows = serializers.ListField(child=serializers.IntegerField())


class DuplicatesSerializer(Shape):
    count = _count()
    examples = DuplicateSerializer(many=True)


class ContradictionSerializer(Shape):
    signal = serializers.CharField()
    row = serializers.IntegerField()
    here = _disposition()
    there = _disposition()


class OverlapSerializer(Shape):
    name = serializers.CharField()
    address = serializers.CharField(allow_blank=True)
    shared = _count()
    contradictions = _count()
    examples = ContradictionSerializer(many=True)


class AddsSerializer(Shape):
    version = serializers.CharField(allow_blank=True, help_text="Empty where none was in service.")
    labelled = _count()
    signals = serializers.IntegerField(required=False)
    stars = serializers.IntegerField(required=False)
    dispositions = serializers.DictField(child=serializers.IntegerField(), required=False)
    changed = serializers.IntegerField(required=False, help_text="Signals that it knows with another disposition.")


class ShiftSerializer(Shape):
    mission = serializers.CharField()
    feature = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    unit = serializers.CharField(allow_blank=True)
    index = serializers.FloatField(help_text="Population stability index.")
    signals = _count()
    size = serializers.CharField(help_text="none, some or large.")
    enough = serializers.BooleanField(help_text="Whether there are enough values to say so.")
    edges = serializers.ListField(child=serializers.FloatField())
    expected = serializers.ListField(child=serializers.FloatField())
    found = serializers.ListField(child=serializers.FloatField())


class ReportSerializer(Shape):
    rows = _count()
    signals = _count()
    stars = _count()
    layout = serializers.CharField(help_text="What the table was read as.")
    missions = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField()), help_text="Mission → disposition → signals."
    )
    unusable = UnusableSerializer()
    problems = TableProblemSerializer(many=True)
    features = ReportFeatureSerializer(many=True)
    left_out = LeftOutSerializer(many=True, help_text="Columns that hold the answer.")
    ignored = serializers.ListField(child=serializers.CharField())
    duplicates = DuplicatesSerializer()
    overlaps = OverlapSerializer(many=True, help_text="With earlier datasets.")
    adds = AddsSerializer(help_text="To the version in service.")
    shifts = ShiftSerializer(many=True)
    shift_against = serializers.CharField(allow_blank=True)


# --- Training runs ---------------------------------------------------------------------------------------------------


class RunParametersSerializer(Shape):
    """Each only where it was chosen: a run of an older site may know fewer."""

    balance = serializers.CharField(required=False)
    masking = serializers.BooleanField(required=False)
    search_trials = serializers.IntegerField(required=False, min_value=0)
    search_minutes = serializers.IntegerField(required=False)
    rounds = serializers.IntegerField(required=False)


class FoldSerializer(Shape):
    fold = serializers.IntegerField(min_value=1)
    accuracy = serializers.FloatField()
    macro_f1 = serializers.FloatField()
    roc_auc = _maybe()


class TrainingRunRequestSerializer(Shape):
    datasets = serializers.ListField(
        child=serializers.IntegerField(), min_length=1, help_text="Numbers of datasets that are ready."
    )
    seed = serializers.IntegerField(required=False, default=0, min_value=0, max_value=2**31 - 1)
    balance = serializers.ChoiceField(choices=("smote", "weights", "none"), required=False, default="smote")
    masking = serializers.BooleanField(required=False, default=True)
    search_trials = serializers.IntegerField(required=False, default=0, min_value=0, max_value=MOST_TRIALS)
    search_minutes = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=600)
    rounds = serializers.IntegerField(required=False, allow_null=True, min_value=20, max_value=5000)
    notes = serializers.CharField(required=False, allow_blank=True, max_length=2000)


# --- Model versions --------------------------------------------------------------------------------------------------


class TableFactsSerializer(Shape):
    file = serializers.CharField(allow_blank=True)
    sha256 = serializers.CharField(allow_blank=True)
    date = serializers.CharField(allow_blank=True)
    mission = serializers.CharField(allow_blank=True)
    rows = _count()
    signals = _count()


class HeadlineSerializer(Shape):
    accuracy = _maybe()
    macro_f1 = _maybe()
    roc_auc = _maybe()
    calibration_error = _maybe()


class DispositionFiguresSerializer(Shape):
    signals = _count()
    precision = serializers.FloatField()
    recall = serializers.FloatField()
    f1 = serializers.FloatField()
    roc_auc = _maybe()
    pr_auc = _maybe()


class ReliabilitySerializer(Shape):
    lower = serializers.FloatField()
    upper = serializers.FloatField()
    said = serializers.FloatField()
    observed = serializers.FloatField()
    signals = _count()


class CoverageSerializer(Shape):
    coverage = serializers.FloatField()
    mean_size = serializers.FloatField()
    empty = serializers.FloatField()
    dispositions = serializers.DictField(child=_maybe())


class MetricsBlockSerializer(Shape):
    signals = _count()
    accuracy = serializers.FloatField()
    macro_f1 = serializers.FloatField()
    roc_auc = _maybe("Of the planet score on decided signals.")
    pr_auc = _maybe()
    log_loss = serializers.FloatField()
    calibration_error = serializers.FloatField()
    confusion = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()))
    reliability = ReliabilitySerializer(many=True)
    dispositions = serializers.DictField(child=DispositionFiguresSerializer())
    prediction_sets = CoverageSerializer(required=False)


def _by_regime_and_mission(help_text: str) -> serializers.DictField:
    blocks = serializers.DictField(child=MetricsBlockSerializer())
    return serializers.DictField(child=blocks, required=False, help_text=help_text)


class SpreadSerializer(Shape):
    mean = serializers.FloatField()
    std = serializers.FloatField()


class AbsentCostSerializer(Shape):
    group = serializers.CharField()
    mission = serializers.CharField()
    signals = _count()
    accuracy_loss = serializers.FloatField()
    macro_f1_loss = serializers.FloatField()
    roc_auc_loss = _maybe()


class ImportanceSerializer(Shape):
    feature = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.FloatField()


class ProtocolSerializer(Shape):
    folds = _count()
    seed = serializers.IntegerField()
    set_level = serializers.FloatField()
    development_signals = _count()
    development_stars = _count()
    test_signals = _count()
    test_stars = _count()
    refitted_on_all_stars = serializers.BooleanField()


class VersionMetricsSerializer(Shape):
    """Empty for a version that was not evaluated."""

    protocol = ProtocolSerializer(required=False)
    cross_validation = _by_regime_and_mission("What is given → mission or “pooled” → figures, by folds of stars.")
    fold_spread = serializers.DictField(child=serializers.DictField(child=SpreadSerializer()), required=False)
    test = _by_regime_and_mission("The same on stars that nothing had touched.")
    absent_cost = AbsentCostSerializer(many=True, required=False)
    importance = ImportanceSerializer(many=True, required=False)


class ComparedFigureSerializer(Shape):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    first = serializers.FloatField()
    second = serializers.FloatField()
    difference = serializers.FloatField(help_text="second − first.")
    low = serializers.FloatField(help_text="Of the 95 % interval of the difference.")
    high = serializers.FloatField()
    verdict = serializers.CharField(help_text="better, worse or same.")


class ChangeSerializer(Shape):
    key = serializers.CharField(help_text="Hash of mission and signal, in hexadecimal digits.")
    mission = serializers.CharField()
    truth = _disposition()
    first = _disposition()
    second = _disposition()
    first_probability = serializers.FloatField()
    second_probability = serializers.FloatField()


class ComparisonSerializer(Shape):
    signals = _count()
    stars = _count()
    relabelled = serializers.IntegerField(help_text="Signals with another disposition in the other version's tables.")
    groups = serializers.DictField(child=ComparedFigureSerializer(many=True), help_text="“pooled”, and each mission.")
    changes = ChangeSerializer(many=True, help_text="Signals that change their disposition, most confident first.")


class TrueOrFalse(serializers.BooleanField):
    """Nothing that is only like it: 0, "off" and the like may have been meant otherwise."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Sentence(serializers.RegexField):
    """Text with something in it; a number is none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(r"\S", **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class ActivateSerializer(Shape):
    reason = Sentence(max_length=2000)
    override = TrueOrFalse(required=False, default=False)
