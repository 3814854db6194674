"""A position as a person types it, and what lies around it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from training.ml.errors import UserError, shorten
from training.ml.libraries import spatial
from training.ml.sky.stars import parse_angle, sky_vectors

Floats = npt.NDArray[np.float64]

WIDEST_ARCSEC: Final = 5 * 3600.0
"""No search reaches farther than 5°."""

ARCSEC: Final = {
    **dict.fromkeys(("arcsec", "arcsecs", "arcsecond", "arcseconds", '"', "''"), 1.0),
    **dict.fromkeys(("arcmin", "arcmins", "arcminute", "arcminutes", "'"), 60.0),
    **dict.fromkeys(("deg", "degree", "degrees", "d", "°"), 3600.0),
}
"""Units of a radius, in arcseconds."""

_PRIMES: Final = str.maketrans(
    {
        "′": "'",
        "’": "'",
        "″": '"',
        "”": '"',
        "º": "°",
        ",": " ",
        "(": " ",
        ")": " ",
        "\N{MINUS SIGN}": "-",
    }
)
_LABELS: Final = re.compile(
    r"\b(?:right ascension|declination|radius|r\.?a\.?|dec\.?|de|j2000(?:\.0)?|icrs|fk5|within|r)"
    r"(?=[\s=:\d+-]|$)\s*[=:]?"
)
_NUMBER: Final = r"\d+(?:\.\d*)?"
_RADIUS: Final = re.compile(rf"(?<=\S)[\s]+(?:±\s*)?({_NUMBER})\s*([a-z°'\"]+)$")
_COMPACT: Final = re.compile(r"j(\d\d)(\d\d)(\d\d(?:\.\d+)?)([+-])(\d\d)(\d\d)(\d\d(?:\.\d+)?)")
_DECIMAL: Final = re.compile(
    rf"\+?({_NUMBER})\s*(h|d|deg|°)?\s*(?:\s|(?=[+-]))\s*([+-]?\s?{_NUMBER})\s*(?:d|deg|°)?"
)
_MINUTES: Final = (
    rf"\s*\d{{1,2}}(?:(?:\s*[m':]\s*|\s+){_NUMBER}\s*(?:s|\"|'')?|\.\d*\s*[m']?|\s*[m'])"
)
_HOURS_DEGREES: Final = re.compile(
    rf"\+?(\d{{1,3}}\s*[hd°:\s]{_MINUTES})\s*([+-]?\s?\d{{1,2}}\s*[d°:\s]{_MINUTES})"
)
_ALLOWED: Final = re.compile(r"(?:[\d\s.:+'\"°±-]|h|m|s|d|deg|arcsecs?|arcmins?|arc\w+|degrees?)+")


class InvalidPosition(UserError):
    code = "invalid_position"

    def __init__(self, text: str, why: str) -> None:
        super().__init__(
            f"“{shorten(text)}” {why}. Write right ascension and declination (J2000) as"
            " 19 02 43.06 +50 14 28.7 or 285.679 50.241, and a radius with its unit behind them:"
            " 30 arcsec."
        )


@dataclass(frozen=True)
class SkyPosition:
    """J2000 degrees; ``radius`` in arcsec, None where none was stated."""

    ra: float
    dec: float
    radius: float | None = None


def looks_like_position(text: str) -> bool:
    """Whether ``text`` is made of what positions are made of: two numbers at least, and no word."""
    plain = _plain(text)
    if _COMPACT.match(plain):
        return True
    numbers = re.findall(_NUMBER, plain)
    apart = re.search(r"[\s:hmd°]|\.\d+[+-]", plain)
    starts = plain[:1].isdigit() or plain[:1] in ("+", "-")
    return starts and len(numbers) > 1 and bool(apart) and bool(_ALLOWED.fullmatch(plain))


def parse_position(text: str) -> SkyPosition:
    """J2000 degrees from decimal degrees or from hours, minutes and seconds, with or without marks;
    a radius with its unit may follow. Raises ``InvalidPosition``."""
    plain, radius = _without_radius(text, _plain(text))
    if found := _COMPACT.fullmatch(plain):
        plain = "{}h{}m{}s {}{}d{}m{}s".format(*found.groups())
    if found := _DECIMAL.fullmatch(plain):
        ra = float(found[1]) * (15 if found[2] == "h" else 1)
        dec = float(found[3].replace(" ", ""))
    elif found := _HOURS_DEGREES.fullmatch(plain):
        ra = _angle(found[1], hours="d" not in found[1] and "°" not in found[1])
        dec = _angle(found[2].replace("- ", "-").replace("+ ", "+"), hours=False)
    else:
        raise InvalidPosition(text, "is not one position")
    return _checked(text, ra, dec, radius)


def _plain(text: str) -> str:
    return " ".join(_LABELS.sub(" ", text.translate(_PRIMES).lower()).replace("''", '"').split())


def _without_radius(text: str, plain: str) -> tuple[str, float | None]:
    """``plain`` without the radius at its end, and that in arcsec. 50d alone is a declination."""
    found = _RADIUS.search(plain)
    if found is None or found[2] not in ARCSEC or _is_whole(plain):
        return plain, None
    rest = plain[: found.start()].rstrip("± ")
    if not _is_whole(rest):
        return plain, None
    radius = float(found[1]) * ARCSEC[found[2]]
    if not 0 < radius <= WIDEST_ARCSEC:
        raise InvalidPosition(text, "asks for a radius that is not between 0 and 5 degrees")
    return rest, radius


def _is_whole(plain: str) -> bool:
    return any(form.fullmatch(plain) for form in (_COMPACT, _DECIMAL, _HOURS_DEGREES))


def _angle(text: str, *, hours: bool) -> float:
    """Degrees; NaN where minutes or seconds reach 60. Without seconds, minutes have decimals."""
    numbers = re.findall(_NUMBER, text)
    sign = "-" if text.startswith("-") else ""
    if len(numbers) == 2:
        numbers = [numbers[0], str(int(float(numbers[1]))), f"{float(numbers[1]) % 1 * 60:.9f}"]
    unit = ("h", "m", "s") if hours else ("d", "m", "s")
    return parse_angle(
        sign + "".join(n + u for n, u in zip(numbers, unit, strict=True)), hours=hours
    )


def _checked(text: str, ra: float, dec: float, radius: float | None) -> SkyPosition:
    if np.isnan(ra) or np.isnan(dec):
        raise InvalidPosition(text, "has minutes or seconds of 60 or more")
    if not 0 <= ra <= 360:
        raise InvalidPosition(text, "has a right ascension beyond 360 degrees or 24 hours")
    if abs(dec) > 90:
        raise InvalidPosition(text, "has a declination beyond 90 degrees")
    return SkyPosition(ra % 360, dec, radius)


class SkyIndex:
    """n places on the sky, found by position: a tree of unit vectors."""

    def __init__(self, ra: Floats, dec: Floats) -> None:
        """J2000 degrees, each (n,); where either is NaN, the place is never found."""
        vectors = sky_vectors(ra, dec)
        self._rows = np.flatnonzero(np.isfinite(vectors).all(axis=1))
        self._tree = spatial.cKDTree(vectors[self._rows])

    def around(self, ra: float, dec: float, arcsec: float) -> tuple[npt.NDArray[np.intp], Floats]:
        """(rows, separations in arcsec) of all places within ``arcsec``, the nearest first."""
        centre = sky_vectors(np.array([ra]), np.array([dec]))[0]
        reach = 2 * np.sin(np.radians(arcsec / 3600) / 2)
        leaves = np.array(self._tree.query_ball_point(centre, reach), dtype=np.intp)
        chords = np.linalg.norm(self._tree.data[leaves] - centre, axis=1)
        order = np.argsort(chords, kind="stable")
        separations: Floats = np.degrees(2 * np.arcsin(chords[order] / 2)) * 3600
        return self._rows[leaves[order]], separations
