"""To which places of the network the site sends what somebody has told it to send: never into its
own. A name is looked up once, and what was looked up is both checked and connected to."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

from training.ml.errors import UserError

LONGEST: Final = 500
MOST_ADDRESSES: Final = 3
"""Of one name are tried, one after the other."""
HTTPS_PORT: Final = 443
HTTP_PORT: Final = 80
_ORDINARY_PORTS: Final = 1024
"""Below stand mail, name and file servers, that would take a request for something else."""
# Addresses that hold another one, which is where a packet ends up.
_NAT64: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_EMBEDDING: Final = (*_NAT64, IPv6Network("::/96"), IPv6Network("::ffff:0:0:0/96"))
# What Python counts as global, in one release or another, and is not for others.
_NOT_FOR_OTHERS_4: Final = (
    IPv4Network("168.63.129.16/32"),  # each virtual machine of Azure asks it about itself
    IPv4Network("192.0.0.0/24"),  # of protocols, and of Oracle's metadata
    IPv4Network("192.88.99.0/24"),  # relays into IPv6, wherever that leads
)
_UNICAST_6: Final = IPv6Network("2000::/3")
_NOT_FOR_OTHERS_6: Final = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "3fff::/20")))


class AddressRefused(UserError):
    code = "address_refused"


@dataclass(frozen=True)
class Target:
    """An address, taken apart."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_secure(self) -> bool:
        return self.scheme == "https"

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = HTTPS_PORT if self.is_secure else HTTP_PORT
        return host if self.port == usual else f"{host}:{self.port}"


def target_of(address: str, *, private: bool) -> Target:
    """Raises ``AddressRefused``. ``private``: whether http and the site's own network are let
    through."""
    if len(address) > LONGEST or not address.isascii() or _has_gaps(address):
        raise AddressRefused(
            f"Give an address of at most {LONGEST} characters, without spaces, as in"
            " https://example.org/hook; a name in other letters in its xn-- form."
        )
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise AddressRefused("This is no address; give one as in https://example.org/hook.") from (
            error
        )
    schemes = ("https", "http") if private else ("https",)
    if parts.scheme not in schemes or not parts.hostname:
        raise AddressRefused("Give an address that begins with https://.")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused(
            "Leave name and password out of the address; the signature says who sends."
        )
    if port is None:
        port = HTTPS_PORT if parts.scheme == "https" else HTTP_PORT
    if not private and port != HTTPS_PORT and port < _ORDINARY_PORTS:
        raise AddressRefused(f"Port {port} is no port of a web server; use 443 or 1024 and above.")
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    return Target(parts.scheme, parts.hostname.rstrip("."), port, path)


def _has_gaps(address: str) -> bool:
    return any(letter <= " " or letter in "\\\x7f" for letter in address)


def places_of(target: Target, *, private: bool) -> list[str]:
    """The numeric addresses of a name, all of them checked. Raises ``AddressRefused`` where any is
    not for others, and ``OSError`` where there is none."""
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    places = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not private and (inside := [place for place in places if not is_public(place)]):
        raise AddressRefused(
            f"{target.host} leads to {inside[0]}, which is not a public address of the internet."
        )
    return places[:MOST_ADDRESSES]


def is_public(place: str) -> bool:
    """Whether an address belongs to the internet at large, also by what it holds or stands for."""
    try:
        address = ip_address(place.split("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        return _is_public_6(address)
    return _is_public_4(address)


def _is_public_4(address: IPv4Address) -> bool:
    if any(address in network for network in _NOT_FOR_OTHERS_4):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _is_public_6(address: IPv6Address) -> bool:
    if (inner := _inner(address)) is not None:
        return _is_public_4(inner)
    if address not in _UNICAST_6 or any(address in network for network in _NOT_FOR_OTHERS_6):
        return False
    return address.is_global


def _inner(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that this one is written for: mapped, translated, or tunnelled."""
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if any(address in network for network in _EMBEDDING):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None
