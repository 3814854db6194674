"""Lists of signals that are no mission's."""
