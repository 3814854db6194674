"""Where a request comes from, when proxies stand before the site."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address that the outermost of our own TRUSTED_PROXIES saw.

    Each proxy adds the address it sees at the end of X-Forwarded-For, so what a client writes there
    itself stands further left and is never looked at. Django REST framework's throttles count the
    same way (NUM_PROXIES).
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    count: int = settings.TRUSTED_PROXIES
    if not count or len(seen) < count or not _is_address(seen[-count]):
        return direct
    return seen[-count]


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
