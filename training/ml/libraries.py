"""pandas, PyArrow, SciPy and scikit-learn's metrics from their first use on.

A process that serves a page, or waits for work, needs none of them: imported at its start they
would cost it seconds and 150 MB.

    from training.ml.libraries import pandas as pd
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

__all__ = [
    "csgraph",
    "metrics",
    "pandas",
    "pyarrow",
    "pyarrow_compute",
    "pyarrow_parquet",
    "sparse",
    "spatial",
    "special",
]


class Library(ModuleType):
    """Stands for a module, and imports it when one of its names is asked for."""

    def __getattr__(self, name: str) -> Any:
        value = getattr(import_module(self.__name__), name)
        setattr(self, name, value)  # the next one who asks finds it without coming here
        return value


if TYPE_CHECKING:
    import pandas
    import pyarrow
    import pyarrow.compute as pyarrow_compute
    import pyarrow.parquet as pyarrow_parquet
    import scipy.sparse as sparse
    import scipy.spatial as spatial
    import scipy.special as special
    import sklearn.metrics as metrics
    from scipy.sparse import csgraph
else:
    pandas = Library("pandas")
    pyarrow = Library("pyarrow")
    pyarrow_compute = Library("pyarrow.compute")
    pyarrow_parquet = Library("pyarrow.parquet")
    sparse = Library("scipy.sparse")
    csgraph = Library("scipy.sparse.csgraph")
    spatial = Library("scipy.spatial")
    special = Library("scipy.special")
    metrics = Library("sklearn.metrics")
