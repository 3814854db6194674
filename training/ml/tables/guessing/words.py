"""The words by which columns of other people's tables are recognised, and those that bar them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from training.ml.schema import FEATURE_BY_NAME, FEATURES, LAYOUTS, Combine, Feature, source_of
from training.ml.tables.reading.text_header import canonical_name
from training.ml.tables.units import UNITS

ROLE_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "signal": ("identifier", "signal", "name", "planet", "planet name", "object", "candidate", "id",
             "objekt", "kandidat", "tceid", "tce id", "uid", "koi name", "toi", "ctoi",
             "candidate name", "pl name"),
    "star": ("star", "stern", "etoile", "estrella", "stella", "star id", "host", "target",
             "target id", "kic", "tic", "epic", "star name",
             "search id", "kepler id", "kepid", "ticid", "tic id", "epic id", "hostname", "id"),
    "ra": ("ra", "right ascension", "ra deg", "raj2000"),
    "dec": ("dec", "declination", "dec deg", "dej2000", "de"),
    "disposition": ("disposition", "status", "class", "label", "disp", "verdict", "is planet",
                    "planet or not", "classification", "truth",
                    "exoplanet archive disposition"),
}  # fmt: skip

FEATURE_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "orbital_period": ("period", "per", "p", "porb", "pl_per"),
    "transit_duration": ("duration", "dur", "t14", "tdur", "tdur14"),
    "transit_depth": ("depth", "delta", "dep"),
    "impact_parameter": ("impact", "b"),
    "radius_ratio": (
        "ror", "rprs", "rp_rs", "radius ratio", "rplanet over rstar", "rad_p/rad_s", "rpl/rs",
        "ratio planet radius to star radius",
    ),
    "scaled_semi_major_axis": (
        "ars", "a_rs", "a over r", "dor", "a/rs", "a/rad_s", "ratio semi major axis to star radius",
    ),
    "inclination": ("inc", "incl", "inclination"),
    "transit_snr": ("snr", "s/n", "sn", "signal to noise", "model snr"),
    "planet_radius": ("rp", "rpl", "r_p", "rplanet", "planet rad", "radius planet", "prad",
                      "planetary radius"),
    "insolation": ("insol", "flux", "seff"),
    "equilibrium_temperature": ("teq", "t_eq", "eqt", "equilibrium temp"),
    "semi_major_axis": ("a", "sma", "axis"),
    "stellar_teff": ("teff", "t_eff", "star temp", "tstar", "steff", "st temp"),
    "stellar_logg": ("logg", "log g", "slogg", "gravity", "ss_gravity"),
    "stellar_radius": ("rs", "rstar", "r_star", "star rad", "star radius", "srad", "rad star"),
    "stellar_mass": ("ms", "mstar", "m_star", "star mass", "smass"),
    "stellar_metallicity": ("feh", "fe/h", "met", "metallicity", "smet"),
    "stellar_density": ("rho", "rhostar", "density", "rho_star"),
    "stellar_magnitude": ("mag", "kepmag", "tmag", "magnitude", "gmag", "gaiamag", "vmag",
                          "kepler-band", "tess mag", "mag_v"),
    "stellar_distance": ("dist", "distance"),
    "proper_motion": ("pm", "proper motion"),
    "max_multiple_event_statistic": ("mes", "max mes"),
    "max_single_event_statistic": ("ses", "max ses"),
    "detection_order": ("tce planet number", "planet number"),
}  # fmt: skip

_ANSWERS: Final = re.compile(
    r"(?:^|[_\s.])(?:fp|fpflag|flag|flags|score|prob|probability|predicted|prediction|pred|pdisp\w*"
    r"|pdisposition|vet|vetting|robovetter|autovetter|comment|comments|confidence|verdict|p)"
    r"(?:[_\s.]|$)|^fp|flag|score|prob(?:ability)?$|^p_(?:confirmed|candidate|false)|predict"
    r"|disposition",
    re.IGNORECASE,
)
_ERROR: Final = r"err(?:or)?[_\s]?[12]?|uncertainty|sigma|unc"
_SIDES: Final = r"upper|lower|plus|minus|uerr|derr|lerr|pos|neg"
_OTHER_QUANTITIES: Final = frozenset(
    ("half", "ln", "lg", "freq", "frequency", "rot", "rotation", "rotational",
     "spin", "ingress", "egress", "t23", "t12", "t34", "flat", "rms", "age", "vsini", "rv",
     "parallax", "plx", "secondary", "odd", "even", "synodic", "pulsation", "lim", "limit")
)  # fmt: skip
_LOGARITHM: Final = re.compile(r"(?:^|[^a-z])log(?:10)?[\s_(]*(?!g(?:[^a-z]|$))(?=[a-z])")
_OF_EITHER: Final[Mapping[str, tuple[str, ...]]] = {
    "planet_radius": ("radius", "rad", "r"),
    "stellar_radius": ("radius", "rad", "r"),
    "stellar_mass": ("mass", "m"),
    "stellar_density": ("density", "rho"),
    "insolation": ("flux",),  # or the star's, in electrons per second
    "semi_major_axis": ("a",),  # or in radii of the star
}
_INPUTS_ALL_THE_SAME: Final = frozenset({"p", "p [d]", "p (d)", "p_d", "p_days"})
_BANDS: Final = (
    ("Kp", ("kepmag", "kpmag", "kp", "keplermag", "keplerband", "kepmagnitude", "magkep")),
    ("T", ("tmag", "tessmag", "magt", "tessmagnitude", "ticmag")),
    ("G", ("gaiamag", "gmag", "magg", "photgmeanmag", "gaiamagnitude")),
    ("V", ("vmag", "magv", "vmagnitude", "vjohnson", "symag", "syvmag", "stvmag")),
)
_INFRARED: Final = re.compile(r"^(?:sy|st|koi|mag)?([jhk])s?(?:mag|magnitude)?$|^mag([jhk])$")


def holds_an_answer(column: str) -> bool:
    """Whether a column says what somebody or something decided about a signal: a flag, a score, a
    disposition. It is never an input."""
    name = column.strip().lower()
    return name not in _INPUTS_ALL_THE_SAME and _ANSWERS.search(name) is not None


def band_of(column: str) -> str | None:
    """The band that a magnitude's name says; "" where it says one that is none of ours, None where
    it says none."""
    plain = canonical_name(re.sub(r"[\[(].*?[\])]", " ", column))
    for band, names in _BANDS:
        if plain in names:
            return band
    return "" if infrared_band(column) else None


def infrared_band(column: str) -> str | None:
    """J, H or K, where a magnitude's name says so."""
    found = _INFRARED.match(canonical_name(re.sub(r"[\[(].*?[\])]", " ", column)))
    return (found[1] or found[2]).upper() if found else None


def words_of(column: str) -> str:
    """A column's name without the words for its unit and its uncertainty."""
    text = re.sub(r"[\[(].*?[\])]", " ", column)
    text = re.sub(rf"(?i)[_\s-]*(?:(?:{_ERROR})(?:_max|_min)?|{_SIDES})(?![A-Za-z])\.?", " ", text)
    text = re.sub(r"(?i)^(?:e|sig|sigma|d)_|[_\s][+-]\s*$", " ", text)
    text = re.sub(r"([a-z])([A-Z])", r"\1 \2", text)
    pieces = [piece for piece in re.split(r"[^A-Za-z0-9/]+", text.lower()) if piece]
    return canonical_name(
        "".join(piece for i, piece in enumerate(pieces) if i == 0 or not _is_unit(piece))
    )


def _is_unit(piece: str) -> bool:
    return piece in UNIT_WORDS or piece in ("d", "h")


def says_another_quantity(column: str) -> bool:
    """Whether a name has a word that makes another quantity of the one it names: half a duration,
    the logarithm of a period, the period of a rotation, the depth of the secondary."""
    text = re.sub(r"([a-z])([A-Z])", r"\1 \2", column)
    text = re.sub(r"\s[\[(].*$", "", text.lower())  # a unit
    pieces = set(re.split(r"[^a-z0-9]+", text))
    return bool(pieces & _OTHER_QUANTITIES) or _LOGARITHM.search(text) is not None


def may_be_either(feature: str, words: str) -> bool:
    """Whether a bare word may as well be of the other body: "radius" of the planet or the star."""
    return words in _OF_EITHER.get(feature, ())


def says_error(column: str) -> bool:
    pattern = (
        rf"(?i)(?:^e_)|(?:^sig(?:ma)?_)|{_ERROR}(?![A-Za-z])|\bsigma\b"
        rf"|[_\s](?:{_SIDES})(?![A-Za-z])|[_\s][+-]\s*$|[a-z][_\s]?[ul]err\b"
    )
    return re.search(pattern, re.sub(r"[\[(].*?[\])]", " ", column)) is not None


def is_side(column: str, columns: Iterable[str]) -> bool:
    """Whether "…error_min" has its "…error_max" and so is no error in minutes."""
    found = re.fullmatch(r"(?i)(.*err(?:or)?_)(min|max)", column)
    other = {"min": "max", "max": "min"}
    return found is not None and found[1] + other[found[2].lower()] in columns


def says_count(column: str) -> bool:
    return (
        re.search(r"(?i)(?:^|[_\s])(?:num|nr|count|number|n)(?:[_\s]|$)|count$|Number$", column)
        is not None
    )


def says_lower(column: str) -> bool:
    pattern = r"(?i)err(?:or)?_?2\b|lower|minus|derr|lerr|_(?:min|neg|lo|low|down)\b|[_\s]-\s*$"
    return re.search(pattern, column) is not None


def speaks_of_the_star(column: str) -> bool:
    return re.match(r"(?i)(?:st|star|stellar|host|s)[_\s.]|star[A-Z]|stellar", column) is not None


def _aliases(feature: Feature) -> tuple[str, ...]:
    """Every name by which a feature is known: ours, our label, the archive's columns, and the
    field's short forms."""
    base = feature.name.removesuffix("_error")
    quantity = FEATURE_BY_NAME.get(base, feature)
    names = [base, base.replace("stellar_", "star_"), quantity.label, *FEATURE_WORDS.get(base, ())]
    for layout in LAYOUTS:
        source = source_of(quantity, layout)
        if source is not None and source.combine in (Combine.ONE, Combine.MEAN_ABS):
            names += [words_of(column) for column in source.columns]
    return tuple(dict.fromkeys(canonical_name(name) for name in names))


def _role_aliases(role: str, names: Iterable[str]) -> tuple[str, ...]:
    of_layouts = [str(getattr(layout, f"{role}_column", "")) for layout in LAYOUTS.values()]
    return tuple(dict.fromkeys(canonical_name(name) for name in (*names, *of_layouts) if name))


def _archive_factors() -> Iterable[tuple[tuple[str, str], float]]:
    for feature in FEATURES:
        for source in feature.sources.values():
            for column in source.columns:
                # TOI and K2 share pl_trandep in two units: only the values can tell.
                if column != "pl_trandep":
                    yield (feature.name, canonical_name(column)), source.factor


UNIT_WORDS: Final = frozenset(
    word for units in UNITS.values() for unit in units for word in unit.words if len(word) > 1
) | {"cgs", "kelvin", "ppm"}
ALIASES: Final = {
    feature.name: _aliases(feature) for feature in FEATURES if not feature.is_categorical
}
ROLE_ALIASES: Final = {role: _role_aliases(role, names) for role, names in ROLE_NAMES.items()}
ARCHIVE_FACTORS: Final = dict(_archive_factors())
