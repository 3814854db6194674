"""What the words for a unit mean, in whichever spelling or language a table writes them.

Everything is brought to a dimension and a scale. The words that tables use most are known here;
anything else is asked of astropy.units (generic, CDS, VOUnit and FITS notation).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

_LONGEST: Final = 40  # characters; no unit is longer


@dataclass(frozen=True)
class Measure:
    """``scale``: one of this unit in the base of its ``dimension`` (SI, or as ``BASES`` says)."""

    dimension: str
    scale: float


DAY: Final = 86_400.0
HOUR: Final = 3_600.0
AU: Final = 149_597_870_700.0  # m, IAU 2012 Resolution B2
PARSEC: Final = AU * 648_000 / 3.141592653589793
EARTH_RADIUS: Final = 6_378_100.0  # m, this and the next IAU 2015 Resolution B3
JUPITER_RADIUS: Final = 71_492_000.0
SOLAR_RADIUS: Final = 695_700_000.0
SOLAR_MASS: Final = 1.988409870698051e30  # kg, from the nominal GM of the Sun and CODATA 2018's G
SOLAR_CONSTANT: Final = 1_361.0  # W/m²
SOLAR_DENSITY: Final = 1_410.0  # kg/m³

BASES: Final[Mapping[str, str]] = {
    "time": "s",
    "length": "m",
    "angle": "deg",
    "mass": "kg",
    "temperature": "K",
    "fraction": "",
    "magnitude": "mag",
    "irradiance": "W / m2",
    "density": "kg / m3",
    "acceleration": "m / s2",
    "angular speed": "mas / yr",
}
"""The unit of astropy in which the scales of each dimension are given."""


_WORDS_OF: Final[Mapping[str, tuple[tuple[float, str], ...]]] = {
    "time": (
        (
            DAY,
            "d day days tag tage tagen jour jours dia dias giorno giorni dag dagen dagar dzien dni"
            " den dny день дни дней сутки сут 天 日 bjd bkjd btjd bjdtdb hjd jd mjd rjd tjd tbjd"
            " tdb bjdutc juliandate juliandays barycentricjuliandate",
        ),
        (
            HOUR,
            "h hr hrs hour hours stunde stunden std heure heures hora horas ora ore uur uren"
            " timmar timer godzina godziny hod час часы часов ч 小时 小時 時間",
        ),
        (
            60.0,
            "min min mins minute minutes minuten minuto minutos minuti minuta минута 分钟 分 分間",
        ),
        (1.0, "s sec secs second seconds sekunde sekunden seconde secondes segundo segundos 秒"),
        (365.25 * DAY, "yr yrs year years jahr jahre an annee annees ano anos anni jaar 年"),
    ),
    "length": (
        (
            EARTH_RADIUS,
            "rearth re earthradii earthradius earthrad erad rearths rgeo rterra rterre"
            " erdradius erdradien rerde rayonterrestre rayonsterrestres radioterrestre"
            " radiosterrestres raggioterrestre raggiterrestri raioterrestre raiosterrestres"
            " aardstraal aardstralen terrestrialradii 地球半径 地球半徑",
        ),
        (
            JUPITER_RADIUS,
            "rjup rj jupiterradii jupiterradius jupiterrad jupradii rjupiter jupiterradien"
            " jupiterradiusse rayonjovien rayonsjoviens radiojoviano radiosjovianos"
            " raggiogioviano raggigioviani raiosjovianos jovianradii 木星半径 木星半徑",
        ),
        (
            SOLAR_RADIUS,
            "rsun solarradii solarradius solrad rsol rsolar sonnenradius sonnenradien rsonne"
            " rayonsolaire rayonssolaires radiosolar radiossolares raggiosolare raggisolari"
            " raiosolar raiossolares zonnestraal zonnestralen 太陽半径 太阳半径 太陽半徑",
        ),
        (AU, "au ua ae astronomicalunit astronomicalunits"),
        (PARSEC, "pc parsec parsecs"),
        (1e3 * PARSEC, "kpc kiloparsec"),
        (
            9_460_730_472_580_800.0,
            "ly lyr lightyear lightyears lj lichtjahr lichtjahre al anneelumiere anneeslumiere",
        ),
        (1e3, "km kilometer kilometers kilometre kilometres"),
        (1e9, "millionkm mkm gm"),
    ),
    "angle": (
        (
            1.0,
            "deg degs degree degrees decimaldegrees degr ddeg grad grad° ° degre degres grado"
            " grados gradi degj2000 degicrs",
        ),
        (1 / 3600, 'arcsec arcseconds arcsecs arcsecond as"'),
        (1 / 60, "arcmin arcminutes arcminute"),
        (1 / 3_600_000, "mas milliarcsec milliarcseconds milliarcsecond"),
        (180 / 3.141592653589793, "rad rads radian radians radiant"),
        (15.0, "hourangle"),
    ),
    "mass": (
        (
            SOLAR_MASS,
            "msun solmass solarmass solarmasses msol msolar sonnenmasse sonnenmassen massesolaire"
            " massessolaires masasolar masassolares massesolari",
        ),
    ),
    "temperature": ((1.0, "k kelvin kelvins degk"), (1e3, "kk kilokelvin")),
    "Celsius": (
        (
            1.0,
            "c °c oc degc celsius degcelsius degreecelsius degreescelsius gradcelsius centigrade"
            " degrescelsius gradoscelsius",
        ),
    ),
    "fraction": (
        (1e-6, "ppm partspermillion partpermillion 1e-6 10^-6 10**-6 10-6 1e-06"),
        (1e-2, "% percent pct perc percentage prozent pourcent porciento percento procent 百分比"),
        (1e-3, "ppt ppth partsperthousand ‰ permil permille promille 1e-3 10^-3 10**-3 10-3 1e-03"),
        (1e-4, "‱ permyriad basispoints"),
        (1e-9, "ppb"),
        (
            1.0,
            "fraction frac fractional relative rel relativeflux normalizedflux normalisedflux"
            " anteil bruchteil",
        ),
    ),
    "magnitude": (
        (1.0, "mag mags magnitude magnitudes magab abmag vegamag magvega"),
        (1e-3, "mmag mmags millimag millimags millimagnitude millimagnitudes"),
    ),
    "irradiance": (
        (
            SOLAR_CONSTANT,
            "earthflux searth fearth sterra earthinsolation earthfluxes solarconstant ssolar"
            " iearth se fe seearth erdfluss earthinsol fluxearth",
        ),
        (1.0, "wm2 w/m2 w/m**2 w/m^2 wm-2 wm^-2"),
        (1e-3, "erg/s/cm2 erg/cm2/s ergcm-2s-1 ergs-1cm-2 erg/s/cm^2 erg/s/cm**2 erg/cm^2/s"),
    ),
    "density": (
        (1e3, "g/cm3 g/cm^3 g/cm**3 gcm3 gcm-3 g/cc gcc"),
        (1.0, "kg/m3 kg/m^3 kg/m**3 kgm3 kgm-3"),
        (SOLAR_DENSITY, "rhosun ρsun solardensity solardensities"),
    ),
    "angular speed": (
        (1.0, "mas/yr masyr mas/year masyr-1 mas/a milliarcsec/yr"),
        (1e3, "arcsec/yr arcsecyr arcsec/year as/yr asyr arcsecyr-1"),
    ),
    "log g": (
        (
            1.0,
            "cgs logcgs log10cgs log(cgs) log10(cgs) cm/s2 cm/s^2 cm/s**2 cm/s** cm/s cms-2"
            " cm/sec2 cm/sec^2 log(cm/s2) log(cm/s^2) log(cm/s**2) log10(cm/s2) log10(cm/s^2)"
            " log10(cm/s**2) log10cm/s2 log10cm/s**2 logcm/s2 logcm/s**2 logcm/s^2 dex(cm/s2)"
            " dex(cm/s**2) dex(cm/s^2) [cm/s2] [cm/s**2] lg(cm/s2) dexcgs logg log(g)",
        ),
    ),
    "log": (
        (1.0, "dex [sun] log(sun) log10(sun) logsun [-] [fe/h] [m/h] dex(sun) logsolar [dex]"),
    ),
    "other": (
        (
            1.0,
            "f °f of degf fahrenheit degfahrenheit degreesfahrenheit gradfahrenheit"
            " cadence cadences phase orbitalphase pixel pixels px adu e-/s e-s-1 electrons/s"
            " log log10 ln week weeks rnep rneptune neptuneradii neptuneradius neptunradien",
        ),
    ),
    "number": (
        (
            1.0,
            "dimensionless unitless dimensionslos sansdimension adimensional count counts ct"
            " sigma sigmas rs r* rstar stellarradii stellarradius ratio",
        ),
    ),
}


def normal(text: str) -> str:
    """A unit without case, accents, blanks and underscores; signs of the bodies spelled out."""
    for sign, word in (
        ("⊕", "earth"),
        ("♁", "earth"),
        ("☉", "sun"),
        ("⊙", "sun"),
        ("♃", "jup"),
        ("\\oplus", "earth"),
        ("\\odot", "sun"),
        ("′′", "arcsec"),
        ("″", "arcsec"),
        ("·", ""),
        ("\N{MINUS SIGN}", "-"),
    ):
        text = text.replace(sign, word)
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[\s_{}$\\.]", "", plain.casefold())


_BY_WORD: Final[Mapping[str, Measure]] = {
    normal(word): Measure(dimension, scale)
    for dimension, rows in _WORDS_OF.items()
    for scale, words in rows
    for word in words.split()
}
# "10^-4", "x 10-3", "1e-6": what a number has to be multiplied by.
_POWER: Final = re.compile(r"[x×*]?(?:10(?:\^|\*\*)?(?=[-^*])|10(?:\^|\*\*)|1e)(-?\d{1,2})")
# "log(cm.s**-2)", "[cm/s2]", "log10(days)", "ln d": of the quantity's logarithm
_LOGARITHM: Final = re.compile(r"(?i)(?:(?:log|lg)(?:_?10)?|dex|ln|log_?e)\s*[\[(\s]\s*(.+?)[\])]?")
_LOGARITHM_OF_G: Final = re.compile(r"(?i)(?:(?:log|lg)(?:_?10)?|dex)?\s*[\[(]\s*(.+?)\s*[\])]")
# "BJD - 2457000", "BJD−2454833 d", "JD-2450000", "BTJD (BJD - 2457000)"
_TIME_OFFSET: Final = re.compile(
    r"\(?(?:[bhmrt]?k?jd)(?:[a-z]*)?\)?-\(?(\d{4,7}(?:\.\d+)?)\)?(?:d|days?)?"
)
_NAMED_OFFSETS: Final[Mapping[str, float]] = {
    "bjd": 0.0,
    "bjdtdb": 0.0,
    "bjdutc": 0.0,
    "hjd": 0.0,
    "jd": 0.0,
    "bkjd": 2_454_833.0,
    "btjd": 2_457_000.0,
    "tbjd": 2_457_000.0,
    "tjd": 2_457_000.0,
    "mjd": 2_400_000.5,
    "rjd": 2_400_000.0,
}


def time_offset(text: str) -> float | None:
    """What a unit of dates leaves out of the Julian date, in days: 2,457,000 for "BTJD"; None where
    the text names no zero point."""
    word = normal(text).replace("--", "-")
    if found := _TIME_OFFSET.fullmatch(word):
        return float(found[1])
    return _NAMED_OFFSETS.get(word)


@lru_cache(maxsize=4096)
def measure_of(text: str) -> Measure | None:
    """What ``text`` means as a unit; None where it means none."""
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return None
    known = _BY_WORD.get(normal(text))
    if known is not None:
        return known
    if time_offset(text) is not None:
        return Measure("time", DAY)
    if power := _POWER.fullmatch(normal(text)):
        return Measure("fraction", 10.0 ** int(power[1]))
    if found := _LOGARITHM_OF_G.fullmatch(text):
        return _logarithm(_by_astropy(found[1]))
    return Measure("other", 1) if _LOGARITHM.fullmatch(text) else _by_astropy(text)


def _logarithm(inside: Measure | None) -> Measure | None:
    """Of a quantity in this unit: only that of a gravity in cm/s² is one of ours."""
    if inside is None:
        return None
    is_gravity = inside.dimension == "acceleration" and abs(inside.scale - 0.01) < 1e-9
    return Measure("log g" if is_gravity else "other", 1)


def is_date(text: str) -> bool:
    """Whether a unit is that of dates, not of spans of time: "BJD", "BJD - 2457000"."""
    return time_offset(text) is not None or re.search("jd|julian|tdb", normal(text)) is not None


_FOOTNOTES: Final = frozenset("cf")
"""Letters that are units only as capitals: "Period (c)" refers to a remark."""


def says_unit(text: str) -> bool:
    """Whether ``text`` from a bracket or a row is a unit;
    single letters only where they are in use."""
    word = normal(text)
    if text.strip() in _FOOTNOTES:
        return False
    if word in _BY_WORD or text.strip() == "j" or time_offset(text) is not None:
        return True
    if _POWER.fullmatch(word) or _LOGARITHM.fullmatch(text.strip()):
        return True
    if len(text.strip()) < 2 or not re.search(r"[A-Za-z%µ]", text):
        return False
    return measure_of(text) is not None


def _by_astropy(text: str) -> Measure | None:
    import warnings

    from astropy import units  # 0.2 s; most tables use the words above

    tidy = text.replace("^", "**").replace("\N{MINUS SIGN}", "-").replace("µ", "u")
    for notation in (None, "cds", "vounit", "fits", "ogip"):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                unit = units.Unit(tidy, format=notation)
        except (ValueError, TypeError, KeyError, OverflowError, ZeroDivisionError):
            continue
        return _measure(unit)
    return None


def _measure(unit: Any) -> Measure | None:
    from astropy import units

    if isinstance(unit, units.function.FunctionUnitBase):
        physical = unit.physical_unit
        if physical.is_equivalent(units.dimensionless_unscaled):
            return Measure("log", 1)
        return _logarithm(_measure(physical))
    for dimension, base in BASES.items():
        try:
            scale = float(unit.to(units.Unit(base)))
        except (units.UnitsError, TypeError, ValueError, OverflowError):
            continue
        if 0 < scale < float("inf"):
            return Measure(dimension, scale)
    return Measure("other", 1)
