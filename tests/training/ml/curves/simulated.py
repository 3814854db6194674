"""Light curves of our own: trapezoids, variation and noise, as tables and as MAST's FITS files."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from training.ml.curves.curve import LightCurve, Star
from training.ml.schema import Mission

SUN = Star("TIC 1", Mission.TESS, teff=5_772.0, radius=1.0, logg=4.44, magnitude=10.0)


@dataclass(frozen=True)
class Planet:
    """Days, hours and ppm; ``ingress``: share of the duration; ``odd``: depth of every other
    transit over that of the rest; ``second``: depth of a dip half a period later."""

    period: float
    epoch: float = 1.0
    hours: float = 3.0
    ppm: float = 5_000.0
    ingress: float = 0.15
    odd: float = 1.0
    second: float = 0.0

    def light(self, time: Any) -> Any:
        number = np.rint((time - self.epoch) / self.period)
        depth = 1e-6 * self.ppm * np.where(number % 2 == 1, self.odd, 1.0)
        return 1 - depth * self._dip(time, 0.0) - 1e-6 * self.second * self._dip(time, 0.5)

    def _dip(self, time: Any, phase: float) -> Any:
        late = time - self.epoch - phase * self.period
        offset = np.abs((late + self.period / 2) % self.period - self.period / 2)
        days = self.hours / 24
        return np.clip((days / 2 - offset) / (self.ingress * days), 0, 1)


def times(days: float = 27.0, minutes: float = 10.0) -> Any:
    """A sector: a gap of a day in its middle."""
    time = np.arange(0, days, minutes / 1_440)
    return time[np.abs(time - days / 2) > 0.5]


def flux(
    time: Any,
    *planets: Planet,
    noise: float = 300.0,
    wave: tuple[float, float] = (0.0, 5.0),
    seed: int = 1,
) -> Any:
    """``noise`` in ppm per point; ``wave``: amplitude (ppm) and period (days) of the star's own."""
    light = 1 + 1e-6 * wave[0] * np.sin(2 * np.pi * time / wave[1])
    for planet in planets:
        light = light * planet.light(time)
    return light + 1e-6 * noise * np.random.default_rng(seed).normal(size=len(time))


def curve(*planets: Planet, days: float = 27.0, minutes: float = 10.0, **how: Any) -> LightCurve:
    time = times(days, minutes)
    return LightCurve(
        time=time,
        flux=flux(time, *planets, **how),
        weight=np.ones(len(time)),
        part=np.zeros(len(time), dtype=np.intp),
        exposure=minutes / 1_440,
        zero=2_457_000.0,
        star=SUN,
    )


def csv(time: Any, light: Any, header: str = "time,flux") -> bytes:
    rows = [f"{t!r},{f!r}" for t, f in zip(time.tolist(), light.tolist(), strict=True)]
    return "\n".join([header, *rows]).encode()


def mast_fits(
    time: Any, columns: dict[str, Any], cards: dict[str, Any], table: dict[str, Any] | None = None
) -> bytes:
    """A file as MAST makes them: facts of the star in the primary header, the light in a table."""
    primary = fits.PrimaryHDU()
    primary.header.update(cards)
    hdu = fits.BinTableHDU.from_columns(
        [fits.Column("TIME", "D", array=time)]
        + [
            fits.Column(name, "J" if "QUALITY" in name else "E", array=values)
            for name, values in columns.items()
        ],
        name="LIGHTCURVE",
    )
    hdu.header.update(table or {})
    file = io.BytesIO()
    fits.HDUList([primary, hdu]).writeto(file)
    return file.getvalue()


TESS_CARDS = {
    "TELESCOP": "TESS",
    "TICID": 1,
    "OBJECT": "TIC 1",
    "TEFF": 5_772.0,
    "RADIUS": 1.0,
    "LOGG": 4.44,
    "TESSMAG": 10.0,
    "RA_OBJ": 10.0,
    "DEC_OBJ": -20.0,
}
TESS_TABLE = {"BJDREFI": 2_457_000, "BJDREFF": 0.0}


def tess_fits(time: Any, light: Any, **cards: Any) -> bytes:
    """SAP has a trend that PDCSAP has not; every 500th exposure is bad."""
    quality = np.where(np.arange(len(time)) % 500 == 7, 128, 0)
    spoilt = np.where(quality > 0, 5.0, light)
    raw = 900 * light * (1 + time / 100)
    columns = {"SAP_FLUX": raw, "PDCSAP_FLUX": 1_000 * spoilt, "QUALITY": quality}
    return mast_fits(time, columns, TESS_CARDS | cards, TESS_TABLE)


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path
