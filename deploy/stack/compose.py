"""compose.yaml, Dockerfile and nginx's template, read the way that containers' tools read them.

So `make stack` starts the very commands and environment that containers would get.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from exoplanet_site.places import PROJECT

_VARIABLE: Final = re.compile(r"\$\$|\$\{(\w+)(?::-([^}]*))?\}")


@dataclass(frozen=True)
class Service:
    name: str
    command: list[str]
    environment: dict[str, str]
    health: list[str]
    replicas: int
    stop_signal: str
    after: list[str] = field(default_factory=list)


def services(environment: Mapping[str, str]) -> dict[str, Service]:
    return {name: _service(name, facts) for name, facts in services_facts(environment).items()}


def services_facts(environment: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Those of compose.yaml, with its ${NAME:-default} filled in."""
    document = yaml.safe_load((PROJECT / "compose.yaml").read_text())
    found: dict[str, dict[str, Any]] = _filled(document["services"], environment)
    return found


def _service(name: str, facts: Mapping[str, Any]) -> Service:
    return Service(
        name=name,
        command=[str(word) for word in facts["command"]],
        environment={key: str(value) for key, value in facts.get("environment", {}).items()},
        health=[str(word) for word in facts.get("healthcheck", {}).get("test", ["CMD"])[1:]],
        replicas=int(facts.get("deploy", {}).get("replicas", 1)),
        stop_signal=facts.get("stop_signal", "SIGTERM"),
        after=list(facts.get("depends_on", {})),
    )


def _filled(value: Any, environment: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(part, environment) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, environment) for part in value]
    return interpolate(value, environment) if isinstance(value, str) else value


def interpolate(text: str, environment: Mapping[str, str]) -> str:
    """`${NAME:-default}`, where an empty value counts as none, and `$$` for one dollar."""
    return _VARIABLE.sub(
        lambda found: "$" if found[1] is None else environment.get(found[1]) or found[2] or "", text
    )


def image_environment() -> dict[str, str]:
    """The ENV of the image, without what belongs to its Python."""
    text = (PROJECT / "Dockerfile").read_text().replace("\\\n", " ")
    pairs = [
        pair.split("=", 1)
        for line in re.findall(r"^ENV (.+)$", text, re.MULTILINE)
        for pair in line.split()
    ]
    return {name: value for name, value in pairs if name != "PATH"}


def nginx_configuration(environment: Mapping[str, str]) -> str:
    """The template as nginx's image fills it in: only names in braces that the environment has."""
    template = (PROJECT / "deploy" / "nginx.conf.template").read_text()
    return re.sub(r"\$\{(\w+)\}", lambda found: environment.get(found[1], found[0]), template)
