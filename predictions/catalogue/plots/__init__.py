"""Drawings of the catalogue, worked out: templates draw them."""
