"""Two versions on the stars that both held out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.core.cache import cache
from django.core.files.storage import default_storage

from training.datasets.models import Dataset
from training.ml.answers import hash_key
from training.ml.errors import UserError, join_words
from training.ml.evaluation.compare import HEADLINES, Comparison, Figure, compare
from training.ml.evaluation.together import Together, together
from training.versions.models import ModelVersion, StoredComparison

COMPARISON_KEPT = 3600  # seconds; both sides of a comparison never change


def versions_compare(first: ModelVersion, second: ModelVersion) -> Comparison:
    """``second`` against ``first`` on the stars that both held out."""
    key = f"comparison:{first.sha256}:{second.sha256}"
    found: Comparison | None = cache.get(key)
    if found is None:
        found = compare(first.classifier.held_out, second.classifier.held_out)
        cache.set(key, found, COMPARISON_KEPT)
    return found


def versions_together(versions: Sequence[ModelVersion]) -> Together:
    """All of them on the stars that each held out. Raises ``ArtifactError`` where the files of one
    cannot be used."""
    key = f"together:{hash_key(' '.join(version.sha256 for version in versions)):016x}"
    found: Together | None = cache.get(key)
    if found is None:
        found = together([version.classifier.held_out for version in versions])
        cache.set(key, found, COMPARISON_KEPT)
    return found


def signal_names(keys: set[int]) -> dict[int, str]:
    """The names of hashed signals, as far as the site has a dataset that holds them."""
    from training.datasets.services import dataset_index

    names: dict[int, str] = {}
    for dataset in Dataset.objects.filter(status=Dataset.Status.READY).order_by("created_at"):
        if keys and default_storage.exists(dataset.index_file):
            index = dataset_index(dataset)
            pairs = zip(index.signals.tolist(), index.names.tolist(), strict=True)
            names |= {key: name for key, name in pairs if key in keys}
    return names


# --- In words -------------------------------------------------------------------------------------


LOSSES_NAMED: Final = 3


def headline_words(comparison: Comparison) -> str:
    """The outcome of a comparison in one sentence: gains, losses, and missions lost."""
    parts = [*_figure_parts(comparison)] if comparison.groups else []
    found = f"certainly {'; '.join(parts)}" if parts else "no certain difference"
    compared = (
        f"On {comparison.stars:,} shared held-out stars, {found}"
        if comparison.groups
        else why_not_compared(comparison)
    )
    unseen = missions_lost_words(comparison)
    return f"{compared}; {unseen}." if unseen else f"{compared}."


def why_not_compared(comparison: Comparison) -> str:
    """Without its full stop."""
    if comparison.is_about_the_same:
        return f"The two share only {comparison.stars} held-out stars, too few to compare them"
    shared = comparison.signals + comparison.relabelled
    return (
        f"Of {shared:,} signals that both held out, {comparison.relabelled:,} have another"
        " disposition in its tables, as if only the names were the same: nothing is compared"
    )


def _figure_parts(comparison: Comparison) -> Iterator[str]:
    headlines = [f for f in comparison.groups.get("pooled", []) if f.name in HEADLINES]
    better = [_inside(figure.label) for figure in headlines if figure.verdict == "better"]
    if better:
        yield f"better in {join_words(better)}"
    losses = sorted(comparison.losses, key=_loss_rank)
    if losses:
        named = [_loss_words(group, figure) for group, figure in losses[:LOSSES_NAMED]]
        more = len(losses) - len(named)
        others = [f"{more} other {'figure' if more == 1 else 'figures'}"] if more else []
        yield f"worse in {join_words([*named, *others])}"


def _loss_rank(loss: tuple[str, Figure]) -> tuple[bool, float]:
    """What all missions together lose comes first, then the largest."""
    group, figure = loss
    return not (group == "pooled" and figure.name in HEADLINES), -abs(figure.difference)


def _loss_words(group: str, figure: Figure) -> str:
    where = "" if group == "pooled" else f"{group}: "
    signed = f"{figure.difference:+.3f}".replace("-", "−")
    return f"{_inside(figure.label)} ({where}{signed})"


def _inside(label: str) -> str:
    """A label within a sentence; an abbreviation keeps its capitals."""
    first = label.split()[0]
    return label if first.upper() == first or "-" in first else label[0].lower() + label[1:]


def missions_lost_words(comparison: Comparison) -> str:
    return f"it has never seen {join_words(comparison.missions_lost)}" * bool(
        comparison.missions_lost
    )


def loss_sentence(group: str, figure: Figure) -> str:
    """One certain loss against the version in service."""
    whose = "" if group == "pooled" else f" on {group} signals"
    low, high = sorted((abs(figure.low), abs(figure.high)))
    way = "lower" if figure.difference < 0 else "higher"
    return (
        f"Its {_inside(figure.label)}{whose} is {abs(figure.difference):.3f} {way} than that of the"
        f" version in service (95 % interval {low:.3f} to {high:.3f})."
    )


# --- Kept for the list of versions ----------------------------------------------------------------


def comparison_keep_next() -> bool:
    """Compare one version, the newest first, with the one in service, and keep the outcome; False
    where nothing is left to compare. The janitor's: it takes seconds."""
    current = ModelVersion.objects.filter(is_active=True).first()
    if current is None:
        return False
    kept = StoredComparison.objects.filter(first=current).values("second")
    version = ModelVersion.objects.exclude(pk=current.pk).exclude(pk__in=kept).first()
    if version is None:
        return False
    StoredComparison.objects.get_or_create(
        first=current, second=version, defaults={"summary": _summary(current, version)}
    )
    return True


def _summary(first: ModelVersion, second: ModelVersion) -> dict[str, Any]:
    try:
        comparison = versions_compare(first, second)
    except UserError as error:  # a damaged artifact is told, and not tried every minute
        return {"words": error.message, "stars": 0, "figures": {}}
    figures = comparison.groups.get("pooled", [])
    return {
        "words": headline_words(comparison),
        "stars": comparison.stars,
        "figures": {f.name: f.as_json() for f in figures if f.name in HEADLINES},
    }


def comparisons_kept(current: ModelVersion | None) -> dict[int, dict[str, Any]]:
    """What is kept about each version's difference from the one in service, by its key."""
    found = StoredComparison.objects.filter(first=current).values_list("second_id", "summary")
    return dict(found)
