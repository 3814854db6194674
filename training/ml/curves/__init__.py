"""From the light of a star to its transit signals: read, detrend, search, measure, hand over."""
