"""What is asked before something changes what is in service, or deletes."""

from __future__ import annotations

from django.urls import reverse

from training.confirmations import Confirmation
from training.versions.comparison import comparisons_kept
from training.versions.models import ModelVersion

IN_FLIGHT = "Requests in flight finish on the version that they began with."
KEPT = "Predictions that were made keep their answers, and name the version that gave them."


def activation_asked(version: ModelVersion, in_service: ModelVersion | None) -> Confirmation:
    instead = f" instead of {in_service}" if in_service else ""
    return Confirmation(
        question="Put this version in service?",
        about=version.name,
        address=version.get_absolute_url(),
        changes=[f"{version} answers everybody from now on{instead}.", IN_FLIGHT],
        stays=[KEPT],
        undo=(
            f"Roll back on the page of versions: {in_service} answers again."
            if in_service
            else "Put another version in service."
        ),
        button="Put in service",
        keep="Leave it as it is",
        is_danger=False,
    )


def roll_back_asked(current: ModelVersion, before: ModelVersion) -> Confirmation:
    kept = comparisons_kept(current).get(before.pk)
    changes = [f"{before} answers everybody from now on instead of {current}.", IN_FLIGHT]
    if kept:
        changes.append(f"{before} against {current}: {kept['words']}")
    return Confirmation(
        question="Roll back?",
        about="Model versions",
        address=reverse("model_version_list"),
        changes=changes,
        stays=[KEPT, f"{current} is not deleted."],
        undo=f"Put {current} in service again on its page, with a reason.",
        button=f"Roll back to {before}",
        keep="Leave it as it is",
        hidden={"leaves": current.name, "returns": before.name},
    )


def version_deletion_asked(version: ModelVersion) -> Confirmation:
    return Confirmation(
        question="Delete this version?",
        about=version.name,
        address=version.get_absolute_url(),
        changes=["Its files, its figures, its plots and its page are removed for everybody."],
        stays=["It has never been in service, so no answer depends on it."],
        undo="It cannot be brought back. The same datasets and seed train the same classifier.",
        button="Delete it",
        keep="Keep it",
    )
