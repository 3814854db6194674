"""The classifier that comes with the site: its bytes are the ones named here, or they are not used.

Made by ``manage.py train_model … --bundle`` from the tables that ``docs/model-card.md`` names.
"""

from typing import Final

BUNDLED_SHA256: Final = "cf665f3820a79bc0cdba33ae0924eb696fc3df261ed020944e5952c3ae367d04"
