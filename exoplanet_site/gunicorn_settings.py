"""gunicorn's settings wherever the site is served: `make run`, `make stack`, containers, systemd.

python -m gunicorn --config exoplanet_site/gunicorn_settings.py exoplanet_site.wsgi
"""

import gc
import os
import tempfile
from typing import Any

from training.background.main_process import main_process_name
from training.background.private_files import UMASK

_host = os.environ.get("HOST") or "127.0.0.1"
_port = os.environ.get("PORT") or "8000"

bind = f"[{_host}]:{_port}" if ":" in _host else f"{_host}:{_port}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_PROCESSES") or "2")
threads = int(os.environ.get("WEB_THREADS") or "4")
umask = UMASK
timeout = 120
graceful_timeout = 30  # a process that is told to stop answers what it has begun
loglevel = "warning"
# The processes share what is loaded before they are forked: Django and the site's own code. None of
# it starts threads or speaks to the database; LightGBM, which would hang in a forked child, comes
# with the first prediction of each.
preload_app = True
control_socket_disable = True  # it would lie in $HOME

_metrics = os.environ.get("METRICS", "").lower() in (
    "y",
    "yes",
    "on",
    "ok",
    "true",
    "1",
)  # as django-environ reads it
if _metrics:
    # Where the processes of this server put their counts together; the library reads the name as it
    # is imported.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="metrics-")


def when_ready(server: Any) -> None:
    """What was loaded stays as it is: the garbage collector would write to it, and each process
    would get a copy of its own."""
    main_process_name()
    gc.collect()
    gc.freeze()
    # An answer makes thousands of objects and hardly a cycle among them: looked through every 700,
    # as Python has it, they cost a twentieth of its time.
    gc.set_threshold(20_000)


def child_exit(server: Any, worker: Any) -> None:
    if _metrics:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)
