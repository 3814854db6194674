"""`python -m exoplanet_site.serve`: the whole site on one machine — web server and background
workers together.

`make run` starts it. It prepares the database and the files, prints the address, and stops
everything at Ctrl-C. Several machines use the same parts apart from each other: gunicorn,
`manage.py work`, `manage.py migrate`.
"""

from __future__ import annotations

import os
import socket
import subprocess  # nosec B404
import sys
import time
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final

from exoplanet_site.places import IS_INSTALLED, PROJECT
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
from exoplanet_site.requirements_check import lacks
from training.background.private_files import UMASK

HOST = os.environ.get("HOST") or "127.0.0.1"
PORT = os.environ.get("PORT") or "8000"

PROGRAM: Final = "exoplanet-site"
START_SECONDS = 60  # the web server must answer within this time


# --- Before the start -----------------------------------------------------------------------------


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


def check_host(host: str, environ: Mapping[str, str]) -> None:
    """The web server reads bodies on the threads that answer: a handful of slow senders, which a
    proxy keeps away, hold them all."""
    has_proxy = environ.get("TRUSTED_PROXIES", "0") not in ("", "0")
    if is_loopback(host) or has_proxy or environ.get("OPEN_HOST", "").lower() == "on":
        return
    raise CannotStart(
        f"HOST={host} opens the site to the network with no proxy before it, and a few slow senders"
        " could then hold it up for everybody. Put nginx before it (docs/deployment.md) and set"
        " TRUSTED_PROXIES, or set OPEN_HOST=on where you trust the whole network."
    )


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def prepare() -> tuple[str, str]:
    """Database and files, in a process of its own: what that loads is not kept while the site runs.
    Returns the first account's name, and its password where it is new."""
    command = [sys.executable, "-m", "exoplanet_site.prepare"]
    done = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)  # noqa: S603  # nosec B603  # our own command
    if done.returncode:
        raise CannotStart("The site could not be prepared; the lines above say why.")
    name, _, password = done.stdout.strip().partition(" ")
    return name, password


# --- The processes --------------------------------------------------------------------------------


def web_server(host: str, port: str) -> Part:
    return Part("web server", [sys.executable, *WEB_COMMAND], {"HOST": host, "PORT": port})


def wait_until_answering(web: Part, host: str, port: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if web.ended:
            raise CannotStart(
                "The web server ended while it was starting; the lines above say why."
            )
        try:
            with socket.create_connection((reachable(host), int(port)), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise CannotStart(f"The web server did not answer within {START_SECONDS} s.")


def reachable(host: str) -> str:
    """An address to visit: listening on 0.0.0.0 means on every one."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # nosec B104  # compared, not bound


def watch(web: Part, worker: Part) -> None:
    """Return never while all is well: the web server's end ends the site, a worker is started
    again."""
    while True:
        time.sleep(0.5)
        if web.ended:
            raise CannotStart("The web server has ended, so the site stops.")
        if worker.ended:
            restart(worker)


# --- All of it ------------------------------------------------------------------------------------


def print_welcome(account: str, password: str) -> None:
    host = reachable(HOST)
    say(f"\n  The Exoplanet Site is at http://{f'[{host}]' if ':' in host else host}:{PORT}")
    if password:
        say(f"  Sign in as “{account}” with the password {password} (shown only this once).")
    else:
        reset = f"{manage_words()} changepassword {account}"
        say(f"  Sign in with your account; to give “{account}” a new password: {reset}")
    say("  Ctrl-C stops it.\n")


def manage_words() -> str:
    """How a person calls Django's command line here."""
    return PROGRAM if IS_INSTALLED else f"{os.path.relpath(sys.executable)} manage.py"


def serve() -> None:
    check_host(HOST, os.environ)
    check_port(HOST, PORT)
    os.umask(UMASK)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exoplanet_site.settings")
    say("Preparing the database and the files …")
    account, password = prepare()
    web, worker = web_server(HOST, PORT), Part("worker", [sys.executable, *WORKER_COMMAND])
    parts = [web, worker]
    try:
        for part in parts:
            part.start()
        wait_until_answering(web, HOST, PORT)
        print_welcome(account, password)
        watch(web, worker)
    finally:
        stop(parts)


def main() -> int:
    """The program of an installed wheel: it serves the site, and with arguments is `manage.py`."""
    if len(sys.argv) > 1:
        # Only here: the process that watches the others stays small.
        from django.core.management import execute_from_command_line

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exoplanet_site.settings")
        execute_from_command_line([PROGRAM, *sys.argv[1:]])
        return 0
    if lacking := lacks():
        print("\n".join(lacking), file=sys.stderr)
        return 1
    return run_until_stopped(serve, "site")


if __name__ == "__main__":
    sys.exit(run_until_stopped(serve, "site"))
