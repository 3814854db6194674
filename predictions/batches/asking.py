"""What is asked before a batch is stopped or deleted."""

from __future__ import annotations

from predictions.batches.models import Batch
from training.confirmations import Confirmation


def cancel_asked(batch: Batch) -> Confirmation:
    return Confirmation(
        question="Cancel this batch?",
        about=batch.name,
        address=batch.get_absolute_url(),
        changes=["It stops within seconds; rows that have no answer yet get none."],
        stays=["The table, and the answers that are there already."],
        undo="Resume it on its page: it carries on where it stopped.",
        button="Cancel the batch",
        keep="Let it go on",
    )


def deletion_asked(batch: Batch) -> Confirmation:
    gone = "The table" if batch.is_draft else "The table, its answers and its page"
    return Confirmation(
        question="Delete this batch?",
        about=batch.name,
        address=batch.get_absolute_url(),
        changes=[f"{gone} will be gone, for everybody who sees them."],
        undo="It cannot be brought back. The same table can be uploaded again.",
        button="Delete it",
        keep="Keep it",
    )
