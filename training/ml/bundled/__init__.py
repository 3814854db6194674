"""The classifier that comes with the site: its bytes are the ones named here, or they are not used.

Made by ``manage.py train_model … --bundle`` from the tables that ``docs/model-card.md`` names.
"""

from typing import Final

BUNDLED_SHA256: Final = "2690949473ebab39cb547d308a20661238a79d6b22445264e93bd446770bf23c"
