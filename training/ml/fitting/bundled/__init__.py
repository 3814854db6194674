"""The classifier that comes with the site: its bytes are the ones named here, or they are not used.

Made by ``manage.py train_model … --bundle`` from the tables that ``docs/model-card.md`` names.
"""

from typing import Final

BUNDLED_SHA256: Final = "6148734b7d6fbb3679a2605fc2f445fd46c2660aab1f4caea1e43ac72afb575d"
