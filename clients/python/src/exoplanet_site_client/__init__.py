"""Exoplanet Site from Python: signals, tables, versions."""

from exoplanet_site_client.batches import Batch, Progress
from exoplanet_site_client.errors import SiteError
from exoplanet_site_client.site import ExoplanetSite
from exoplanet_site_client.verdicts import Verdict

__all__ = ["Batch", "ExoplanetSite", "Progress", "SiteError", "Verdict"]
