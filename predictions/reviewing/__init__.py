"""Which signals people look at, what they say, and what is made of it."""
