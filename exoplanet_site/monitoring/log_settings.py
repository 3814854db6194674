"""Where the log goes and in which form; read while the settings are, so it imports no Django."""

from __future__ import annotations

from typing import Any


def logging_settings(form: str, level: str) -> dict[str, Any]:
    """For ``LOGGING``; ``form`` is "line" or "json"."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
            "json": {"()": "exoplanet_site.monitoring.logs.JSONFormatter"},
        },
        "handlers": {"terminal": {"class": "logging.StreamHandler", "formatter": form}},
        "root": {"handlers": ["terminal"], "level": level},
        "loggers": {
            "django": {"handlers": ["terminal"], "level": "WARNING", "propagate": False},
            # django-q2 would otherwise write lines of its own making.
            "django-q": {"handlers": ["terminal"], "level": level, "propagate": False},
        },
    }
