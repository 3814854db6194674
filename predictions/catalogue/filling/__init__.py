"""From the file of a dataset to signals, stars and what has changed."""
