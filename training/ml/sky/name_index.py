"""Names of a catalogue, found by any spelling of them, and the nearest ones for a typing error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from training.ml.sky.names import is_planet_form, is_star_form, signal_name, star_name
from training.ml.sky.typed import Typed, name_key, tidy

NEAREST: Final = 5
MOST_ERRORS: Final = 2
"""Letters that a typing error adds, drops, changes or swaps; a name of up to five has one."""
_LONGEST: Final = 32  # characters of a key; longer ones are compared up to here


@dataclass(frozen=True)
class NameMatch:
    """``row``: whose name it is, as the index was told."""

    name: str
    row: int


class NameIndex:
    """n names and whose they are; several rows may share a name, and a row may have several."""

    def __init__(
        self,
        names: Sequence[str],
        rows: Sequence[int] | npt.NDArray[np.intp],
        keys: Sequence[str] | None = None,
    ) -> None:
        """Each (n,); ``keys`` are the names' ``name_key``, for those who keep them: making them
        takes a second for 100,000 names."""
        self._names = list(names)
        self._rows = np.asarray(rows, dtype=np.intp)
        self._keys = [name_key(name) for name in names] if keys is None else list(keys)
        self._places: dict[str, list[int]] = {}
        for place, key in enumerate(self._keys):
            self._places.setdefault(key, []).append(place)

    def __len__(self) -> int:
        return len(self._names)

    def find(self, typed: Typed) -> list[NameMatch]:
        """Who has one of the typed names, the likeliest first, each row once."""
        places = [place for key in typed.keys if key for place in self._places.get(key, ())]
        found = (NameMatch(self._names[place], int(self._rows[place])) for place in places)
        return list({match.row: match for match in reversed(list(found))}.values())[::-1]

    def like(self, text: str, n: int = NEAREST) -> list[NameMatch]:
        """The ``n`` nearest names at most, none with more than ``MOST_ERRORS`` errors, each row
        once; those with the same digits come first."""
        key = name_key(text)[:_LONGEST]
        if not key:
            return []
        allowed = MOST_ERRORS if len(key) > 5 else 1
        places, errors = self._letters.near(key, allowed)
        ranked = sorted(
            zip(errors.tolist(), places.tolist(), strict=True),
            key=lambda one: (one[0], *_unlikeness(key, self._keys[one[1]])),
        )
        matches = (NameMatch(self._names[p], int(self._rows[p])) for _, p in ranked)
        once: dict[int, NameMatch] = {}
        for match in matches:
            once.setdefault(match.row, match)
            if len(once) == n:
                break
        return list(once.values())

    @cached_property
    def _letters(self) -> _Letters:
        return _Letters(self._keys)


def _unlikeness(typed: str, key: str) -> tuple[bool, int, str]:
    """Fewer people mistype digits than letters; the longer the common beginning, the better."""
    other_digits = _digits(typed) != _digits(key)
    common = next((i for i, (a, b) in enumerate(zip(typed, key, strict=False)) if a != b), len(key))
    return other_digits, -common, key


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


class _Letters:
    """Keys as columns of letters, sorted by length: one step of a comparison is one operation on
    all of them."""

    def __init__(self, keys: Sequence[str]) -> None:
        encoded = np.array([key.encode("ascii", "replace")[:_LONGEST] for key in keys], dtype="S32")
        letters = encoded.view(np.uint8).reshape(len(keys), _LONGEST) if len(keys) else None
        lengths = np.char.str_len(encoded).astype(np.intp)
        self._order = np.argsort(lengths, kind="stable")
        self._lengths = lengths[self._order]
        table = np.empty((0, _LONGEST), dtype=np.uint8) if letters is None else letters[self._order]
        self._columns = np.ascontiguousarray(table.T)
        self._marks = _marks(table)

    def near(self, key: str, allowed: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """(places of keys, errors) of all keys with at most ``allowed`` errors."""
        word = np.frombuffer(key.encode("ascii", "replace"), dtype=np.uint8)
        low, high = np.searchsorted(
            self._lengths, [len(word) - allowed, len(word) + allowed + 1]
        ).tolist()
        other = np.bitwise_count(self._marks[low:high] ^ _marks(word[np.newaxis])[0])
        rows = low + np.flatnonzero(other <= 2 * allowed)  # one error changes two letters at most
        errors = _errors(word, self._columns[:, rows], self._lengths[rows], allowed)
        near = errors <= allowed
        return self._order[rows[near]], errors[near].astype(np.intp)


def _marks(letters: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """Per row of letters, one bit for each of them that occurs."""
    bits = np.where(letters > 0, np.uint64(1) << (letters % 64).astype(np.uint64), np.uint64(0))
    marks: npt.NDArray[np.uint64] = np.bitwise_or.reduce(bits, axis=1)
    return marks


def _errors(
    word: npt.NDArray[np.uint8],
    columns: npt.NDArray[np.uint8],
    lengths: npt.NDArray[np.intp],
    allowed: int,
) -> npt.NDArray[np.uint8]:
    """Errors between ``word`` (w,) and each of m keys, ``columns`` (letters, m), ``_FAR`` where
    they are more than ``allowed``: the optimal string alignment distance, letters added, dropped,
    changed, or two neighbours swapped (Damerau 1964, Commun. ACM 7, 171).

    Who is too far away already is left out on the way, and cells of the table that lie farther
    from its diagonal than ``allowed`` are not looked at.
    """
    errors = np.full(len(lengths), _FAR, dtype=np.uint8)
    rows = np.arange(len(lengths))
    before: _Cells = {}
    last: _Cells = {j: np.full(len(rows), j, dtype=np.uint8) for j in range(allowed + 1)}
    for i in range(len(word)):
        before, last = last, _step(word, i, columns, before, last, allowed)
        alive = np.minimum.reduce(list(last.values())) <= allowed
        if i % 3 == 2 and not alive.all():
            rows, columns = rows[alive], columns[:, alive]
            before, last = ({j: c[alive] for j, c in cells.items()} for cells in (before, last))
    for j, cells in last.items():
        ends = lengths[rows] == j
        errors[rows[ends]] = cells[ends]
    return errors


_Cells = dict[int, npt.NDArray[np.uint8]]
_FAR: Final = np.uint8(255)


def _step(
    word: npt.NDArray[np.uint8],
    i: int,
    columns: npt.NDArray[np.uint8],
    before: _Cells,
    last: _Cells,
    allowed: int,
) -> _Cells:
    """Errors between the first i + 1 letters of ``word`` and the first j of each key, by j."""
    letter, count = word[i], columns.shape[1]
    row: _Cells = {0: np.full(count, i + 1, dtype=np.uint8)} if i < allowed else {}
    for j in range(max(1, i + 1 - allowed), min(columns.shape[0], i + 1 + allowed) + 1):
        best = last[j - 1] + (columns[j - 1] != letter)
        for neighbour in (row.get(j - 1), last.get(j)):
            if neighbour is not None:
                np.minimum(best, neighbour + 1, out=best)
        if i and j > 1 and j - 2 in before:
            swapped = (columns[j - 1] == word[i - 1]) & (columns[j - 2] == letter)
            np.minimum(best, np.where(swapped, before[j - 2] + 1, _FAR), out=best)
        row[j] = best
    return row


def signal_aliases(signal: str, star: str = "", planet: str = "") -> tuple[str, ...]:
    """Under which names people look for a signal: its own, its planet's, and the signal's number
    behind the star's: TIC 150428135.02 for TOI-700.02 on TIC 150428135."""
    return tuple(dict.fromkeys(name for name in _of_signal(signal, star, planet) if name))


def _of_signal(signal: str, star: str, planet: str) -> Iterator[str]:
    own = signal_name(tidy(signal))
    yield own
    yield signal_name(tidy(planet))
    host, dot, number = own.rpartition(".")
    catalogue = star_name(tidy(star)) or ""
    if dot and host and number.isdigit() and is_star_form(catalogue):
        yield f"{catalogue}.{number}"


def star_aliases(signal: str, star: str = "", planet: str = "") -> tuple[str, ...]:
    """Under which names people look for the star of a signal: its own, that of its list (TOI-700,
    KOI-70), and its planet's without the letter (Kepler-20)."""
    return tuple(dict.fromkeys(name for name in _of_star(signal, star, planet) if name))


def _of_star(signal: str, star: str, planet: str) -> Iterator[str]:
    yield star_name(tidy(star)) or ""
    for name in (signal_name(tidy(signal)), signal_name(tidy(planet))):
        if is_planet_form(name) or _has_letter(name):
            yield name[:-2]
        host, dot, number = name.rpartition(".")
        if dot and number.isdigit():
            yield f"KOI-{int(host[1:])}" if host[:1] == "K" and host[1:].isdigit() else host


def _has_letter(name: str) -> bool:
    """Whether a planet's letter stands behind a name: HD 189733 b."""
    return len(name) > 2 and name[-2] == " " and name[-1].islower()
