"""What can be chosen about a training."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class Balance(StrEnum):
    """What is done about dispositions that are rarer than others."""

    SMOTE = "smote"
    WEIGHTS = "weights"
    NONE = "none"


@dataclass(frozen=True)
class Parameters:
    """Everything that can be chosen about a training; stored with the classifier."""

    balance: Balance = Balance.SMOTE
    masking: bool = True
    planet_rounds: int = 220
    rounds: int = 160
    full_rounds: int = 160
    open_rounds: int = 200
    open_seeds: int = 2
    foreign_rounds: int = 150
    learning_rate: float = 0.06
    leaves: int = 47
    min_leaf: int = 20
    feature_share: float = 0.4
    row_share: float = 0.8
    l2: float = 1.0

    def at_most(self, rounds: int) -> Parameters:
        """The same where no booster has more than ``rounds``. Only that of dispositions may have
        more than it usually has: there, validation stars say when to stop."""
        return replace(
            self,
            rounds=rounds,
            planet_rounds=min(self.planet_rounds, rounds),
            full_rounds=min(self.full_rounds, rounds),
            open_rounds=min(self.open_rounds, rounds),
            foreign_rounds=min(self.foreign_rounds, rounds),
        )


def booster_settings(parameters: Parameters) -> dict[str, Any]:
    """``parameters`` in LightGBM's words."""
    return {
        "learning_rate": parameters.learning_rate,
        "num_leaves": parameters.leaves,
        "min_child_samples": parameters.min_leaf,
        "lambda_l2": parameters.l2,
        "feature_fraction": parameters.feature_share,
        "bagging_fraction": parameters.row_share,
        "bagging_freq": 1,
        "max_bin": 127,
    }
