"""Second factors: set up, checked, taken away; each step in the audit trail."""

from __future__ import annotations

import hashlib
import secrets
import time
from typing import Final

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from training.accounts.audit import record
from training.ml.errors import UserError
from training.second_factors.models import Passkey, RecoveryCode, SecondFactor

RECOVERY_CODES: Final = 10
_STEP: Final = 30
_CLOCKS: Final = (-1, 0, 1)
"""A phone's clock may be half a minute off."""


class TooManyCodes(UserError):
    code = "too_many_codes"

    def __init__(self) -> None:
        minutes = round(settings.AXES_COOLOFF_TIME.total_seconds() / 60)
        super().__init__(f"Too many wrong codes. Try again in {minutes} minutes.")


def is_asked(user: User) -> bool:
    """Whether this account has more than its password."""
    return bool(settings.SECOND_FACTORS) and (has_codes(user) or has_passkeys(user))


def has_codes(user: User) -> bool:
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


def has_passkeys(user: User) -> bool:
    return Passkey.objects.filter(user=user).exists()


# --- Codes of an app ------------------------------------------------------------------------------


def codes_begin(*, user: User) -> None:
    """A new secret, which holds once a code of it has come back."""
    import pyotp

    fresh = {"pending": pyotp.random_base32()}
    SecondFactor.objects.update_or_create(user=user, defaults=fresh)


def pending_secret(user: User) -> str:
    row = SecondFactor.objects.filter(user=user).first()
    return row.pending if row else ""


@transaction.atomic
def codes_confirm(*, user: User, code: str) -> list[str]:
    """The recovery codes that go with it, shown now and never again; none where the code is
    wrong. Until then the earlier secret holds, if there is one."""
    row = SecondFactor.objects.filter(user=user).exclude(pending="").first()
    if row is None or not _is_current(row, row.pending, code):
        return []
    fresh = {"secret": row.pending, "pending": "", "confirmed_at": timezone.now()}
    SecondFactor.objects.filter(pk=row.pk).update(**fresh)
    record(user, user, "Set up codes of an app as a second factor.")
    return recovery_codes_make(user=user)


@transaction.atomic
def recovery_codes_make(*, user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=_digest(code)) for code in codes
    )
    record(user, user, "Made new recovery codes.")
    return codes


def code_check(*, user: User, code: str) -> bool:
    """A code of the app, or one for recovery. Counted before it is looked at, so that two guesses
    at once are two."""
    attempt_count(user=user)
    row = SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).first()
    if (row and _is_current(row, row.secret, code)) or _is_recovery(user, code):
        attempts_forget(user=user)
        return True
    record(user, user, "A sign-in with a wrong second factor failed.")
    return False


def attempt_count(*, user: User) -> None:
    """Raise ``TooManyCodes`` where too many have failed; a success begins the count anew."""
    SecondFactor.objects.get_or_create(user=user)
    rows, now = SecondFactor.objects.filter(user=user), timezone.now()
    rows.filter(failed_at__lt=now - settings.AXES_COOLOFF_TIME).update(failures=0)
    may = rows.filter(failures__lt=settings.AXES_FAILURE_LIMIT)
    if not may.update(failures=F("failures") + 1, failed_at=now):
        raise TooManyCodes


def attempts_forget(*, user: User) -> None:
    SecondFactor.objects.filter(user=user).update(failures=0, failed_at=None)


def _is_current(row: SecondFactor, secret: str, code: str) -> bool:
    import pyotp

    app, now = pyotp.TOTP(secret), int(time.time()) // _STEP
    given = code.replace(" ", "")
    for step in (now + clock for clock in _CLOCKS):
        if given.isascii() and constant_time_compare(app.at(step * _STEP), given):
            # The one that takes it, of two that come at once with the same code.
            later = SecondFactor.objects.filter(pk=row.pk, last_step__lt=step)
            return bool(later.update(last_step=step))
    return False


def _is_recovery(user: User, code: str) -> bool:
    unused = RecoveryCode.objects.filter(user=user, digest=_digest(code), used_at=None)
    if not unused.update(used_at=timezone.now()):
        return False
    left = RecoveryCode.objects.filter(user=user, used_at=None).count()
    record(user, user, f"Used a recovery code; {left} are left.")
    return True


def _recovery_code() -> str:
    """80 random bits, so that a plain hash of it is enough."""
    digits = secrets.token_hex(10)
    return "-".join(digits[place : place + 5] for place in range(0, 20, 5))


def _digest(code: str) -> str:
    plain = code.replace("-", "").replace(" ", "").lower()
    return hashlib.sha256(plain.encode()).hexdigest()


# --- Off ------------------------------------------------------------------------------------------


@transaction.atomic
def second_factors_remove(*, user: User, by: User) -> None:
    SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    Passkey.objects.filter(user=user).delete()
    record(by, user, "Took away all second factors.")
