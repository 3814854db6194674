"""Parts of pages that know rooms of predictions."""
