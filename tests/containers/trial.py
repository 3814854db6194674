"""`python -m tests.containers.trial`, which `deploy/try-containers.sh` calls when images are built.

Two web processes, two workers for batches and two for trainings, PostgreSQL, Redis and nginx, each
in a container as compose.yaml has it. What people do is done through nginx; one of each kind is
killed; a backup is taken and restored.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import requests

from tests.containers.podman import Containers

ORDER: Final = ("postgres", "redis", "migrate", "web", "worker-batches", "worker-training", "nginx")
SITE: Final = ("nginx", "web", "worker-batches", "worker-training")
ROWS: Final = 20_000  # four chunks
PEOPLE: Final = 4
WAIT: Final = 240.0
SIGNAL: Final = {
    "mission": "Kepler",
    "orbital_period": 9.488,
    "transit_duration": 2.9575,
    "transit_depth": 615.8,
    "stellar_teff": 5455,
    "stellar_radius": 0.927,
}
CHECK_SECONDS: Final = (
    "import resource, subprocess, sys;"
    " subprocess.run([sys.executable, 'manage.py', 'check'], check=True, capture_output=True);"
    " used = resource.getrusage(resource.RUSAGE_CHILDREN);"
    " print(round(used.ru_utime + used.ru_stime, 1))"
)
WITHOUT_BYTECODE: Final = (
    "import os, sys; import exoplanet_site.wsgi, exoplanet_site.urls;"
    " from django.core.checks import run_checks; run_checks();"
    " print(*(name for name, module in sys.modules.items()"
    " if (made := getattr(module, '__cached__', None)) and not os.path.exists(made)))"
)
ENDED: Final = ("succeeded", "failed", "cancelled", "SUCCEEDED", "FAILED", "CANCELLED")


def until(condition: Callable[[], Any], what: str, seconds: float = WAIT) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(requests.RequestException):
            if found := condition():
                return found
        time.sleep(0.5)
    raise AssertionError(f"after {seconds:.0f} s still not: {what}")


@contextmanager
def step(what: str) -> Iterator[None]:
    begun = time.monotonic()
    yield
    print(f"  ok  {what} ({time.monotonic() - begun:.0f} s)", flush=True)


@dataclass
class Trial:
    containers: Containers
    address: str
    token: str = ""
    statuses: list[int] = field(default_factory=list)

    # --- What people do ---------------------------------------------------------------------------

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Token {self.token}"}
        return requests.request(
            method, self.address + path, headers=headers, timeout=120, **options
        )

    def sign_in(self, password: str) -> requests.Session:
        person = requests.Session()
        page = person.get(f"{self.address}/accounts/login/", timeout=60)
        given = {"username": "admin", "password": password, "next": "/"}
        sent = self._form(person, page, "/accounts/login/", given)
        assert sent.url == f"{self.address}/", sent.url
        return person

    def classify(self, person: requests.Session) -> None:
        page = person.get(f"{self.address}/classify/", timeout=60)
        answer = self._form(person, page, "/classify/", {**SIGNAL, "identifier": "KOI-752.01"})
        assert "/predictions/" in answer.url, answer.url
        assert "KOI-752.01" in answer.text
        assert self.predict() == 200

    def _form(
        self, person: requests.Session, page: requests.Response, path: str, given: dict[str, Any]
    ) -> requests.Response:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        assert token, page.text[:300]
        data = {**given, "csrfmiddlewaretoken": token[1]}
        answer = person.post(self.address + path, data=data, timeout=120)
        assert answer.status_code == 200, answer.text[:500]
        return answer

    def predict(self) -> int:
        return self.ask("POST", "/predict", json=SIGNAL).status_code

    def send(self, table: str) -> str:
        answer = self.ask("POST", "/predict_batch", files={"file": ("koi.csv", table)})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def batch(self, key: str) -> dict[str, Any]:
        answer = self.ask("GET", f"/api/v1/batches/{key}")
        answer.raise_for_status()  # as while processes come back: `until` asks again
        found: dict[str, Any] = answer.json()
        return found

    def each_row_once(self, key: str) -> None:
        batch = until(lambda: (b := self.batch(key))["status"] in ENDED and b, "the batch ends")
        assert (batch["status"], batch["rows"]) == ("succeeded", ROWS), batch
        answer = self.ask("GET", f"/api/v1/batches/{key}/results/csv")
        rows = list(csv.reader(io.StringIO(answer.text)))
        assert len(rows) == len({tuple(row) for row in rows}) == ROWS + 1

    def dataset(self, table: str) -> int:
        answer = self.ask("POST", "/api/v1/datasets", files={"file": ("koi.csv", table)})
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    def train(self, dataset: int, rounds: int) -> int:
        choices = {"datasets": [dataset], "rounds": rounds}
        answer = self.ask("POST", "/api/v1/training-runs", json=choices)
        assert answer.status_code == 202, answer.text
        return int(answer.json()["id"])

    def training(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", f"/api/v1/training-runs/{number}").json()
        return found

    def trained(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = until(
            lambda: (r := self.training(number))["status"] in ENDED and r, "the training ends", 400
        )
        return found

    def plots(self, version: str) -> list[str]:
        """Those that SHAP has drawn of it, looked at."""
        found = self.containers.python(
            "from training.versions.models import ModelVersion as V;"
            "from training.versions.plots import plot_png, plots_of;"
            f"v = V.objects.get(name='{version}');"
            "print(*[p['key'] for p in plots_of(v) if plot_png(v, p['key'])[:4] == b'\\x89PNG'])"
        )
        return found.split()

    # --- What breaks ------------------------------------------------------------------------------

    @contextmanager
    def under_load(self) -> Iterator[None]:
        done = threading.Event()

        def person() -> None:
            while not done.is_set():
                try:
                    self.statuses.append(self.predict())
                except requests.RequestException:
                    self.statuses.append(0)

        self.statuses.clear()
        people = [threading.Thread(target=person) for _ in range(PEOPLE)]
        for thread in people:
            thread.start()
        try:
            until(lambda: len(self.statuses) >= 2 * PEOPLE, "people ask")
            yield
            begun = len(self.statuses)
            until(lambda: len(self.statuses) >= begun + 2 * PEOPLE, "people still ask")
        finally:
            done.set()
            for thread in people:
                thread.join()

    def kill(self, name: str) -> None:
        before = self.containers.kill(name)
        until(lambda: self.containers.pid(name) not in (0, before), f"{name} is started again")

    def ended_by_its_health_check(self, name: str, service: str) -> None:
        """At the first failure instead of the twentieth; what is stopped takes only the last."""
        facts = self.containers.facts[service]["healthcheck"]["test"][1:]
        words = [str(word) for word in facts]
        words[words.index("--end-after") + 1] = "1"
        before = self.containers.pid(name)

        def check_until_gone() -> bool:
            self.containers.podman("exec", name, *words, check=False)
            return self.containers.pid(name) != before

        until(check_until_gone, f"the health check ends {name}")
        until(lambda: self.containers.pid(name) not in (0, before), f"{name} is started again")

    def who_trains(self) -> str:
        def found() -> str:
            return next(
                (
                    name
                    for name in self.containers.names("worker-training")
                    if "training_run_execute" in self.containers.processes(name)
                ),
                "",
            )

        return str(until(found, "a worker trains"))


def tables() -> tuple[str, str]:
    """A long one to classify, a short one to learn from."""
    from training.ml.schema import Mission
    from training.ml.simulation.tables import simulate

    long, short = (simulate(Mission.KEPLER, rows, rows) for rows in (ROWS, 400))
    return long.to_csv(index=False), short.to_csv(index=False)


def drill(trial: Trial, long: str, short: str) -> None:
    containers = trial.containers
    with step("every service is healthy, by its own health check"):
        for service in ORDER:
            if service == "migrate":
                containers.once(*containers.command("migrate"))
                continue
            containers.start(service)
            containers.wait_until_healthy([service])
    with step("processes find the bytecode of all that they load"):
        # Not by `manage.py shell`, which no process of the site loads.
        seconds, lacking = (
            containers.podman("exec", "web-1", "python", "-c", code)
            for code in (CHECK_SECONDS, WITHOUT_BYTECODE)
        )
        print(f"  manage.py check takes {seconds} s of CPU", flush=True)
        assert lacking == "", lacking
    with step("the first account signs in, classifies and reads its answer"):
        said = containers.once("python", "manage.py", "first_administrator")
        password = re.search(r"password (\S+) ", said)
        assert password, said
        person = trial.sign_in(password[1])
        scopes = [word for scope in ("read", "classify", "train") for word in ("--scope", scope)]
        trial.token = containers.manage("create_token", "admin", *scopes).split()[-1]
        trial.classify(person)
        checks = trial.ask("GET", "/readyz").json()["checks"]
        assert set(checks.values()) == {"ok"}, checks
    with step(f"a batch of {ROWS:,} rows, one of two workers killed: every row once"):
        batch = trial.send(long)
        until(lambda: trial.batch(batch)["status"] == "running", "the batch runs")
        trial.kill("worker-batches-1")
        trial.each_row_once(batch)
    with step("a web process killed under load: only what it had begun fails"):
        with trial.under_load():
            trial.kill("web-1")
            containers.wait_until_healthy(["web"])
        failed = [status for status in trial.statuses if status != 200]
        assert len(failed) <= PEOPLE, failed
        assert set(failed) <= {0, 503}, failed
    with step("a web process and a worker that hang are ended by their health checks"):
        for name in ("worker-training-1", "web-2"):
            containers.podman("exec", name, "sh", "-c", "kill -STOP -1")
        trial.ended_by_its_health_check("web-2", "web")
        trial.ended_by_its_health_check("worker-training-1", "worker-training")
        containers.wait_until_healthy(["web", "worker-training"])
    with step("a worker killed amid a training: it fails with a reason, and no version is made"):
        dataset = trial.dataset(short)
        versions = trial.ask("GET", "/api/v1/model-versions").json()
        run = trial.train(dataset, 4000)
        until(lambda: trial.training(run)["status"] == "RUNNING", "the training runs")
        trial.kill(trial.who_trains())
        ended = trial.trained(run)
        assert (ended["status"], bool(ended["reason"])) == ("FAILED", True), ended
        assert trial.ask("GET", "/api/v1/model-versions").json() == versions
    with step("a training finishes, with its SHAP plots, and its version is put in service"):
        ended = trial.trained(trial.train(dataset, 20))
        assert ended["status"] == "SUCCEEDED", ended
        version = trial.ask("GET", "/api/v1/model-versions").json()[0]["name"]
        until(lambda: len(trial.plots(version)) >= 3, "its SHAP plots are drawn")
        body = {"reason": "a drill", "override": True}
        answer = trial.ask("POST", f"/api/v1/model-versions/{version}/activate", json=body)
        assert answer.status_code == 200, answer.text
        served = {
            trial.ask("POST", "/predict", json=SIGNAL).json()["model_version"] for _ in range(6)
        }
        assert served == {version}, served
    with step("a backup is restored: what came after it is gone, all else is there"):
        restored(trial, batch)


def restored(trial: Trial, batch: str) -> None:
    containers = trial.containers
    folder = containers.folder / "backups"
    folder.mkdir()
    os.chown(folder, 10001, 10001)
    volume = f"{folder}:/backups"
    containers.once("python", "manage.py", "backup", "/backups/one", volume=volume)
    containers.once("python", "manage.py", "restore", "--check", "/backups/one", volume=volume)
    make = "from django.contrib.auth.models import User; User.objects.create_user('later')"
    containers.python(make)
    containers.stop(SITE)
    containers.once("python", "manage.py", "restore", "--yes", "/backups/one", volume=volume)
    containers.once(*containers.command("migrate"))
    containers.start_again(reversed(SITE))
    names = "from django.contrib.auth.models import User; print(*User.objects.values_list("
    assert containers.python(f"{names}'username', flat=True))") == "admin"
    until(lambda: trial.predict() == 200, "signals are answered again")
    trial.each_row_once(batch)


def image_size(containers: Containers) -> None:
    """Of everything, and of what lies above its base image."""
    (site,) = json.loads(containers.podman("image", "inspect", "localhost/exoplanet-site"))
    bases = [i for i in json.loads(containers.podman("image", "ls", "--format", "json")) if i]
    (base,) = [i for i in bases if any("library/python:" in name for name in i.get("Names") or ())]
    size, own = float(site["Size"]), float(site["Size"]) - float(base["Size"])
    print(
        f"  the image has {size / 1e6:.0f} MB, {own / 1e6:.0f} of them above its base", flush=True
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def main() -> int:
    port = free_port()
    choices = {
        "SITE_PORT": str(port),
        "WEB_REPLICAS": "2",
        "BATCH_REPLICAS": "2",
        "TRAINING_REPLICAS": "2",
        "TRAINING_THREADS": "1",  # two of each training would mostly wait for each other
    }
    variables = {"BATCH_SILENCE": "5", "TRAINING_NICE": "0", "LOG_LEVEL": "INFO"}
    containers = Containers(Path(os.environ["TRIAL_DIR"]), choices, variables)
    try:
        image_size(containers)
        containers.prepare()
        drill(Trial(containers, f"http://127.0.0.1:{port}"), *tables())
    except (AssertionError, requests.RequestException) as error:
        print(f"  FAILED: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
