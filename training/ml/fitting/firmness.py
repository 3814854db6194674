"""Are fragile verdicts less accurate? Measured out of fold: each of a sample of signals is drawn
anew within its stated uncertainties and answered by the boosters that never saw its star."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from training.ml.answering.steps import encoded_matrix
from training.ml.evaluation.shapes import FirmnessBin, FirmnessFigures
from training.ml.explanations.draws import FIRM, drawn_within, uncertain_inputs
from training.ml.schema import DISPOSITIONS
from training.ml.signal_rows import TEXT_NAMES, Floats, SignalRows

if TYPE_CHECKING:
    from imblearn.pipeline import Pipeline

    from training.ml.conditional import ConditionalAnswers
    from training.ml.fitting.cross_validation import OutOfFold
    from training.ml.fitting.training_set import Indices, TrainingSet

SIGNALS: Final = 3_000
"""At most so many are drawn anew: more would take as long as the folds themselves."""
DRAWS: Final = 50
EDGES: Final = (0.0, 0.5, 0.7, FIRM, 1.0)
"""Of the bins, in shares of draws that keep the verdict; the last bin is those that keep it in all
draws."""


@dataclass
class FirmnessProbe:
    """A sample of signals with their draws, scored fold by fold.

    ``rows``: (n,) positions in the training set; ``drawn``: DRAWS rows for each of them.
    """

    rows: Indices
    drawn: SignalRows
    raw: Floats  # (n * DRAWS, 3)

    @classmethod
    def of(cls, signals: TrainingSet, seed: int, most: int = SIGNALS) -> FirmnessProbe:
        own = SignalRows.of_frame(signals.frame)
        uncertain = [row for row in range(len(own)) if uncertain_inputs(own.numbers[row])]
        order = np.random.default_rng(seed).permutation(np.array(uncertain, dtype=np.intp))
        rows = np.sort(order[:most])
        parts = [drawn_within(own.numbers[row], DRAWS, int(row))[0] for row in rows]
        numbers = np.vstack([np.empty((0, own.numbers.shape[1])), *parts])
        texts = {name: np.repeat(own.texts[name][rows], DRAWS) for name in TEXT_NAMES}
        drawn = SignalRows(np.asfortranarray(numbers), texts)
        return cls(rows, drawn, np.zeros((len(drawn), len(DISPOSITIONS))))

    def score(self, pipeline: Pipeline, held: Indices) -> None:
        """By boosters that never saw the stars of the rows in ``held``."""
        own = np.flatnonzero(np.isin(self.rows, held))
        if not len(own):
            return
        at = (own[:, np.newaxis] * DRAWS + np.arange(DRAWS)).ravel()
        matrix, boosters = encoded_matrix(pipeline, self.drawn.take(at)), pipeline[-1]
        self.raw[at] = boosters.scores(matrix, threads=boosters.threads)

    def figures(
        self, signals: TrainingSet, out_of_fold: OutOfFold, answering: ConditionalAnswers
    ) -> FirmnessFigures:
        """Accuracy of the verdicts by how many of the draws keep them."""
        from training.ml.given import Regime

        own = out_of_fold.rows[Regime.ALL].take(self.rows)
        raw, log_odds = out_of_fold.raw[Regime.ALL], out_of_fold.open[Regime.ALL]
        said = answering.answer(raw[self.rows], log_odds[self.rows], own).numbers
        # A verdict does not need the boosters for open signals, a third of what scoring costs.
        unasked = np.zeros(len(self.drawn))
        drawn = answering.answer(self.raw, unasked, self.drawn).numbers.reshape(-1, DRAWS)
        kept = (drawn == said[:, np.newaxis]).mean(axis=1)
        return firmness_figures(kept, said == signals.truth[self.rows])


def firmness_figures(kept: Floats, right: npt.NDArray[np.bool_]) -> FirmnessFigures:
    """From the share of draws that keep each verdict, (n,), and whether it is right, (n,)."""
    bins = [_bin(right[(kept >= low) & (kept < high)], low, high) for low, high in pairwise(EDGES)]
    return {
        "draws": DRAWS,
        "signals": len(kept),
        "bins": [*bins, _bin(right[kept == 1], 1.0, 1.0)],
        "fragile": _bin(right[kept < FIRM], 0.0, FIRM),
        "firm": _bin(right[kept >= FIRM], FIRM, 1.0),
    }


def _bin(right: npt.NDArray[np.bool_], low: float, high: float) -> FirmnessBin:
    accuracy = float(right.mean()) if len(right) else None
    return {"lower": low, "upper": high, "signals": len(right), "accuracy": accuracy}
