"""Model versions: compared on the same held-out stars, put in service with a reason, rolled back, deleted."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import ProtectedError

from training.artifacts import artifact_delete
from training.audit import DELETION, record
from training.ml.compare import HEADLINES, LABELS, Comparison, compare
from training.ml.errors import UserError, join_words
from training.models import Activation, Dataset, ModelVersion
from training.services import model_version_activate

COMPARISON_KEPT = 3600  # seconds; both sides of a comparison never change


class ActivationHeld(UserError):
    """`against`: sentences that speak against it; somebody may decide for it anyway, and that is recorded."""

    code = "activation_held"

    def __init__(self, against: list[str]) -> None:
        self.against = against
        super().__init__(f"{' '.join(against)} To activate it anyway, say so explicitly; that is recorded.")


class NoReason(UserError):
    code = "no_reason"

    def __init__(self) -> None:
        super().__init__("Say in a few words why; it is kept in the history of what was in service.")


class NothingBefore(UserError):
    code = "nothing_before"

    def __init__(self) -> None:
        super().__init__("No other version was in service before this one, so there is nothing to roll back to.")


class VersionServed(UserError):
    code = "version_served"

    def __init__(self, version: ModelVersion, why: str) -> None:
        super().__init__(f"The version {version} cannot be deleted: {why}.")


def versions_compare(first: ModelVersion, second: ModelVersion) -> Comparison:
    """``second`` against ``first`` on the stars that both held out."""
    key = f"compare:{first.sha256}:{second.sha256}"
    found: Comparison | None = cache.get(key)
    if found is None:
        found = compare(first.classifier.held_out, second.classifier.held_out)
        cache.set(key, found, COMPARISON_KEPT)
    return found


def signal_names(keys: set[int]) -> dict[int, str]:
    """The names of hashed signals, as far as the site has a dataset that holds them."""
    from training.services_datasets import dataset_index

    names: dict[int, str] = {}
    for dataset in Dataset.objects.filter(status=Dataset.Status.READY).order_by("created_at"):
        if keys and default_storage.exists(dataset.index_file):
            index = dataset_index(dataset)
            pairs = zip(index.signals.tolist(), index.names.tolist(), strict=True)
            names |= {key: name for key, name in pairs if key in keys}
    return names


def activation_objections(version: ModelVersion) -> list[str]:
    """What speaks against putting it in service instead of the version that is; empty if nothing does."""
    current = ModelVersion.objects.filter(is_active=True).exclude(pk=version.pk).first()
    if not version.metrics.get("test"):
        return ["This version was not evaluated, so nobody knows how good it is."]
    if current is None:
        return []
    comparison = versions_compare(current, version)
    if not comparison.possible:
        return [
            f"It shares only {comparison.stars} held-out stars with the version in service, {current}, "
            "too few to tell which is better."
        ]
    return [
        f"Its {figure.label} is {-figure.difference:.3f} lower than that of the version in service "
        f"(95 % interval {-figure.high:.3f} to {-figure.low:.3f})."
        for figure in comparison.worse
    ]


def version_put_in_service(
    *, version: ModelVersion, user: User | None, reason: str, override: bool = False
) -> ModelVersion:
    """Activate, unless something speaks against it and nobody has decided for it anyway."""
    if not reason.strip():
        raise NoReason
    version.classifier  # noqa: B018 - verified and readable, before anybody depends on it
    against = activation_objections(version)
    if against and not override:
        raise ActivationHeld(against)
    return model_version_activate(version, user, reason.strip(), overridden=" ".join(against))


def version_before() -> ModelVersion | None:
    """What a roll-back would put in service."""
    latest = Activation.objects.select_related("previous").first()
    return latest.previous if latest and latest.previous and not latest.previous.is_active else None


def version_roll_back(*, user: User | None, reason: str = "") -> ModelVersion:
    """Back to what was in service before, without further questions: it has served already."""
    before = version_before()
    if before is None:
        raise NothingBefore
    before.classifier  # noqa: B018 - as above
    current = ModelVersion.objects.active()
    return model_version_activate(before, user, reason.strip() or f"Rolled back from {current}.")


def version_annotate(version: ModelVersion, user: User | None, notes: str) -> None:
    ModelVersion.objects.filter(pk=version.pk).update(notes=notes.strip())
    record(user, version, "Changed the notes.")


def version_delete(version: ModelVersion, user: User | None = None) -> None:
    """Only what has never served: predictions and decisions name what has."""
    if version.is_active or version.activations.exists():
        raise VersionServed(version, "it is or was in service")
    if version.origin == ModelVersion.Origin.BUNDLED:
        raise VersionServed(version, "it came with the site")
    try:
        with transaction.atomic():
            record(user, version, "Deleted; it had never been in service.", DELETION)
            version.delete()
    except ProtectedError as error:
        raise VersionServed(version, "predictions were made with it") from error
    artifact_delete(version.artifact)


def headline_words(comparison: Comparison) -> str:
    """The outcome of a comparison in one sentence."""
    figures = [figure for figure in comparison.groups.get("pooled", []) if figure.name in HEADLINES]
    better = [LABELS[figure.name] for figure in figures if figure.verdict == "better"]
    worse = [LABELS[figure.name] for figure in figures if figure.verdict == "worse"]
    if not figures:
        return f"The two share only {comparison.stars} held-out stars, too few to compare them."
    if not better and not worse:
        return f"On {comparison.stars:,} shared held-out stars, no certain difference."
    parts = [f"better in {join_words(better)}"] if better else []
    parts += [f"worse in {join_words(worse)}"] if worse else []
    return f"On {comparison.stars:,} shared held-out stars, certainly {', '.join(parts)}."
