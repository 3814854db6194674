"""compose.yaml and Dockerfile: well-formed, hardened, and nothing in them that `make stack` does
not start as well."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.rehearsal import ELSEWHERE
from deploy.stack import stack
from deploy.stack.compose import image_environment, interpolate, nginx_configuration, services
from exoplanet_site.keys import COMPOSE_SECRETS, compose_secrets_create
from exoplanet_site.processes import WEB_COMMAND, WORKER_COMMAND, CannotStart
from tests.conftest import PROJECT
from tests.exoplanet_site.setup.test_docs import variables_documented

DOCUMENT: dict[str, Any] = yaml.safe_load((PROJECT / "compose.yaml").read_text())
DOCKERFILE = (PROJECT / "Dockerfile").read_text()
SITE = ("web", "worker-batches", "worker-training", "migrate")
BIN = Path(sys.executable).parent


def test_compose_file_follows_the_specification() -> None:
    command = [
        str(BIN / "check-jsonschema"),
        "--builtin-schema",
        "vendor.compose-spec",
        "compose.yaml",
    ]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_dockerfile_follows_the_linter() -> None:
    done = subprocess.run(
        [BIN / "hadolint", "Dockerfile"], cwd=PROJECT, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_stack_starts_every_service() -> None:
    assert set(stack.ORDER) == set(DOCUMENT["services"])
    order = stack.ORDER.index
    for name, service in services({}).items():
        assert all(order(before) < order(name) for before in service.after), (
            f"{name} comes too early"
        )
        assert service.health or name == "migrate", f"{name} has no health check"


def test_commands_are_those_of_the_site_everywhere() -> None:
    found = services({})
    assert tuple(found["web"].command[1:]) == WEB_COMMAND
    for worker in ("worker-batches", "worker-training"):
        assert tuple(found[worker].command[1:3]) == WORKER_COMMAND
    assert f"CMD {found['web'].command}".replace("'", '"') in DOCKERFILE


@pytest.mark.parametrize("name", ["web", "worker-batches", "worker-training"])
def test_what_hangs_in_a_container_is_ended_by_its_health_check_and_comes_back(name: str) -> None:
    """Engines restart what has ended, and only mark what is not healthy."""
    facts = DOCUMENT["services"][name]
    words = facts["healthcheck"]["test"]
    assert words[1:4] == ["python", "-m", "exoplanet_site.health"]
    failures = int(words[words.index("--end-after") + 1])
    assert failures > facts["healthcheck"]["retries"]
    assert facts["restart"] == "unless-stopped"
    assert facts["init"] is True, "a first process of a container takes no SIGKILL from inside"
    place = str(Path(facts["environment"]["MAIN_PROCESS"]).parent)
    assert place in facts["tmpfs"], "what is written there ends with the container"


def test_every_variable_is_one_that_the_site_reads() -> None:
    of_python_and_its_libraries = {
        "OMP_NUM_THREADS",
        "PYTHONUNBUFFERED",
        "PYTHONDONTWRITEBYTECODE",
        "MPLCONFIGDIR",
        "TMPDIR",
    }
    given = {name for service in SITE for name in services({})[service].environment} | set(
        image_environment()
    )
    assert len(given) > 15
    assert {
        name.removesuffix("_FILE") for name in given
    } - of_python_and_its_libraries <= variables_documented()


def test_what_a_person_may_set_is_documented() -> None:
    asked = set(re.findall(r"\$\{(\w+)", (PROJECT / "compose.yaml").read_text()))
    text = (PROJECT / "docs" / "deployment.md").read_text()
    assert asked
    assert {name for name in asked if f"`{name}`" not in text} == set()


@pytest.mark.parametrize("name", sorted(DOCUMENT["services"]))
def test_a_service_can_do_little_and_use_little(name: str) -> None:
    facts = DOCUMENT["services"][name]
    assert facts["read_only"] is True
    assert facts["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in facts["security_opt"]
    assert set(facts["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert facts.get("user") not in ("root", "0")
    assert name in SITE or facts["user"], "our own image names its user itself"
    assert "privileged" not in facts
    assert ("ports" in facts) == (name == "nginx")


def test_the_image_runs_as_nobody_special_and_holds_no_key() -> None:
    assert re.search(r"^USER 10001$", DOCKERFILE, re.MULTILINE)
    ignored = (PROJECT / ".dockerignore").read_text().splitlines()
    assert "*" in ignored, "what is not named stays outside"
    assert not [
        line for line in ignored if line.startswith("!") and re.search("secrets|data|env|git", line)
    ]


def test_the_image_is_rehearsed_and_keeps_the_bytecode_of_it() -> None:
    """Only what is copied into it can be run in it, and what is no module compiles nothing."""
    assert re.search(
        r"PYTHONDONTWRITEBYTECODE= .*?python -m deploy\.rehearsal", DOCKERFILE, re.DOTALL
    )
    assert "!deploy/rehearsal.py" in (PROJECT / ".dockerignore").read_text().splitlines()
    assert [name for name in ELSEWHERE if find_spec(name) is None] == []


def test_secrets_are_files_and_no_password_stands_in_an_environment() -> None:
    assert set(DOCUMENT["secrets"]) == set(COMPOSE_SECRETS)
    for name, service in services({}).items():
        for key, value in service.environment.items():
            secret = re.search("PASSWORD|SECRET|KEY", key)
            assert not secret or value.startswith("/run/secrets/"), (
                f"{name} has {key} in its environment"
            )


def test_secrets_are_made_once(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    compose_secrets_create(folder)
    made = {file.name: file.read_text() for file in folder.iterdir()}
    compose_secrets_create(folder)
    assert set(made) == set(COMPOSE_SECRETS)
    assert made == {file.name: file.read_text() for file in folder.iterdir()}
    assert len(set(made.values())) == len(made)
    assert folder.stat().st_mode & 0o77 == 0


def test_interpolation_is_that_of_compose() -> None:
    assert interpolate("${A:-x}/${B:-}/$$HOME", {"A": "", "B": "b"}) == "x/b/$HOME"
    assert interpolate("${A:-x}", {"A": "a"}) == "a"


def test_nothing_is_left_open_in_nginx_configuration() -> None:
    environment = services({})["nginx"].environment
    configuration = nginx_configuration(environment)
    assert "${" not in configuration
    given = set(
        re.findall(r"\$\{(\w+)\}", (PROJECT / "deploy" / "nginx.conf.template").read_text())
    )
    assert given == set(environment) - {"NGINX_ENVSUBST_OUTPUT_DIR"}


@pytest.mark.parametrize("port", ["eighty", "80", "70000"])
def test_a_stacks_port_must_be_a_port(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "STACK_PORT", port)
    with pytest.raises(CannotStart, match="STACK_PORT must be a number"):
        stack.stack_read()
