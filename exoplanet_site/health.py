"""`python -m exoplanet_site.health`: whether the web server of this host or container answers, for
health checks."""

from __future__ import annotations

import http.client
import os
import sys


def answers(port: int, path: str = "/livez") -> bool:
    """Any answer that is not an error of the site's own: a host that is not allowed here says
    nothing about health."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=8)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not answers(int(os.environ.get("PORT") or "8000")))
