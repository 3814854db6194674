"""Exoplanet Site from Python: signals, tables, light curves, the catalogue, versions."""

from exoplanet_site_client.batches import Batch, Progress
from exoplanet_site_client.catalogue import (
    Catalogue,
    CatalogueSignal,
    CatalogueStar,
    Found,
    PagesRead,
)
from exoplanet_site_client.curves import CurveFolder, CurveProgress, CurveSearch
from exoplanet_site_client.errors import SiteError
from exoplanet_site_client.site import ExoplanetSite
from exoplanet_site_client.verdicts import Verdict

__all__ = [
    "Batch",
    "Catalogue",
    "CatalogueSignal",
    "CatalogueStar",
    "CurveFolder",
    "CurveProgress",
    "CurveSearch",
    "ExoplanetSite",
    "Found",
    "PagesRead",
    "Progress",
    "SiteError",
    "Verdict",
]
