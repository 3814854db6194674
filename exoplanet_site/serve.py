"""`python -m exoplanet_site.serve`: the whole site on one machine — web server and background workers together.

`make run` starts it. It prepares the database and the files, prints the address, and stops everything at Ctrl-C.
Several machines use the same parts apart from each other: gunicorn, `manage.py work`, `manage.py migrate`.
"""

from __future__ import annotations

import os
import socket
import sys
import time

import django
from django.core.management import call_command

from exoplanet_site.processes import (
    WEB_COMMAND,
    WORKER_COMMAND,
    CannotStart,
    Part,
    restart,
    run_until_stopped,
    say,
    stop,
)

HOST = os.environ.get("HOST") or "127.0.0.1"
PORT = os.environ.get("PORT") or "8000"

START_SECONDS = 60  # the web server must answer within this time


# --- Before the start ------------------------------------------------------------------------------------------------


def check_port(host: str, port: str) -> None:
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise CannotStart(f"PORT must be a number from 1 to 65535, not “{port}”.")
    try:
        with socket.create_server((host, int(port))):
            pass
    except OSError as error:
        raise CannotStart(
            f"The site cannot listen on {host}:{port} ({os.strerror(error.errno or 0)}). "
            f"Stop what is using it, or choose another: PORT={int(port) % 65535 + 1} make run"
        ) from error


def prepare() -> str | None:
    """Database, bundled classifier, static files, first account. Returns a new account's password."""
    from training.accounts.services import first_administrator_create
    from training.models import ModelVersion

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    if not ModelVersion.objects.filter(is_active=True).exists():
        say(
            "No model version is in service yet, so nothing can be classified; "
            "train one: manage.py train_model --kepler FILE --tess FILE --k2 FILE --activate"
        )
    return first_administrator_create()


# --- The processes ---------------------------------------------------------------------------------------------------


def web_server(host: str, port: str) -> Part:
    return Part("web server", [sys.executable, *WEB_COMMAND], {"HOST": host, "PORT": port})


def worker(queue: str) -> Part:
    return Part(f"worker for {queue}", [sys.executable, *WORKER_COMMAND], {"Q_CLUSTER_NAME": queue})


def wait_until_answering(web: Part, host: str, port: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if web.ended:
            raise CannotStart("The web server ended while it was starting; the lines above say why.")
        try:
            with socket.create_connection((reachable(host), int(port)), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise CannotStart(f"The web server did not answer within {START_SECONDS} s.")


def reachable(host: str) -> str:
    """An address to visit: listening on 0.0.0.0 means on every one."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # nosec B104  # compared, not bound


def watch(web: Part, workers: list[Part]) -> None:
    """Return never while all is well: the web server's end ends the site, a worker is started again."""
    while True:
        time.sleep(0.5)
        if web.ended:
            raise CannotStart("The web server has ended, so the site stops.")
        for part in workers:
            if part.ended:
                restart(part)


# --- All of it -------------------------------------------------------------------------------------------------------


def greet(password: str | None) -> None:
    from training.accounts.services import FIRST_ADMINISTRATOR

    host = reachable(HOST)
    say(f"\n  The Exoplanet Site is at http://{f'[{host}]' if ':' in host else host}:{PORT}")
    if password:
        say(f"  Sign in as “{FIRST_ADMINISTRATOR}” with the password {password} (shown only this once).")
    else:
        reset = f"{os.path.relpath(sys.executable)} manage.py changepassword {FIRST_ADMINISTRATOR}"
        say(f"  Sign in with your account; to give “{FIRST_ADMINISTRATOR}” a new password: {reset}")
    say("  Ctrl-C stops it.\n")


def serve() -> None:
    check_port(HOST, PORT)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exoplanet_site.settings")
    django.setup()
    say("Preparing the database and the files …")
    password = prepare()
    web, workers = web_server(HOST, PORT), [worker("batches"), worker("training")]
    parts = [web, *workers]
    try:
        for part in parts:
            part.start()
        wait_until_answering(web, HOST, PORT)
        greet(password)
        watch(web, workers)
    finally:
        stop(parts)


if __name__ == "__main__":
    sys.exit(run_until_stopped(serve, "site"))
