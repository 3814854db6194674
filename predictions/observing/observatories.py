"""Places from which people observe. Degrees, north and east positive, to a minute of arc."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from training.ml.sky.night import Place

OBSERVATORIES: Final[Mapping[str, tuple[str, Place]]] = {
    "apache-point": ("Apache Point", Place(32.780, -105.820)),
    "calar-alto": ("Calar Alto", Place(37.224, -2.546)),
    "cerro-tololo": ("Cerro Tololo", Place(-30.169, -70.806)),
    "haleakala": ("Haleakalā", Place(20.708, -156.256)),
    "hanle": ("Hanle", Place(32.779, 78.964)),
    "haute-provence": ("Haute-Provence", Place(43.932, 5.712)),
    "kitt-peak": ("Kitt Peak", Place(31.960, -111.600)),
    "la-palma": ("La Palma, Roque de los Muchachos", Place(28.757, -17.893)),
    "la-silla": ("La Silla", Place(-29.257, -70.730)),
    "las-campanas": ("Las Campanas", Place(-29.015, -70.693)),
    "lick": ("Lick, Mount Hamilton", Place(37.341, -121.643)),
    "mauna-kea": ("Maunakea", Place(19.826, -155.475)),
    "mcdonald": ("McDonald", Place(30.672, -104.022)),
    "mount-hopkins": ("Mount Hopkins", Place(31.688, -110.885)),
    "okayama": ("Okayama", Place(34.576, 133.594)),
    "palomar": ("Palomar", Place(33.356, -116.865)),
    "paranal": ("Paranal", Place(-24.627, -70.404)),
    "pic-du-midi": ("Pic du Midi", Place(42.936, 0.143)),
    "siding-spring": ("Siding Spring", Place(-31.273, 149.064)),
    "sutherland": ("Sutherland", Place(-32.379, 20.811)),
    "teide": ("Tenerife, Teide", Place(28.301, -16.510)),
    "wise": ("Wise", Place(30.596, 34.763)),
    "xinglong": ("Xinglong", Place(40.396, 117.577)),
}
