"""The classifier that comes with the site: its bytes are the ones named here, or they are not used.

Made by ``manage.py train_model … --bundle`` from the tables that ``docs/model-card.md`` names.
"""

from typing import Final

BUNDLED_SHA256: Final = "863160aa410c1751805ef3c0643a65bc283e2f0ff75e20ebc97fe12fad10c0d0"
