"""The services of compose.yaml, started by podman as compose would start them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from deploy.stack.compose import services_facts
from exoplanet_site.keys import compose_secrets_create
from exoplanet_site.places import PROJECT

UNDERSTOOD: Final = {
    *("image", "build", "command", "depends_on", "deploy", "env_file", "environment"),
    *("healthcheck", "init", "networks", "ports", "read_only", "restart", "cap_drop", "secrets"),
    *("security_opt", "shm_size", "stop_grace_period", "stop_signal", "tmpfs", "user", "volumes"),
}
NETWORKS: Final = ("site", "data")
START_SECONDS: Final = 240


@dataclass
class Containers:
    """``folder`` holds the secrets and `podman`, a program with a storage of the trial's own."""

    folder: Path
    choices: dict[str, str]  # what a person would set beside compose.yaml
    variables: dict[str, str]  # of site.env
    gateways: dict[str, str] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, dict[str, Any]]:
        return services_facts(self.choices)

    def podman(self, *words: str, check: bool = True, seconds: float = 600) -> str:
        command = [str(self.folder / "podman"), *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds)
        if check and done.returncode:
            raise AssertionError(f"podman {' '.join(words)[:200]}: {done.stderr[-1500:]}")
        return done.stdout.strip()

    def prepare(self) -> None:
        compose_secrets_create(self.folder / "secrets")
        for name in NETWORKS:
            self.podman("network", "create", f"trial-{name}")
            (found,) = json.loads(self.podman("network", "inspect", f"trial-{name}"))
            self.gateways[name] = found["subnets"][0]["gateway"]

    def names(self, service: str) -> list[str]:
        replicas = int(self.facts[service].get("deploy", {}).get("replicas", 1))
        if not service.startswith(("web", "worker")):
            return [service]
        return [f"{service}-{number + 1}" for number in range(replicas)]

    def start(self, service: str) -> None:
        for name in self.names(service):
            words = self.words(service, name)
            self.podman("run", "--detach", "--name", name, *words, *self.command(service))

    def once(self, *command: str, volume: str = "") -> str:
        """`docker compose run --rm migrate …`."""
        more = ["--volume", volume] if volume else []
        words = self.words("migrate", "migrate", restart=False)
        return self.podman("run", "--rm", "--name", "migrate", *more, *words, *command)

    def command(self, service: str) -> list[str]:
        return [str(word) for word in self.facts[service]["command"]]

    def words(self, service: str, name: str, *, restart: bool = True) -> list[str]:
        """What stands between `podman run` and the command."""
        facts = self.facts[service]
        assert facts.keys() <= UNDERSTOOD, facts.keys() - UNDERSTOOD
        assert facts["read_only"] is True
        words = [
            "--read-only",
            "--read-only-tmpfs=false",
            *self._networks(facts, name),
            *self._volumes(facts),
        ]
        words += [f"--cap-drop={name}" for name in facts["cap_drop"]]
        # podman has the rule without the value.
        words += ["--security-opt=no-new-privileges"] * ("security_opt" in facts)
        words += ["--init"] * bool(facts.get("init"))
        words += [f"--user={facts.get('user')}"] * ("user" in facts)
        words += [f"--shm-size={facts.get('shm_size')}".replace("mb", "m")] * ("shm_size" in facts)
        words += [f"--stop-signal={facts.get('stop_signal')}"] * ("stop_signal" in facts)
        if restart and facts["restart"] != "no":
            words.append(f"--restart={facts['restart']}")
        limits = facts["deploy"]["resources"]["limits"]
        words += [f"--cpus={limits['cpus']}", f"--memory={limits['memory'].lower()}"]
        for port in facts.get("ports", ()):
            words.append(f"--publish=127.0.0.1:{port}")
        words += [f"--env={key}={value}" for key, value in self._environment(service).items()]
        image = facts["image"]
        return [*words, f"localhost/{image}:latest" if image == "exoplanet-site" else image]

    def _networks(self, facts: Mapping[str, Any], name: str) -> Iterator[str]:
        service = re.sub(r"-\d+$", "", name)
        for network in facts["networks"]:
            alias = "" if name == "migrate" else f":alias={service}"
            # Stays the same after a restart: nginx before 1.27.3 looks a name up once.
            number = 100 + int(name[-1]) if name.startswith("web-") else 0
            address = f",ip={self.gateways[network].rpartition('.')[0]}.{number}" if number else ""
            yield f"--network=trial-{network}{alias}{address}"

    def _volumes(self, facts: Mapping[str, Any]) -> Iterator[str]:
        # Owners of such file systems are Docker's alone: here they are open to all of a container.
        for place in facts.get("tmpfs", ()):
            yield f"--tmpfs={place.split(':')[0]}:notmpcopyup"
        for volume in facts.get("volumes", ()):
            here, _, rest = volume.partition(":")
            yield f"--volume={PROJECT / here if here.startswith('.') else 'trial-' + here}:{rest}"
        for secret in facts.get("secrets", ()):
            yield f"--volume={self.folder / 'secrets' / secret}:/run/secrets/{secret}:ro"

    def _environment(self, service: str) -> dict[str, str]:
        facts = self.facts[service]
        found = {key: str(value) for key, value in facts.get("environment", {}).items()}
        if "env_file" in facts:
            found = self.variables | found
        if service == "nginx":
            one = found["WEB_SERVERS"].replace(" resolve", "")
            servers = [one.replace("web:", f"{name}:") for name in self.names("web")]
            found |= {"WEB_SERVERS": " ".join(servers), "NGINX_RESOLVER": self.gateways["site"]}
        return found

    # --- Looking and breaking ---------------------------------------------------------------------

    def wait_until_healthy(self, services: Iterable[str]) -> None:
        for service in services:
            test = [str(word) for word in self.facts[service]["healthcheck"]["test"][1:]]
            for name in self.names(service):
                self._wait_for(name, test)

    def _wait_for(self, name: str, test: list[str]) -> None:
        deadline = time.monotonic() + START_SECONDS
        command = [str(self.folder / "podman"), "exec", name, *test]
        while subprocess.run(command, capture_output=True).returncode:
            if time.monotonic() > deadline:
                raise AssertionError(f"{name} is not healthy:\n{self.logs(name)}")
            time.sleep(1)

    def logs(self, name: str) -> str:
        command = [str(self.folder / "podman"), "logs", "--tail", "20", name]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.stdout[-3000:]

    def pid(self, name: str) -> int:
        return int(self.podman("inspect", "--format", "{{.State.Pid}}", name))

    def kill(self, name: str) -> int:
        """Its first process and with it all of it, as when the kernel needs its memory."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def processes(self, name: str) -> str:
        return self.podman("top", name, "args")

    def manage(self, *command: str) -> str:
        return self.podman("exec", self.names("web")[0], "python", "manage.py", *command)

    def python(self, code: str) -> str:
        return self.manage("shell", "-v0", "-c", code)

    def stop(self, services: Iterable[str]) -> None:
        for service in services:
            self.podman("stop", "--time", "60", *self.names(service))

    def start_again(self, services: Iterable[str]) -> None:
        for service in services:
            self.podman("start", *self.names(service))
        self.wait_until_healthy(services)
