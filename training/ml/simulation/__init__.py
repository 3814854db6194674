"""Made-up signals, and how they are called."""

from typing import Final

MARK: Final = "Simulated "
"""Every name begins so: nobody takes one for that of a signal or star that exists."""
