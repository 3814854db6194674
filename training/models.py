"""What training leaves behind, each model in its room. Django looks for models here.

Prediction reads them: the active `ModelVersion` is how training changes prediction.
"""

from training.accounts.models import Invitation, TokenGrant
from training.datasets.mappings import SavedMapping
from training.datasets.models import Dataset
from training.identities.models import ExternalIdentity
from training.runs.models import TrainingRun
from training.second_factors.models import Passkey, RecoveryCode, SecondFactor
from training.versions.models import Activation, InputCount, ModelVersion, StoredComparison

__all__ = [
    "Activation",
    "Dataset",
    "ExternalIdentity",
    "InputCount",
    "Invitation",
    "ModelVersion",
    "Passkey",
    "RecoveryCode",
    "SavedMapping",
    "SecondFactor",
    "StoredComparison",
    "TokenGrant",
    "TrainingRun",
]
