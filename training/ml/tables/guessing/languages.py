"""The words of other languages for what a column holds.

A quantity may need several words: a radius alone is the planet's or the star's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_RADIUS: Final = r"radi|rayon|raggio|raio|半径|半徑|радиус|straal"
_STAR: Final = (
    r"stern|stell|étoile|etoile|estrel|estel|恒星|主星|звезд|ster(?:straal|massa|temp)|sonnen"
)
_PLANET: Final = r"plan[eéè]t|pianet|惑星|行星|планет"
_TEMPERATURE: Final = r"temp[eé]r|temp\b|温度|溫度|температур"
_MASS: Final = r"mass[ea]?\b|masa\b|massen?|質量|质量|масса"

_STEMS: Final[Mapping[str, tuple[str, ...]]] = {
    "orbital_period": (r"umlauf|p[eé]riod|per[ií]odo|周期|週期|период|omloop",),
    "transit_duration": (
        r"dauer|dur[eé]e|duraci[oó]n|durata|dura[cç][aã]o|duur|継続|持続|持续|時長|时长|時間"
        r"|длительность",
    ),
    "transit_depth": (r"tiefe|profond|profundi|diepte|深さ|深度|減光|減光率|глубина",),
    "equilibrium_temperature": (_TEMPERATURE, r"gleichgew|[eé]quilib|平衡|равновес"),
    "stellar_teff": (_TEMPERATURE, rf"(?:{_STAR})|effe[ct]|efe[ct]|effic|efic|有効|有效|эффектив"),
    "planet_radius": (_RADIUS, _PLANET),
    "stellar_radius": (_RADIUS, _STAR),
    "stellar_mass": (_MASS, _STAR),
    "stellar_magnitude": (r"helligkeit|magnitud|等級|星等|величина",),
    "stellar_distance": (r"entfernung|distan[czt]|距離|距离|расстояние|afstand",),
}
_BARRED: Final[Mapping[str, str]] = {
    "orbital_period": r"rota|自転|自转|вращен",
    "stellar_teff": r"gleichgew|[eé]quilib|平衡|равновес",
    "stellar_radius": _PLANET,
}


def means(feature: str, column: str) -> bool:
    """Whether the name of ``column`` has every word that another language needs to say
    ``feature``."""
    plain = re.sub(r"[\[(（［].*$", "", column).lower()
    stems = _STEMS.get(feature.removesuffix("_error"), ())
    barred = _BARRED.get(feature.removesuffix("_error"))
    if barred and re.search(barred, plain):
        return False
    return bool(stems) and all(re.search(stem, plain) for stem in stems)
