"""How much may be asked, by kind of work, for each token, user and address; counted in the shared
cache.

Counted in windows of fixed length and not as a list of times, as the framework does: one number
that the cache itself raises cannot be lost between two processes, and costs the same whether the
limit is ten or ten thousand.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from rest_framework.exceptions import APIException, Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from exoplanet_site.limits.addresses import client_address

if TYPE_CHECKING:  # the framework imports this module while it is itself being imported
    from rest_framework.views import APIView

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}

# The work that a request asks for, by the name of its address; only what is sent counts, looking is
# free.
WORK = {
    "predict": "classify",
    "classify": "classify",
    "prediction_again": "classify",
    "predict_batch": "batch",
    "batch_preview_api": "batch",
    "batch_create": "batch",
    "batch_check": "batch",
    "batch_resume": "batch",
    "curve_create": "batch",
    "curve_check": "batch",
    "curve_again": "batch",
    "curve_list_api": "batch",
    "curve_again_api": "batch",
    "curve_folder_create": "batch",
    "curve_folder_resume": "batch",
    "curve_folder_list_api": "batch",
    "curve_folder_resume_api": "batch",
    "dataset_upload": "train",
    "dataset_fetch": "train",
    "training_run_create": "train",
    "api_dataset_list": "train",
    "api_training_run_list": "train",
    "dataset_map": "train",
    "webhook_create": "webhook",
    "webhook_test": "webhook",
    "delivery_again": "webhook",
    "webhooks_api": "webhook",
    "webhook_test_api": "webhook",
    "model_version_activate": "decide",
    "model_version_roll_back": "decide",
    "api_model_version_activate": "decide",
    "api_model_version_roll_back": "decide",
    "password_reset": "mail",
    "sign_up": "mail",
    "login": "sign_in",
    "admin_sign_in": "sign_in",
    "identity_begin": "sign_in",
    "identity_connect": "sign_in",
    "second_factor": "sign_in",
    "second_factor_codes": "sign_in",
    "second_factor_codes_begin": "sign_in",
    "recovery_codes": "sign_in",
    "passkey_begin": "sign_in",
    "second_factors_off": "sign_in",
}
WRONG_TOKEN = "wrong_token"  # noqa: S105 - a kind of its own, counted once a token has turned out to be none
PUBLIC = "public"
"""Reading without an account what ``PUBLIC_CATALOGUE`` opens."""
ALLOWANCE = "exoplanet_site.allowance"


@dataclass(frozen=True)
class Allowance:
    """What is left of the tightest of the limits that a request falls under."""

    limit: int
    remaining: int  # negative: this request is one too many
    wait: float  # seconds until the count begins anew

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(0, self.remaining)),
            "RateLimit-Reset": str(ceil(self.wait)),
        }


class CannotCount(APIException):
    """The shared cache is away, and the site is set to refuse what it cannot count."""

    status_code = 503
    default_code = "cannot_count"
    default_detail = "cannot_count"  # its sentence stands with all others in exoplanet_site.errors
    wait = 10.0


def work_of(request: HttpRequest) -> str:
    """The kind of work, or "" for what is not limited."""
    match = request.resolver_match
    return WORK.get(match.url_name or "", "") if match and request.method == "POST" else ""


def work_of_reader(request: HttpRequest, view: object) -> str:
    """``PUBLIC`` for what the setting opens; "" for all else."""
    is_open = settings.PUBLIC_CATALOGUE and request.method in ("GET", "HEAD")
    return PUBLIC if is_open and getattr(view, "is_public", False) else ""


def spend(work: str, who: Iterable[tuple[str, object]]) -> Allowance | None:
    """Count one request for each of those who send it; None where nobody has a limit."""
    rates = settings.RATES.get(work, {})
    allowances = [_count(work, kind, ident, rates[kind]) for kind, ident in who if kind in rates]
    return min(
        allowances, key=lambda allowance: (allowance.remaining, -allowance.wait), default=None
    )


def _count(work: str, kind: str, ident: object, rate: str) -> Allowance:
    limit, seconds = rate_read(rate)
    now = time.time()
    window = int(now // seconds)
    count = _raise(f"limit:{work}:{kind}:{ident}:{seconds}:{window}", seconds)
    return Allowance(limit, limit - count, (window + 1) * seconds - now)


def _raise(key: str, seconds: int) -> int:
    try:
        try:
            return cache.incr(key)
        except ValueError:  # the first of its window, unless another was quicker
            return 1 if cache.add(key, 1, seconds) else cache.incr(key)
    except ValueError:  # it ended between the two
        return 1
    except ConnectionError as error:
        if settings.LIMITS_WITHOUT_REDIS == "closed":
            raise CannotCount from error
        return 0


def rate_read(rate: str) -> tuple[int, int]:
    """ "300/minute" as 300 and 60."""
    number, _, period = rate.partition("/")
    if not number.isdecimal() or period not in SECONDS:
        raise ImproperlyConfigured(
            f"“{rate}” is not a rate; write it as in 300/minute ({', '.join(SECONDS)})."
        )
    return int(number), SECONDS[period]


def wrong_token(request: HttpRequest) -> Throttled | None:
    """Count a token that is none of ours; the refusal, if its sender has sent too many.

    A right one from the same address is never refused: a colleague's broken program locks nobody
    out.
    """
    try:
        allowance = request.META[ALLOWANCE] = spend(
            WRONG_TOKEN, [("address", client_address(request))]
        )
    except CannotCount:  # refused in any case
        return None
    return Throttled(wait=allowance.wait) if allowance and allowance.remaining < 0 else None


class WorkThrottle(BaseThrottle):
    """For programs: the framework has found out who sends the request by now."""

    allowance: Allowance | None = None

    def allow_request(self, request: Request, view: APIView) -> bool:
        sender = request._request
        who: list[tuple[str, object]] = [
            ("address", client_address(sender)),
            ("user", request.user.pk),
        ]
        if request.auth is not None:
            who.append(("token", request.auth.pk))
        work = work_of(sender)
        if not work and not request.user.is_authenticated:
            work = work_of_reader(sender, view)
        self.allowance = spend(work, who)
        sender.META[ALLOWANCE] = self.allowance
        return self.allowance is None or self.allowance.remaining >= 0

    def wait(self) -> float | None:
        return self.allowance.wait if self.allowance else None
