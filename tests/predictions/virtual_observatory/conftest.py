"""The catalogue of the tests of `predictions.catalogue`."""

from tests.predictions.catalogue.conftest import catalogue, fill, koi, nothing_kept

__all__ = ["catalogue", "fill", "koi", "nothing_kept"]
