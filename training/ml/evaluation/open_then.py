"""What a classifier of an earlier day said about the signals that were open then, and what became
of them: facts that are shown, kept beside a classifier."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

CONFIRMED, OPEN, FALSE_POSITIVE, GONE = range(4)
"""Outcomes; the first three are positions in ``DISPOSITIONS``, the last one is of signals that the
newer table does not list any more."""
_ARRAYS: Final = ("score", "planet_sets", "outcome")


@dataclass(frozen=True, eq=False)
class OpenThen:
    """n signals of one mission that were open when a table was made.

    ``then`` and ``now``: what the older and the newer table call their day, as YYYY-MM or
    YYYY-MM-DD; ``names``: as catalogues name them, "" for every other name; ``score``: (n,), the
    probability of a planet by a classifier that knew nothing newer than ``then`` and not the
    signal's star; ``planet_sets``: (n, 2), its set over planet and false positive; ``outcome``:
    (n,), as numbered above.
    """

    mission: str
    then: str
    now: str
    names: tuple[str, ...]
    score: npt.NDArray[np.float32]
    planet_sets: npt.NDArray[np.bool_]
    outcome: npt.NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.score)


def pack_open(parts: Sequence[OpenThen]) -> bytes:
    """As a file that is read without running anything."""
    facts = [{"mission": part.mission, "then": part.then, "now": part.now} for part in parts]
    arrays = {"facts": _text(json.dumps(facts))}
    for at, part in enumerate(parts):
        arrays |= {f"{name}-{at}": getattr(part, name) for name in _ARRAYS}
        arrays[f"names-{at}"] = _text("\n".join(part.names))
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def unpack_open(content: bytes) -> tuple[OpenThen, ...]:
    """What ``pack_open`` wrote. Raises ``ValueError`` where it would have to unpickle something."""
    with np.load(io.BytesIO(content), allow_pickle=False) as found:
        facts = json.loads(found["facts"].tobytes())
        return tuple(
            OpenThen(
                **fact,
                names=tuple(found[f"names-{at}"].tobytes().decode().split("\n")),
                **{name: found[f"{name}-{at}"] for name in _ARRAYS},
            )
            for at, fact in enumerate(facts)
        )


def put_in(parts: Sequence[OpenThen], part: OpenThen) -> tuple[OpenThen, ...]:
    """``parts`` with ``part`` in place of its mission's."""
    return (*(kept for kept in parts if kept.mission != part.mission), part)


def _text(text: str) -> npt.NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)
