"""The site's one settings file, read from the environment.
docs/deployment.md lists every variable."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import django_stubs_ext
import environ

from exoplanet_site.keys import key_read_or_create
from exoplanet_site.monitoring.log_settings import logging_settings
from exoplanet_site.openapi_settings import OPENAPI
from exoplanet_site.places import FACE, PROJECT, data_folder
from exoplanet_site.sign_in_settings import PASSWORD_VALIDATORS, identity_providers

# Lets `ModelForm[Prediction]` and `ModelAdmin[ModelVersion]` be written where Django's own classes
# take no type yet.
django_stubs_ext.monkeypatch()

BASE_DIR = PROJECT
# Every variable may also be given as NAME_FILE, the path of a file that holds the value.
env = environ.FileAwareEnv()

# Everything that changes while the site runs lives below this one folder.
DATA_DIR = Path(env.str("DATA_DIR", default="") or data_folder()).expanduser().resolve()
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

# --- Keys -----------------------------------------------------------------------------------------

SECRET_KEY = env.str("SECRET_KEY", default="").strip() or key_read_or_create(
    DATA_DIR / "secret_key"
)
# A key of its own: who can sign a session must not be able to sign a classifier, which is code once
# it is unpickled.
ARTIFACT_SIGNING_KEY = env.str("ARTIFACT_SIGNING_KEY", default="").strip() or key_read_or_create(
    DATA_DIR / "artifact_signing_key"
)

# --- Who may ask ----------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Proxies before the site that add to X-Forwarded-For; 0: nobody's X-Forwarded-* is believed.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
# Off by default: over plain http, which `make run` speaks, a Secure cookie never comes back.
HTTPS = env.bool("HTTPS", default=False)

SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=365 * 24 * 3600) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
X_FRAME_OPTIONS = "DENY"
CONTENT_POLICY = (
    "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none';"
    " object-src 'none'"
)

# --- What the site is made of ---------------------------------------------------------------------

INSTALLED_APPS = [
    # before staticfiles: runserver then serves files as production does
    "whitenoise.runserver_nostatic",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "exoplanet_site.static_files.StaticFiles",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_q",
    "axes",
    "training",
    "predictions",
]
MIDDLEWARE = [
    "exoplanet_site.monitoring.logs.RequestLogMiddleware",
    "exoplanet_site.monitoring.middleware.OperationsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "exoplanet_site.content_policy.ContentPolicyMiddleware",
    "exoplanet_site.limits.middleware.LimitMiddleware",
    "axes.middleware.AxesMiddleware",  # last, as its documentation asks
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [FACE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
ROOT_URLCONF = "exoplanet_site.urls"
WSGI_APPLICATION = "exoplanet_site.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

# --- Data -----------------------------------------------------------------------------------------

DATABASES: dict[str, dict[str, Any]] = {
    "default": (
        env.db("DATABASE_URL")
        if env.str("DATABASE_URL", default="")
        else {"ENGINE": "django.db.backends.sqlite3", "NAME": DATA_DIR / "db.sqlite3"}
    )
}
# How many connections a web process may have open at once (see wsgi.py); every other process has
# one.
DATABASE_POOL = env.int("DATABASE_POOL", default=4)
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Web processes and workers write at once. Without these three, "database is locked" appears.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    # A connection is kept for ten minutes, and replaced if the database was away in the meantime.
    DATABASES["default"] |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    options = DATABASES["default"].setdefault("OPTIONS", {})
    options.setdefault("connect_timeout", 5)
    # A page is a dozen short queries: workers beside them take longer to start than they save.
    options.setdefault("options", "-c max_parallel_workers_per_gather=0")
    # Apart from the address, so that one file of a secret serves the database and the site.
    if password := env.str("DATABASE_PASSWORD", default="").strip():
        DATABASES["default"]["PASSWORD"] = password

MEDIA_ROOT = DATA_DIR / "media"
# Stops a file that is too large while it arrives; Django's own limits leave uploaded files out.
FILE_UPLOAD_HANDLERS = [
    "training.datasets.uploads.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
STATIC_URL = "static/"
# In an image the collected files are part of it, apart from what changes.
STATIC_ROOT = Path(env.str("STATIC_ROOT", default="") or DATA_DIR / "static")
STATICFILES_DIRS = [FACE / "static"]
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},  # below MEDIA_ROOT
    "staticfiles": {"BACKEND": "exoplanet_site.static_files.StaticFilesStorage"},
}
# Uploads, artifacts and results in an object store that every host reaches, instead of the folder
# of one.
if S3_BUCKET := env.str("S3_BUCKET", default="").strip():
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": env.str("S3_ENDPOINT_URL", default="") or None,
            "region_name": env.str("S3_REGION", default="") or None,
            # Without keys, those that the host itself has been given.
            "access_key": env.str("S3_ACCESS_KEY", default="").strip() or None,
            "secret_key": env.str("S3_SECRET_KEY", default="").strip() or None,
            "location": env.str("S3_PREFIX", default=""),
            "file_overwrite": False,  # two that store under one name keep a file each, as on a disk
        },
    }
WHITENOISE_USE_FINDERS = True  # serves what collectstatic has not collected yet
WHITENOISE_ALLOW_ALL_ORIGINS = False

REDIS_URL = env.str("REDIS_URL", default="").strip()
REDIS_PASSWORD = env.str("REDIS_PASSWORD", default="").strip()
CACHES: dict[str, dict[str, Any]] = {
    "default": (
        {
            "BACKEND": "exoplanet_site.limits.shared_cache.SharedCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {
                "socket_connect_timeout": 0.5,
                "socket_timeout": 1,
                **({"password": REDIS_PASSWORD} if REDIS_PASSWORD else {}),
            },
        }
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}

# Where tables are fetched from: the NASA Exoplanet Archive's TAP service, or a mirror that answers
# the same queries.
EXOPLANET_ARCHIVE_URL = env.str(
    "EXOPLANET_ARCHIVE_URL", default="https://exoplanetarchive.ipac.caltech.edu/TAP/sync"
)
# How often the catalogue asks it for newer tables by itself; 0: only when a person asks.
CATALOGUE_REFRESH_DAYS = env.int("CATALOGUE_REFRESH_DAYS", default=0)

# `migrate` leaves in service what processes of the release before can read.
KEEP_VERSION = env.bool("KEEP_VERSION", default=False)
# Where links in mail and feeds lead; without it, to where their person used the site last.
SITE_ADDRESS = env.str("SITE_ADDRESS", default="").strip()
# Webhooks by plain http, and into the site's own network: by everybody who has an account.
WEBHOOK_PRIVATE = env.bool("WEBHOOK_PRIVATE", default=False)

# --- Limits ---------------------------------------------------------------------------------------

BATCH_MAX_ROWS = env.int("BATCH_MAX_ROWS", default=1_000_000)
# `/predict_batch` answers at once up to here
BATCH_SYNC_ROWS = env.int("BATCH_SYNC_ROWS", default=1_000)
# several rows make a signal: gathered in memory
BATCH_MAX_K2_ROWS = env.int("BATCH_MAX_K2_ROWS", default=100_000)
BATCH_MAX_COLUMNS = env.int("BATCH_MAX_COLUMNS", default=2_000)
BATCH_MAX_FIELD = env.int("BATCH_MAX_FIELD", default=100_000)  # characters in one cell
# as uploaded, and again when unpacked
BATCH_MAX_BYTES = env.int("BATCH_MAX_BYTES", default=4 * 1024**3)
BATCH_TABLE_ROWS = env.int("BATCH_TABLE_ROWS", default=50_000)  # FITS is made in memory
BATCH_TABLE_CELLS = env.int("BATCH_TABLE_CELLS", default=4_000_000)
# of one search, all its light curves together, as uploaded
CURVE_MAX_BYTES = env.int("CURVE_MAX_BYTES", default=512 * 1024**2)
# a search that has ended is deleted with its files after so many days; predictions stay
CURVE_KEPT_DAYS = env.int("CURVE_KEPT_DAYS", default=90)
RETRAIN_MAX_ROWS = env.int("RETRAIN_MAX_ROWS", default=50_000)
DATASET_MAX_BYTES = env.int("DATASET_MAX_BYTES", default=200 * 1024**2)
DATASET_MAX_COLUMNS = env.int("DATASET_MAX_COLUMNS", default=500)

# --- Background work ------------------------------------------------------------------------------

# django-q2 hands a task out again after `retry` seconds, finished or not: `retry` must exceed
# `timeout`.
BATCH_TIMEOUT = 2 * 3600
TRAINING_TIMEOUT = 12 * 3600
CURVE_TIMEOUT = 3600
# After so many seconds of silence, a worker's part of a batch is given to another.
BATCH_SILENCE = env.int("BATCH_SILENCE", default=300)
BATCH_TASKS = env.int("BATCH_TASKS", default=8)  # how many workers may share one batch
# A training has a process of its own, which may use every core; web processes use one thread each.
TRAINING_THREADS = env.int("TRAINING_THREADS", default=os.cpu_count() or 1)
# Above 0 it stands back whenever a web process of the same machine wants to answer.
TRAINING_NICE = env.int("TRAINING_NICE", default=10)
# A training without progress for so long is ended: its steps take a minute or two, not an hour.
TRAINING_STALL_MINUTES = env.float("TRAINING_STALL_MINUTES", default=60)
Q_CLUSTER: dict[str, Any] = {
    "name": "exoplanet_site",
    "cluster_name": "batches",
    "orm": "default",
    "broker_class": "training.background.queues.QueueBroker",
    "workers": env.int("BATCH_WORKERS", default=1),
    "timeout": BATCH_TIMEOUT,
    "retry": BATCH_TIMEOUT + 600,
    "max_attempts": 1,
    "ack_failures": True,
    "poll": 1,
    # a schedule missed while the site was off runs once, not once per missed time
    "catch_up": False,
    "save_limit": 1000,
    "label": "Background tasks",
    # One training at a time on a worker host; `async_task(…, cluster="training")` sends a task
    # there.
    "ALT_CLUSTERS": {
        "training": {
            "workers": 1,
            "timeout": TRAINING_TIMEOUT,
            "retry": TRAINING_TIMEOUT + 600,
            "queue_limit": 1,
        },
        # Searches of light curves, beside the batches of the same worker.
        "curves": {
            "workers": env.int("CURVE_WORKERS", default=1),
            "timeout": CURVE_TIMEOUT,
            "retry": CURVE_TIMEOUT + 600,
            "queue_limit": 1,
        },
        "watching": {"workers": 1, "timeout": 600, "retry": 900, "queue_limit": 1},
    },
}

# --- Signing in -----------------------------------------------------------------------------------

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
AUTHENTICATION_BACKENDS = [
    "training.accounts.devices.AccountBackend",
    "django.contrib.auth.backends.ModelBackend",
]
# Who may open an account: nobody ("closed"), who has an administrator's link ("invitation"), or
# everybody ("open").
SIGN_UP = env.str("SIGN_UP", default="closed")
# Catalogue, figures and model card for everybody, to read; nothing else.
PUBLIC_CATALOGUE = env.bool("PUBLIC_CATALOGUE", default=False)
IDENTITY_PROVIDERS = identity_providers(env)
# Who comes from one for the first time: refused ("closed"), or an account, inactive ("approval") or
# a member's ("member").
IDENTITY_SIGN_UP = env.str("IDENTITY_SIGN_UP", default="closed")
# Whether people may set up codes of an app and passkeys, which are then asked for.
SECOND_FACTORS = env.bool("SECOND_FACTORS", default=False)
AUTH_PASSWORD_VALIDATORS = PASSWORD_VALIDATORS
# One person's failures from one address lock that pair only, so that nobody can lock a colleague
# out.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = env.int("SIGN_IN_FAILURES", default=5)
AXES_COOLOFF_TIME = timedelta(minutes=env.int("SIGN_IN_PAUSE_MINUTES", default=15))
AXES_RESET_ON_SUCCESS = True
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_CALLABLE = "exoplanet_site.errors.locked_out"
# Not ipware: behind one proxy it finds no address at all, or believes the one that the client has
# written itself.
AXES_CLIENT_IP_CALLABLE = "exoplanet_site.limits.addresses.client_address"
CSRF_FAILURE_VIEW = "exoplanet_site.errors.csrf_failure"

# As in smtp+tls://user:password@mail.example.org:587. Without it no mail is sent: printed, a link
# to a new password would stand in the log, for everybody who reads that.
SENDS_MAIL = bool(env.str("EMAIL_URL", default=""))
vars().update(env.email_url("EMAIL_URL", default="dummymail://"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="exoplanet-site@localhost")

# --- API ------------------------------------------------------------------------------------------

REST_FRAMEWORK: dict[str, Any] = {
    # The token first: its WWW-Authenticate header is what turns "not signed in" into 401 instead of
    # 403.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "training.accounts.authentication.SiteTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "training.accounts.authentication.TokenScope",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["predictions.rest.parsers.BoundedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["exoplanet_site.limits.rates.WorkThrottle"],
    "EXCEPTION_HANDLER": "exoplanet_site.errors.api_exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "NUM_PROXIES": TRUSTED_PROXIES,
}
KNOX_TOKEN_MODEL = "knox.AuthToken"  # noqa: S105 - a model's name; knox does without, a migration that refers to it does not
REST_KNOX = {"TOKEN_TTL": timedelta(days=30), "AUTO_REFRESH": False}
SPECTACULAR_SETTINGS = OPENAPI

# --- How much may be asked ------------------------------------------------------------------------

# By kind of work, for each token, user and address; without REDIS_URL each web process counts for
# itself.
RATES = {
    "classify": env.dict(
        "RATE_CLASSIFY",
        default={"token": "6000/minute", "user": "6000/minute", "address": "12000/minute"},
    ),
    "batch": env.dict(
        "RATE_BATCH", default={"token": "300/minute", "user": "300/minute", "address": "600/minute"}
    ),
    "train": env.dict(
        "RATE_TRAIN", default={"token": "30/hour", "user": "60/hour", "address": "120/hour"}
    ),
    # Whoever has used up what may be brought and trained can still go back.
    "decide": env.dict("RATE_DECIDE", default={"token": "60/hour", "user": "120/hour"}),
    "public": env.dict("RATE_PUBLIC", default={"address": "120/minute"}),
    "webhook": env.dict("RATE_WEBHOOK", default={"user": "60/hour"}),
    "mail": env.dict("RATE_MAIL", default={"address": "30/hour"}),
    "sign_in": env.dict("RATE_SIGN_IN", default={"address": "600/hour"}),
    "wrong_token": env.dict("RATE_WRONG_TOKEN", default={"address": "120/minute"}),
}
# While Redis is away nobody can be counted: let everybody through ("open"), or nobody ("closed").
LIMITS_WITHOUT_REDIS = env.str("LIMITS_WITHOUT_REDIS", default="open")

# --- Watching over it -----------------------------------------------------------------------------

# /metrics for Prometheus; whoever reaches the web processes can read it, and nginx lets nobody
# through to it.
METRICS = env.bool("METRICS", default=False)
# /readyz says that the site is not ready once the oldest task for batches has waited longer, or
# less disk is free.
READY_QUEUE_SECONDS = env.int("READY_QUEUE_SECONDS", default=600)
READY_DISK_MB = env.int("READY_DISK_MB", default=500)

# --- Log ------------------------------------------------------------------------------------------

LOGGING = logging_settings(
    env.str("LOG_FORMAT", default="line"), env.str("LOG_LEVEL", default="WARNING")
)
