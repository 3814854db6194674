"""How the OpenAPI document is made; read while the settings are, so it imports no Django."""

from __future__ import annotations

from typing import Any, Final

OPENAPI: Final[dict[str, Any]] = {
    "TITLE": "Exoplanet Site",
    "DESCRIPTION": "Classifies transit signals of Kepler, TESS and K2 and says why.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "PREPROCESSING_HOOKS": ["exoplanet_site.openapi.without_aliases"],
    "POSTPROCESSING_HOOKS": [
        "exoplanet_site.openapi.with_required_tables",
        "drf_spectacular.hooks.postprocess_schema_enums",
        "exoplanet_site.openapi.with_whole_sentences",
        "exoplanet_site.openapi.with_errors",
        "exoplanet_site.openapi.with_aliases",
    ],
    "SCHEMA_PATH_PREFIX": "/api/v1",  # so that operations are grouped by what they are about
    "ENUM_NAME_OVERRIDES": {
        "Disposition": "training.ml.schema.DISPOSITIONS",
        "DatasetStatus": "training.datasets.models.PUBLIC_STATUSES",
        "TrainingRunStatus": "training.models.TrainingRun.Status",
        "CurveSearchStatus": "predictions.models.CurveSearch.Status",
        "CurveFolderStatus": "predictions.models.CurveFolder.Status",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
