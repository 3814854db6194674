"""What a classifier says about signals, and what it keeps of what it said while it had not seen
them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from training.ml.libraries import pandas as pd
from training.ml.schema import DISPOSITIONS, NUMERIC_NAMES, Disposition
from training.ml.signal_rows import CATEGORIES, TEXT_NAMES, Floats, SignalRows, category_numbers
from training.ml.sky.stars import near_any, sky_vectors

Booleans = npt.NDArray[np.bool_]
Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Predictions:
    """Answers for n signals; columns in the order of ``DISPOSITIONS``.

    Two questions, two numbers. What would the catalogue say today? ``probabilities``. Is it a
    planet? ``planet_score``, calibrated on signals that the catalogue has decided, and
    ``open_score``, for a signal that it has not decided yet.
    """

    probabilities: Floats  # (n, 3), each row summing to 1
    prediction_sets: Booleans  # (n, 3)
    raw_scores: Floats  # (n, 3), before calibration
    open_score: Floats  # (n,), the probability of a planet if the signal is open today
    planet_sets: Booleans  # (n, 2): planet, false positive; for a signal that is open today
    out_of_fold: Booleans  # (n,): learnt from with these inputs; answered by what had not seen it

    @classmethod
    def of_decided(cls, probabilities: Floats, sets: Booleans, raw: Floats) -> Predictions:
        """Answers of a classifier that learnt nothing of its own about open signals: their score is
        the one of decided signals, and their set leaves nothing out."""
        total = probabilities[:, 0] + probabilities[:, 2]
        score = np.divide(probabilities[:, 0], total, out=np.full(len(raw), 0.5), where=total > 0)
        whole, none = np.ones((len(raw), 2), dtype=bool), np.zeros(len(raw), dtype=bool)
        return cls(probabilities, sets, raw, score, whole, none)

    @property
    def planet_score(self) -> Floats:
        """P(CONFIRMED) / (P(CONFIRMED) + P(FALSE POSITIVE)), shape (n,); NaN where both are 0."""
        confirmed, false = self.probabilities[:, 0], self.probabilities[:, 2]
        total = confirmed + false
        scores: Floats = np.divide(
            confirmed, total, out=np.full(len(total), np.nan), where=total > 0
        )
        return scores

    @property
    def numbers(self) -> npt.NDArray[np.intp]:
        """The most probable disposition's position in ``DISPOSITIONS``, shape (n,)."""
        numbers: npt.NDArray[np.intp] = self.probabilities.argmax(axis=1)
        return numbers

    @property
    def dispositions(self) -> list[Disposition]:
        return [DISPOSITIONS[number] for number in self.numbers]

    def take(self, rows: npt.NDArray[np.intp]) -> Predictions:
        return Predictions(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def stack(parts: Sequence[Predictions]) -> Predictions:
    """All of them one after the other."""
    names = Predictions.__dataclass_fields__
    return Predictions(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))


KEPT: Final = ("probabilities", "prediction_sets", "open_score", "planet_sets")
"""What of ``Predictions`` is kept for signals that were held out."""


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What a version said about signals while it had not seen their stars: for comparing versions,
    and for answering a signal that the version has learnt from since.

    Keys are 64-bit hashes, so the artifact names no star. ``sky`` tells where the stars are,
    because a star is known by different numbers in different catalogues. What stands at None was
    not kept yet when the artifact was made.
    """

    signals: Hashes
    stars: Hashes
    probabilities: npt.NDArray[np.float32]  # (n, 3)
    truth: npt.NDArray[np.int8]
    missions: npt.NDArray[np.int8]
    # (n, 3) unit vectors, exact to 0.02 arcsec; NaN = unknown
    sky: npt.NDArray[np.float32] | None = None
    inputs: Hashes | None = None  # (n,) ``hash_inputs`` of what was answered
    prediction_sets: Booleans | None = None  # (n, 3)
    open_score: npt.NDArray[np.float32] | None = None  # (n,)
    planet_sets: Booleans | None = None  # (n, 2)

    def has_star(self, keys: pd.Series[str], ra: Floats, dec: Floats) -> Booleans:
        """Per signal, whether its star is one of these: by its key, or by a position within 5
        arcsec. NaN = unknown."""
        found: Booleans = _places_in(self, "stars", hash_keys(keys.fillna(""))) >= 0
        found &= keys.notna().to_numpy()
        others = np.flatnonzero(~found)
        if self.sky is not None and len(others):
            found[others] = near_any(sky_vectors(ra[others], dec[others]), self.sky)
        return found

    def learnt_as(self, signals: pd.Series[str]) -> npt.NDArray[np.int8]:
        """What each was when it was learnt from, by its place in ``DISPOSITIONS``; −1 where it was
        not. ``signals`` are keys of mission and listed name, as in "Kepler K00752.01"."""
        at = _places_in(self, "signals", hash_keys(signals))
        return np.where(at >= 0, self.truth[at], -1).astype(np.int8)

    def names_any(self, stars: Sequence[str], signals: Sequence[str]) -> bool:
        """Whether one of these keys is a star's, or a signal's, that was held out."""
        return any(
            (_places_in(self, name, np.array([*map(hash_key, keys)], dtype=np.uint64)) >= 0).any()
            for name, keys in (("stars", stars), ("signals", signals))
        )

    def put_into(self, answers: Predictions, rows: SignalRows) -> Predictions:
        """``answers`` to n signals, with those to signals that were held out with the very same
        inputs put in their place; every row on its own."""
        return self._put(answers, self._places(rows))

    def put_named(
        self, answers: Predictions, signals: pd.Series[str], stars: pd.Series[str]
    ) -> Predictions:
        """The same by name, whatever the inputs are today: ``signals`` are n keys of mission and
        listed name, as in "Kepler K00752.01", and ``stars`` the keys of their stars, which must be
        the same, too."""
        if self.prediction_sets is None:
            return answers
        at = _places_in(self, "signals", hash_keys(signals))
        return self._put(answers, np.where(self.stars[at] == hash_keys(stars), at, -1))

    def _put(self, answers: Predictions, at: npt.NDArray[np.intp]) -> Predictions:
        known = at >= 0
        if not known.any():
            return answers
        changed: dict[str, Any] = {"out_of_fold": known | answers.out_of_fold}
        for name in KEPT:
            changed[name] = getattr(answers, name).copy()
            changed[name][known] = getattr(self, name)[at[known]]
        return replace(answers, **changed)

    def _places(self, rows: SignalRows) -> npt.NDArray[np.intp]:
        """Where each row's inputs stand, shape (n,); −1 where nowhere."""
        if self.inputs is None or not len(self.inputs):
            return np.full(len(rows), -1)
        return _places_in(self, "inputs", hash_inputs(rows))


_SORTED: WeakKeyDictionary[HeldOut, dict[str, tuple[npt.NDArray[np.intp], Hashes]]] = (
    WeakKeyDictionary()
)


def _places_in(held_out: HeldOut, name: str, wanted: Hashes) -> npt.NDArray[np.intp]:
    """Where each of ``wanted``, shape (n,), stands among the hashes of that name; −1 where nowhere.

    They are sorted once: a single signal must not wait for the sorting of twenty thousand.
    """
    kept = _SORTED.setdefault(held_out, {})
    if name not in kept:
        hashes = np.asarray(getattr(held_out, name))
        order = np.argsort(hashes, kind="stable")
        kept[name] = order, hashes[order]
    order, hashes = kept[name]
    if not len(hashes):
        return np.full(len(wanted), -1)
    at = np.searchsorted(hashes, wanted).clip(max=len(hashes) - 1)
    return np.where(hashes[at] == wanted, order[at], -1)


def join(first: HeldOut, second: HeldOut) -> HeldOut:
    """Both one after the other; each must keep everything."""
    names = HeldOut.__dataclass_fields__
    return HeldOut(
        *(np.concatenate([getattr(first, name), getattr(second, name)]) for name in names)
    )


def hash_key(text: str) -> int:
    """64 bits of BLAKE2b: the same signal has the same key in every installation."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def hash_keys(texts: pd.Series[str]) -> Hashes:
    return np.fromiter((hash_key(text) for text in texts), dtype=np.uint64, count=len(texts))


def _odd(names: tuple[str, ...]) -> Hashes:
    return np.array([hash_key(name) | 1 for name in names], dtype=np.uint64)


_NUMBERS_BY: Final = _odd(NUMERIC_NAMES)
_TEXTS_BY: Final = _odd(TEXT_NAMES)


def hash_inputs(rows: SignalRows) -> Hashes:
    """64 bits per row, shape (n,), that are the same where every input is the same, bit for bit.

    Multiply-shift per input (Dietzfelbinger et al. 1997, Journal of Algorithms 25, 19), summed; a
    missing input counts nothing, so that an input that the schema learns later changes no hash.
    """
    missing = np.isnan(rows.numbers)
    words = np.ascontiguousarray(rows.numbers + 0.0).view(np.uint64)  # + 0.0: there is no minus 0
    words = words + _NUMBERS_BY  # a 0 that is given is not a gap
    words = (words ^ (words >> np.uint64(29))) * _NUMBERS_BY
    words = np.where(missing, np.uint64(0), words ^ (words >> np.uint64(32)))
    total: Hashes = words.sum(axis=1, dtype=np.uint64)  # whole numbers: the order is no matter
    for multiplier, name in zip(_TEXTS_BY, TEXT_NAMES, strict=True):
        codes = np.nan_to_num(category_numbers(rows[name], CATEGORIES[name]) + 1)
        total += codes.astype(np.uint64) * multiplier
    return total
