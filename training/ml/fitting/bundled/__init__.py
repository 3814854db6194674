"""The classifier that comes with the site: its bytes are the ones named here, or they are not used.

Made by ``manage.py train_model … --bundle`` from the tables that ``docs/model-card.md`` names.
"""

from typing import Final

BUNDLED_SHA256: Final = "39764fc53dc84221939d0b4e38e3f69e3f7e247f9eb9aadf22a39ba0d902c7e3"
