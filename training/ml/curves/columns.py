"""Which columns of a product are the time, the corrected flux and the quality, and what they
count."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from training.ml.schema import Mission
from training.ml.tables.reading.read_table import canonical_name

TIMES: Final = (
    "time",
    "t",
    "btjd",
    "bkjd",
    "bjd",
    "bjdtdb",
    "jd",
    "hjd",
    "mjd",
    "timebtjd",
    "timebkjd",
    "timebjd",
    "timed",
    "times",
)
FLUXES: Final = (
    "fcor",  # K2SFF, EVEREST
    "pdcsapflux",  # Kepler, TESS and TESS-SPOC
    "kspsapflux",  # QLP
    "detflux",  # QLP, later sectors
    "correctedflux",
    "flux",
    "relflux",
    "relativeflux",
    "normalizedflux",
    "normalisedflux",
    "sapflux",
)
"""By canonical name, the best corrected first."""

POSITION_TREND: Final = "trposi"  # K2SC gives the roll's systematics beside the flux
UNCORRECTED_K2: Final = frozenset({"pdcsapflux", "sapflux"})
RAW: Final = "sapflux"
QUALITIES: Final = ("quality", "sapquality")
CENTROIDS: Final = ("momcentr1", "momcentr2")  # flux-weighted, in pixels
MOTIONS: Final = ("poscorr1", "poscorr2")  # of the star over the pixels, by the telescope alone
KNOWN: Final = frozenset({*TIMES, *FLUXES, *QUALITIES, POSITION_TREND, *CENTROIDS, *MOTIONS})


def _bits(*numbers: int) -> int:
    """A mask of bits, counted from 1 as the archive's manuals count them."""
    return sum(1 << (number - 1) for number in numbers)


# Attitude tweak, safe mode, coarse point, Earth point, desaturation, … , excluded by hand, no data:
# Kepler Archive Manual (KDMC-10008), table 2-3; TESS SDPDD (EXP-TESS-ARC-ICD-0014), table 28. In
# K2 the thrusters' firings (bit 21) as well.
_KEPLER_BITS: Final = _bits(1, 2, 3, 4, 6, 9, 15, 17)
BAD_BITS: Final[Mapping[Mission, int]] = {
    Mission.TESS: _bits(1, 2, 3, 4, 5, 6, 8, 10, 15),
    Mission.KEPLER: _KEPLER_BITS,
    Mission.K2: _KEPLER_BITS | _bits(21),
}

_ZEROS: Final = {"btjd": 2_457_000.0, "bkjd": 2_454_833.0, "mjd": 2_400_000.5}
_DAYS: Final = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1 / 86_400),
    **dict.fromkeys(("min", "minute", "minutes"), 1 / 1_440),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 1 / 24),
}
FULL_DATE: Final = 2_400_000  # a Julian date of our time is larger, any offset that is used smaller


def usual_name(column: str) -> str:
    """The canonical name without what stands in brackets: "time" of "time [BTJD]"."""
    return canonical_name(re.sub(r"[\[(].*$", "", column))


def first_of(names: Sequence[str], columns: Mapping[str, str]) -> str | None:
    """The first of ``names`` that a table has; ``columns``: its own names by canonical name."""
    return next((columns[name] for name in names if name in columns), None)


def days_per_unit(unit: str) -> float:
    """What a stated unit of time is in days; texts that state none are days."""
    return _DAYS.get(unit.strip().lower(), 1.0)


def zero_stated(texts: Sequence[str]) -> float | None:
    """The Julian date from which times count, as units and names state it: "BJD - 2457000",
    "btjd"."""
    for text in texts:
        lowered = text.lower()
        if found := re.search(r"24\d{5}(?:\.\d+)?", lowered):
            return float(found[0])
        for word, zero in _ZEROS.items():
            if word in lowered:
                return zero
    return None
