"""Which rows of a batch a person keeps, rejects or notes something about."""
