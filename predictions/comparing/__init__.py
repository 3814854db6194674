"""Two batches side by side."""
