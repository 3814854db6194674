"""Which signals are most worth a person's look, and how far people agree about them."""
