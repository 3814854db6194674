"""LightGBM's own library, asked without its Python package.

The package imports scikit-learn, SciPy and pandas, which cost seconds and 150 MB. Answers need its
C functions alone, which are its documented interface
(https://lightgbm.readthedocs.io/en/stable/C-API.html); a test holds both to the same bits.
"""

from __future__ import annotations

import ctypes
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final
from weakref import finalize

import numpy as np
import numpy.typing as npt

FLOAT64, ROW_MAJOR = 1, 1
NORMAL, RAW_SCORE, CONTRIBUTIONS = 0, 1, 3
ALL_ROUNDS = -1
_NAMES: Final = ("lib_lightgbm.so", "lib_lightgbm.dylib")


@cache
def library_path() -> Path | None:
    """Where the package keeps its library; None where it is built into somewhere else."""
    spec = find_spec("lightgbm")
    folders = [Path(folder) for folder in (spec and spec.submodule_search_locations) or ()]
    paths = (folder / "lib" / name for folder in folders for name in _NAMES)
    return next((path for path in paths if path.is_file()), None)


@cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(str(library_path()))
    library.LGBM_GetLastError.restype = ctypes.c_char_p
    return library


def _call(name: str, *arguments: Any) -> None:
    library = _library()
    if getattr(library, name)(*arguments):
        raise RuntimeError(f"LightGBM: {library.LGBM_GetLastError().decode()}")


class Booster:
    """What ``lightgbm.Booster`` answers, with its names."""

    def __init__(self, model_str: str) -> None:
        self.best_iteration = -1
        self._load(model_str)

    def __getstate__(self) -> dict[str, Any]:
        """As LightGBM's own class is stored, for a process of a cluster."""
        return {"best_iteration": self.best_iteration, "handle": self.model_to_string(ALL_ROUNDS)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.best_iteration = state["best_iteration"]
        self._load(state.get("_handle") or state["handle"])

    def _load(self, model: str) -> None:
        self._handle = ctypes.c_void_p()
        rounds = ctypes.byref(ctypes.c_int())
        _call("LGBM_BoosterLoadModelFromString", model.encode(), rounds, ctypes.byref(self._handle))
        self._classes = self._number("LGBM_BoosterGetNumClasses")
        # The end of the process frees what is left.
        finalize(self, _library().LGBM_BoosterFree, self._handle).atexit = False

    def predict(
        self,
        data: npt.NDArray[np.float64],
        *,
        raw_score: bool = False,
        pred_contrib: bool = False,
        num_iteration: int | None = None,
        num_threads: int = 1,
    ) -> npt.NDArray[np.float64]:
        """Of shape (n,) or (n, classes); contributions (n, columns + 1) per class."""
        rounds = self.best_iteration if num_iteration is None else num_iteration
        kind = CONTRIBUTIONS if pred_contrib else RAW_SCORE if raw_score else NORMAL
        values = np.ascontiguousarray(data, dtype=np.float64)
        width = values.shape[1] + 1 if pred_contrib else 1
        answers = np.empty(len(values) * self._classes * width)
        _call(
            "LGBM_BoosterPredictForMat",
            self._handle,
            values.ctypes,
            FLOAT64,
            *map(ctypes.c_int32, values.shape),
            ROW_MAJOR,
            kind,
            0,
            rounds,
            f"num_threads={num_threads}".encode(),
            ctypes.byref(ctypes.c_int64()),
            answers.ctypes,
        )
        several = pred_contrib or answers.size != len(values)
        return answers.reshape(len(values), -1) if several and len(values) else answers

    def current_iteration(self) -> int:
        return self._number("LGBM_BoosterGetCurrentIteration")

    def num_trees(self) -> int:
        return self._number("LGBM_BoosterNumberOfTotalModel")

    def _number(self, name: str) -> int:
        number = ctypes.c_int()
        _call(name, self._handle, ctypes.byref(number))
        return number.value

    def model_to_string(self, num_iteration: int | None = None) -> str:
        rounds = self.best_iteration if num_iteration is None else num_iteration
        length = self._write(rounds, ctypes.create_string_buffer(1))
        text = ctypes.create_string_buffer(length)
        self._write(rounds, text)
        return text.value.decode()

    def _write(self, rounds: int, text: ctypes.Array[ctypes.c_char]) -> int:
        """Write as much of the model as there is room for; how much there is."""
        length, room = ctypes.c_int64(), ctypes.c_int64(len(text))
        _call(
            "LGBM_BoosterSaveModelToString",
            self._handle,
            0,
            rounds,
            0,
            room,
            ctypes.byref(length),
            text,
        )
        return length.value
