"""Finding again what one has classified: labels, saved views, deleting."""
