"""The site's settings, for tests: a data folder of their own, and nothing slow where slowness is
the point."""

import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

# Before the settings are read, and over whatever the shell says: a test must never touch real data.
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="exoplanet-site-tests-")
os.environ["SECRET_KEY"] = "only-for-tests-" * 5
os.environ["ARTIFACT_SIGNING_KEY"] = "only-for-tests"
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # tests beside each other share the cores
for name in (
    "DEBUG",
    "HTTPS",
    "ALLOWED_HOSTS",
    "TRUSTED_PROXIES",
    "CSRF_TRUSTED_ORIGINS",
    "EMAIL_URL",
):
    os.environ.pop(name, None)
if os.environ.get(
    "REDIS_URL"
):  # processes that test side by side must not empty each other's cache
    number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    os.environ["REDIS_URL"] = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{number}").geturl()

from exoplanet_site.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher"
]  # a good hash is slow on purpose
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
WHITENOISE_AUTOREFRESH = True  # else each test's client looks at all static files when it begins
Path(STATIC_ROOT).mkdir(exist_ok=True)  # noqa: F405
SENDS_MAIL = True
RATES = {}  # a test that fuzzes asks more than a person may; tests of the limits set their own
