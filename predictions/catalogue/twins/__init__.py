"""One planet that two missions list."""
