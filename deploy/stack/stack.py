"""`python -m deploy.stack.stack`: what compose.yaml has, on loopback and without containers.

PostgreSQL, Redis and nginx come from Debian's packages. Everything that changes lies in STACK_DIR:
the state of each part, its log (parts/NAME.log) and its number (parts/NAME.pid). A part that ends
is started again, unless there is a file hold/NAME, as after `docker compose stop NAME`.
"""

from __future__ import annotations

import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess  # nosec B404
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.stack.compose import Service, image_environment, nginx_configuration, services
from exoplanet_site.keys import compose_secrets_create
from exoplanet_site.places import PROJECT
from exoplanet_site.processes import CannotStart, Part, run_until_stopped, say, stop

STACK_DIR = os.environ.get("STACK_DIR") or str(PROJECT / "deploy" / "stack" / "data")
STACK_PORT = os.environ.get("STACK_PORT") or "8700"
STACK_SEPARATE = os.environ.get("STACK_SEPARATE") or "off"

START_SECONDS = 180
PAUSE_SECONDS = 1.0  # before a part that ended is started again
POSTGRESQL: Final = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
PATH: Final = ":".join(
    map(str, [*POSTGRESQL[-1:], "/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"])
)
EVERYWHERE = "0.0.0.0"  # noqa: S104  # nosec B104  # compared, never bound
TMP = "/tmp"  # noqa: S108  # nosec B108  # compared, never written to
ORDER: Final = ("postgres", "redis", "migrate", "web", "worker-batches", "worker-training", "nginx")


@dataclass(frozen=True)
class Stack:
    """Where things are: a folder, and consecutive ports of which nginx has the first."""

    folder: Path
    port: int
    separate: bool  # a data folder for each process, as on several hosts
    services: dict[str, Service]
    variables: dict[str, str]  # of the folder's site.env, as compose has one

    @property
    def web_ports(self) -> list[int]:
        return [self.port + 10 + number for number in range(self.services["web"].replicas)]

    @property
    def hold(self) -> Path:
        return self.folder / "hold"

    def data(self, name: str) -> Path:
        return self.folder / (f"{name}/data" if self.separate else "data")

    def on_loopback(self, text: str, name: str) -> str:
        """What a container finds at a name of its own, found here."""
        table = {
            "postgres:5432": f"127.0.0.1:{self.port + 1}",
            "redis:6379": f"127.0.0.1:{self.port + 2}",
            "--port 6379": f"--port {self.port + 2}",
            "-p 6379": f"-p {self.port + 2}",
            "127.0.0.1:8080": f"127.0.0.1:{self.port}",
            EVERYWHERE: "127.0.0.1",
            "/run/secrets": str(self.folder / "secrets"),
            "/site/collected": str(self.folder / "collected"),
            "/var/cache/nginx": str(self.folder / name / "cache"),
            "/etc/nginx/extra": str(PROJECT / "deploy" / "nginx"),
            "/data": str(self.data(name)),
            f"/var{TMP}": str(self.folder / name / "tmp"),
            TMP: str(self.folder / name / "tmp"),
        }
        return re.sub(
            rf"(?:{'|'.join(map(re.escape, table))})(?!\w)", lambda found: table[found[0]], text
        )

    def environment(self, service: Service, name: str, number: int) -> dict[str, str]:
        image = image_environment() | self.variables if service.command[0] == "python" else {}
        found = {
            key: self.on_loopback(value, name)
            for key, value in (image | service.environment).items()
        }
        return {"TMPDIR": str(self.folder / name / "tmp")} | found | self._own(service, number)

    def _own(self, service: Service, number: int) -> dict[str, str]:
        """What containers tell apart by address, and we by port."""
        if service.name == "web":
            return {"PORT": str(self.web_ports[number])}
        if service.name == "nginx":
            one = service.environment["WEB_SERVERS"]
            servers = [
                one.replace("web:8000 resolve", f"127.0.0.1:{port}") for port in self.web_ports
            ]
            listen = f"127.0.0.1:{self.port}"
            return {
                "WEB_SERVERS": " ".join(servers),
                "NGINX_LISTEN": listen,
                "NGINX_RESOLVER": "127.0.0.1",
            }
        return {}

    def command(self, words: list[str], name: str) -> list[str]:
        if words[:1] == ["pg_isready"]:
            return [word.replace("5432", str(self.port + 1)) for word in words]
        return [
            sys.executable if word == "python" else self.on_loopback(word, name) for word in words
        ]


def stack_read() -> Stack:
    if not STACK_PORT.isdecimal() or not 1024 <= int(STACK_PORT) < 65000:
        raise CannotStart(f"STACK_PORT must be a number from 1024 to 64999, not “{STACK_PORT}”.")
    folder = Path(STACK_DIR).resolve()
    file = folder / "site.env"
    lines = file.read_text().splitlines() if file.exists() else []
    variables = dict(
        line.split("=", 1) for line in lines if "=" in line and not line.startswith("#")
    )
    return Stack(
        folder, int(STACK_PORT), STACK_SEPARATE == "on", services(os.environ | variables), variables
    )


# --- Before the start -----------------------------------------------------------------------------


def check_programs() -> None:
    packages = {"postgres": "postgresql", "redis-server": "redis-server", "nginx": "nginx-light"}
    lacking = [
        package for program, package in packages.items() if not shutil.which(program, path=PATH)
    ]
    if lacking:
        raise CannotStart(
            f"The stack needs {', '.join(lacking)}. On Debian: apt-get install {' '.join(lacking)}"
        )


def prepare(stack: Stack) -> None:
    for name in ("parts", "hold", "postgres"):
        (stack.folder / name).mkdir(parents=True, exist_ok=True)
    compose_secrets_create(stack.folder / "secrets")
    if not (stack.folder / "postgres" / "data" / "PG_VERSION").exists():
        _initdb(stack)


def _initdb(stack: Stack) -> None:
    """A cluster whose superuser has a password that nobody knows: the site's own role is none, and
    owns its database and no more."""
    folder, service = stack.folder / "postgres", stack.services["postgres"].environment
    unknown = folder / "password"
    unknown.write_text(secrets.token_urlsafe(48))
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        shutil.chown(unknown, "postgres", "postgres")
    options = [*service["POSTGRES_INITDB_ARGS"].split(), "--username", "postgres"]
    # Its socket lies where other users of this machine may come, unlike a container's.
    options.append("--auth-local=scram-sha-256")
    made = call(
        as_postgres(["initdb", "--pgdata", f"{folder}/data", "--pwfile", str(unknown), *options]),
        cwd="/",
    )
    unknown.unlink()
    # One process, before there is a server: it asks for no password.
    alone = as_postgres(["postgres", "--single", "-D", f"{folder}/data", "postgres"])
    if not made.returncode:
        made = call(alone, cwd="/", typed=_role_sql(stack))
    if made.returncode or "ERROR" in made.stderr:
        shutil.rmtree(folder / "data", ignore_errors=True)
        raise CannotStart(
            f"PostgreSQL could not be prepared in {folder}; every folder above it must be open to"
            f" its user: {made.stderr[-500:]}"
        )


def _role_sql(stack: Stack) -> str:
    """A statement a line, as a single process takes them."""
    service = stack.services["postgres"].environment
    role, database = service["POSTGRES_USER"], service["POSTGRES_DB"]
    password = (stack.folder / "secrets" / "database_password").read_text().strip()
    quoted = password.replace("'", "''")
    return (
        f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD '{quoted}';\n"
        f"CREATE DATABASE {database} OWNER {role};\n"
    )


def as_postgres(command: list[str]) -> list[str]:
    """PostgreSQL refuses to be run by root."""
    if os.getuid() != 0:
        return command
    with suppress(KeyError):
        pwd.getpwnam("postgres")
        who = ["--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig=INT"]
        return ["/usr/bin/setpriv", *who, "--", *command]
    raise CannotStart(
        "There is no user “postgres”; install the package postgresql, or run this as another than"
        " root."
    )


def inherited() -> dict[str, str]:
    """Of our own environment only what a container has, too: nothing is shared by accident."""
    return {"PATH": PATH, "HOME": "/nonexistent", "LANG": "C.UTF-8"}


def call(
    command: list[str],
    environment: Mapping[str, str] | None = None,
    cwd: str = str(PROJECT),
    typed: str = "",
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # nosec B603  # our own commands
        command,
        env={**inherited(), **(environment or {})},
        cwd=cwd,
        input=typed,
        capture_output=True,
        text=True,
    )


# --- The parts ------------------------------------------------------------------------------------


def parts_of(stack: Stack, service: Service) -> Iterator[Part]:
    for number in range(service.replicas):
        name = (
            f"{service.name}-{number + 1}"
            if service.name.startswith(("web", "worker"))
            else service.name
        )
        for folder in ("tmp", "cache", "data"):
            (
                (stack.folder / name / folder).mkdir(parents=True, exist_ok=True)
                if name != "postgres"
                else None
            )
        yield Part(
            name=name,
            command=_command_of(stack, service, name),
            environment=stack.environment(service, name, number),
            stop_signal=signal.Signals[service.stop_signal],
            inherited=inherited(),
            folder=stack.folder / "parts",
        )


def _command_of(stack: Stack, service: Service, name: str) -> list[str]:
    command = stack.command(service.command, name)
    if name != "postgres":
        return command
    folder = stack.folder / "postgres"
    options = [
        "-D",
        f"{folder}/data",
        "-k",
        str(folder),
        "-p",
        str(stack.port + 1),
        "-c",
        "listen_addresses=127.0.0.1",
        "-c",
        "unix_socket_permissions=0700",
    ]
    return as_postgres([*command, *options])


def is_healthy(stack: Stack, part: Part, service: Service) -> bool:
    if part.ended or not service.health:
        return not part.ended
    command = stack.command(service.health, part.name)
    done = call(command, part.environment)
    return done.returncode == 0


def wait_until_healthy(stack: Stack, part: Part, service: Service) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_healthy(stack, part, service):
        if part.ended or time.monotonic() > deadline:
            log = (stack.folder / "parts" / f"{part.name}.log").read_text(errors="replace")
            raise CannotStart(f"The part {part.name} did not start:\n{log[-2000:]}")
        time.sleep(0.3)


def start_nginx(stack: Stack, part: Part) -> None:
    configuration = nginx_configuration(part.environment)
    (stack.folder / part.name / "tmp" / "nginx.conf").write_text(configuration)
    part.start()


def run_once(stack: Stack, words: list[str]) -> str:
    """One shot, in the environment of `migrate`."""
    service = stack.services["migrate"]
    (stack.folder / "migrate" / "tmp").mkdir(parents=True, exist_ok=True)
    command = stack.command(words, "migrate")
    done = call(command, stack.environment(service, "migrate", 0))
    if done.returncode:
        raise CannotStart(f"{' '.join(words)} failed:\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
    return done.stdout


def migrate(stack: Stack) -> str:
    """Database, collected files (which an image has already), and the first account. Returns what
    that prints."""
    run_once(stack, stack.services["migrate"].command)
    run_once(stack, ["python", "manage.py", "collectstatic", "--no-input"])
    return run_once(stack, ["python", "manage.py", "first_administrator"])


# --- All of it ------------------------------------------------------------------------------------


def start(stack: Stack, running: list[Part]) -> str:
    said = ""
    for name in ORDER:
        service = stack.services[name]
        if name == "migrate":
            said = migrate(stack)
            continue
        parts = list(parts_of(stack, service))
        for part in parts:
            running.append(part)
            start_nginx(stack, part) if name == "nginx" else part.start()
        for part in parts:
            wait_until_healthy(stack, part, service)
    return said


def watch(stack: Stack, parts: list[Part]) -> None:
    while True:
        time.sleep(PAUSE_SECONDS)
        for part in parts:
            if part.ended and not (stack.hold / part.name).exists():
                say(f"The part {part.name} has ended and is started again.")
                part.start()


def run() -> None:
    check_programs()
    stack = stack_read()
    prepare(stack)
    running: list[Part] = []
    try:
        said = start(stack, running)
        say(f"\n  The stack is at http://127.0.0.1:{stack.port}, its state in {stack.folder}")
        say(f"  {said.strip()}\n  Ctrl-C stops it.\n")
        watch(stack, running)
    finally:
        stop(running[::-1])


if __name__ == "__main__":
    sys.exit(run_until_stopped(run, "stack"))
