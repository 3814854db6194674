"""The strongest contributions beside each row of a table, in one cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from predictions.tables import JOINT

if TYPE_CHECKING:
    import pandas as pd

    from training.ml.model import ExoplanetClassifier

COLUMN = "top_contributions"
MAX_CONTRIBUTIONS = 20


def top_contributions(classifier: ExoplanetClassifier, frame: pd.DataFrame, top: int) -> npt.NDArray[Any]:
    """Per signal, its ``top`` strongest contributions to the predicted disposition, as in "transit_depth +0.52|…".

    In units of the raw score, the strongest first. Costs about 5 ms per signal.
    """
    if not len(frame):
        return np.empty(0, dtype=object)
    names = np.array(classifier.columns, dtype=object)
    numbers = classifier.predict(frame).numbers
    spoken = classifier.contributions(frame)[np.arange(len(frame)), numbers, :-1]
    strongest = np.argsort(-np.abs(spoken), axis=1, kind="stable")[:, :top]
    texts = [
        JOINT.join(f"{name} {value:+.2f}" for name, value in zip(names[places], row[places], strict=True))
        for row, places in zip(spoken, strongest, strict=True)
    ]
    return np.array(texts, dtype=object)
