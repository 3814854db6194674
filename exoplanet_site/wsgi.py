"""The web process. It answers on one thread per request, so OpenMP must not start threads of its
own."""

import os
from importlib import import_module

# Before numpy and lightgbm are imported. With two threads a single answer costs 15 ms instead of
# 0.06 ms when the machine is busy (OpenMP's barrier), and a forked child of a process that used
# more than one of them hangs.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exoplanet_site.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from exoplanet_site.pool import pool_connections

# Here and nowhere else: in the workers, which fork, the pool's connections are shared by accident
# and break.
pool_connections(settings.DATABASES["default"], settings.DATABASE_POOL)

application = get_wsgi_application()

# Django loads the addresses with the first request: here once, before the web processes are forked.
import_module(settings.ROOT_URLCONF)
