"""What speaks for a second look at a signal."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Warned(models.IntegerChoices):
    """What speaks for a second look at a signal, as bits of one column."""

    CONTRADICTION = 1, "values that contradict each other"
    DUPLICATE = 2, "listed twice with one period"
    NEAR_STAR = 4, "a near star with the same period"
    CONFLICT = 8, "another mission says otherwise"


WARNINGS = {
    "ephemeris": "ephemeris too uncertain",
    **{one.name.lower(): str(one.label) for one in Warned},
}


def bjd_now() -> float:
    """Today as tables count days; the light's way around the Sun is eight minutes."""
    from training.ml.sky.night import UNIX_EPOCH  # pages that list no signals do without its arrays

    return timezone.now().timestamp() / 86_400 + UNIX_EPOCH
