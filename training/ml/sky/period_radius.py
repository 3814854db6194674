"""Where known signals stand by period and radius, and which of them are nearest to a signal.

Distances are in dex, in the plane of the logarithms of period and radius: 0.3 dex is a factor of
two in one of them.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from training.ml.schema import DISPOSITIONS, Disposition
from training.ml.sky.names import is_signal_form, signal_name

NEAREST: Final = 5
SAME_PERIOD: Final = 5e-5  # dex; no two signals agree so well by chance
SAME_RADIUS: Final = 0.1  # dex; catalogues differ by as much about one planet

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Neighbour:
    """A known signal near another one. ``name`` is "" where it may not be shown."""

    name: str
    disposition: Disposition
    period: float  # days
    radius: float  # Earth radii
    distance: float  # dex


@dataclass(frozen=True, eq=False)
class KnownPoints:
    """n signals of known disposition that have a period and a radius.

    ``period`` in days and ``radius`` in Earth radii, each (n,); ``disposition``: positions in
    ``DISPOSITIONS``; ``names``: as catalogues name them, "" for every other name.
    """

    period: npt.NDArray[np.float32]
    radius: npt.NDArray[np.float32]
    disposition: npt.NDArray[np.int8]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.period)

    def pack(self) -> bytes:
        """As a file that is read without running anything."""
        buffer = io.BytesIO()
        text = np.frombuffer("\n".join(self.names).encode(), dtype=np.uint8)
        np.savez_compressed(
            buffer, period=self.period, radius=self.radius, disposition=self.disposition, names=text
        )
        return buffer.getvalue()

    @classmethod
    def unpack(cls, content: bytes) -> KnownPoints:
        with np.load(io.BytesIO(content), allow_pickle=False) as found:
            names = tuple(found["names"].tobytes().decode().split("\n"))
            period, radius = found["period"], found["radius"]
            return cls(period, radius, found["disposition"], names if len(period) else ())

    def nearest(
        self, period: float, radius: float, name: str = "", n: int = NEAREST
    ) -> tuple[list[Neighbour], Neighbour | None]:
        """The ``n`` nearest signals, and the signal's own entry, which is none of them: by its
        ``name`` in any spelling, or by the same period."""
        across = np.log10(self.period.astype(np.float64)) - np.log10(period)
        up = np.log10(self.radius.astype(np.float64)) - np.log10(radius)
        distance: Floats = np.hypot(across, up)
        own = (np.abs(across) < SAME_PERIOD) & (np.abs(up) < SAME_RADIUS)
        if is_signal_form(name):
            wanted = signal_name(name)
            own |= np.array([known == wanted for known in self.names], dtype=bool)
        others = np.where(own, np.inf, distance)
        order = np.argsort(others, kind="stable")[: min(n, int((~own).sum()))]
        itself = np.flatnonzero(own)
        first = int(itself[distance[itself].argmin()]) if len(itself) else None
        found = [self._neighbour(int(at), distance) for at in order]
        return found, None if first is None else self._neighbour(first, distance)

    def _neighbour(self, at: int, distance: Floats) -> Neighbour:
        return Neighbour(
            self.names[at],
            DISPOSITIONS[int(self.disposition[at])],
            float(self.period[at]),
            float(self.radius[at]),
            float(distance[at]),
        )
